import { printError } from "./print.ts";

/**
 * Milliseconds in which signals are one press: `deno task` hands some on twice, and a terminal sends
 * its own besides.
 */
const ONE_PRESS = 400;

/**
 * Aborts on Ctrl-C, so that a run ends cleanly; a second Ctrl-C ends the process at once.
 *
 * @param onSecond Called before the process ends.
 * @returns Gives Ctrl-C back.
 */
export function stopOnInterrupt(stop: AbortController, onSecond: () => void): () => void {
  let pressed = -Infinity;
  const listener = () => {
    const now = performance.now();
    if (now - pressed < ONE_PRESS) return;
    pressed = now;
    if (stop.signal.aborted) {
      onSecond();
      Deno.exit(130);
    }
    stop.abort();
    printError("\nStopping after this iteration; press Ctrl-C again to end at once.");
  };
  Deno.addSignalListener("SIGINT", listener);
  return () => Deno.removeSignalListener("SIGINT", listener);
}
