/** The threads that compute beside the one that asks: see assembly/lanes.ts for how they meet. */
import { TandemError } from "@tandem/core";
import { besideModule, startThread, type Thread } from "../threads/thread.ts";
import { endLanes, type FromLane, PLACE, type ToLane, WORDS } from "./lane_protocol.ts";

/** What threads need to know. */
export interface LaneOptions {
  /** Shared, with room for {@linkcode WORDS} at {@linkcode PLACE}. */
  readonly memory: WebAssembly.Memory;
  readonly relaxed: boolean;
  /** This thread included. */
  readonly threads: number;
}

/** Milliseconds after which a thread that does not come is given up. */
const PATIENCE = 60_000;

/** Starts the threads; they are ready when the promise is fulfilled. */
export async function openLanes(options: LaneOptions): Promise<Lanes> {
  const lanes = new Lanes(options);
  try {
    await lanes.ready;
  } catch (error) {
    lanes.dispose();
    throw error;
  }
  return lanes;
}

/** Threads that wait for calls. */
export class Lanes {
  readonly count: number;
  readonly ready: Promise<unknown>;
  readonly #words: Int32Array;
  readonly #threads: readonly Thread[];

  constructor({ memory, relaxed, threads }: LaneOptions) {
    this.count = threads;
    this.#words = new Int32Array(memory.buffer, PLACE, 9);
    this.#words[WORDS.patience] = PATIENCE;
    const started = Array.from({ length: threads - 1 }, (_, k) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const thread = startThread<FromLane>(besideModule("lane_worker", import.meta.url), {
        onMessage: ({ ready }) => ready ? resolve() : reject(broken()),
        onBreak: (why) => reject(broken(why)),
      });
      thread.postMessage({ memory, relaxed, lane: k + 1, lanes: threads } satisfies ToLane);
      return { thread, ready: promise };
    });
    this.#threads = started.map(({ thread }) => thread);
    this.ready = Promise.all(started.map(({ ready }) => ready));
  }

  /** Calls all lanes. @throws TandemError E_STAGE where one breaks or does not come. */
  lead(call: (words: number, lanes: number) => void): void {
    try {
      call(PLACE, this.count);
    } catch (cause) {
      endLanes(this.#words);
      throw broken("", cause);
    }
  }

  /** Ends the threads. */
  dispose(): void {
    endLanes(this.#words);
    for (const thread of this.#threads) thread.terminate();
  }
}

function broken(why = "", cause?: unknown): TandemError {
  return new TandemError(
    "E_STAGE",
    `A thread of the student's "fused" runtime broke or stands still${why && `: ${why}`}; ` +
      "student.threads=1 does without.",
    { cause },
  );
}
