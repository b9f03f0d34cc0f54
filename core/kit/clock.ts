/** Time, which a run lends its stages, so that it can be simulated. */

/** A source of time, so that a run can be simulated. */
export interface Clock {
  /** Milliseconds since a fixed moment; never goes back. */
  now(): number;
  /**
   * Waits so many milliseconds, or until the signal is aborted; never rejects. After 0 milliseconds
   * timers and workers have had their turn, and signals in time.
   */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own time. */
export const systemClock: Clock = {
  // deno-lint-ignore tandem/hidden-input
  now: () => performance.now(), // the one place where time comes in
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (milliseconds === 0) return void nextTurn(resolve);
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      if (signal?.aborted) done();
      else signal?.addEventListener("abort", done);
    }),
};

/**
 * Calls back after one turn of the event loop; a timer of 0 takes a millisecond or more. Browsers lack
 * `setImmediate`, and a message to oneself comes as soon there.
 */
function nextTurn(then: () => void): void {
  const { setImmediate } = globalThis as { setImmediate?: (then: () => void) => void };
  if (setImmediate) return setImmediate(then);
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    then();
  };
  port2.postMessage(undefined);
}
