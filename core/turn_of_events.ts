/**
 * Lets timers, signals and workers have their turn: stages that never wait would starve them, and
 * Ctrl-C would not be heard.
 */
export function turnOfEvents(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
