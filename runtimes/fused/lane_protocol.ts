/** What the threads say to each other, and where in their memory they meet. */

/** Address of the words at which lanes meet. */
export const PLACE = 64;
/** Which word is which. */
export const WORDS = { calls: 0, meetings: 2, ended: 4, patience: 8 } as const;

/** What a thread is told. */
export interface ToLane {
  readonly memory: WebAssembly.Memory;
  readonly relaxed: boolean;
  readonly lane: number;
  readonly lanes: number;
}

/** What it answers. */
export interface FromLane {
  readonly ready: boolean;
}

/** Wakes all lanes and tells them that it is over. */
export function endLanes(words: Int32Array): void {
  Atomics.store(words, WORDS.ended, 1);
  for (const word of [WORDS.calls, WORDS.meetings]) {
    Atomics.add(words, word, 1);
    Atomics.notify(words, word);
  }
}
