/** The threads that compute beside the one that asks: see assembly/lanes.ts for how they meet. */
import { TandemError } from "@tandem/core";
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
  readonly #workers: readonly Worker[];

  constructor({ memory, relaxed, threads }: LaneOptions) {
    this.count = threads;
    this.#words = new Int32Array(memory.buffer, PLACE, 9);
    this.#words[WORDS.patience] = PATIENCE;
    const url = new URL("./lane_worker.ts", import.meta.url);
    this.#workers = Array.from({ length: threads - 1 }, () => new Worker(url, { type: "module" }));
    this.ready = Promise.all(this.#workers.map((worker, k) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      worker.onmessage = ({ data }: MessageEvent<FromLane>) =>
        data.ready ? resolve() : reject(broken());
      worker.onerror = (event) => {
        event.preventDefault();
        reject(broken(event.message));
      };
      worker.postMessage({ memory, relaxed, lane: k + 1, lanes: threads } satisfies ToLane);
      return promise;
    }));
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
    for (const worker of this.#workers) worker.terminate();
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
