/** When a run takes checkpoints, and what is noted beside them. */
import type { Checkpoint, CheckpointKeeper } from "@tandem/core";
import type { CheckpointStore } from "./checkpoint_store.ts";
import { diskError } from "./disk.ts";

/** Checkpoints are taken so seldom that they take at most this share of a run's time. */
const MOST_TIME = 0.02;

/** What {@linkcode RunCheckpoints} takes. */
export interface RunCheckpointsOptions {
  readonly store: Pick<CheckpointStore, "keep">;
  /** SHA-256 of what the run was started with. */
  readonly run: string;
  /** Iterations between checkpoints; undefined for as often as they cost little. */
  readonly every?: number;
  /** Seconds that the run took before this process. */
  readonly secondsBefore: number;
  /** Brings all events onto the disk and gives their bytes. */
  syncEvents(): number;
  /** Told where one cannot be written: the run goes on. */
  warn(sentence: string): void;
  /** Milliseconds since any moment. */
  now(): number;
}

/** Keeps a run's checkpoints. */
export class RunCheckpoints implements CheckpointKeeper {
  readonly #begun: number;
  /** When the last one was done, and how long it took. */
  #last = -Infinity;
  #took = 0;
  /** When one was found to be due. */
  #asked: number | undefined;

  constructor(private readonly options: RunCheckpointsOptions) {
    this.#begun = options.now();
  }

  /** Seconds that the run has taken. */
  get seconds(): number {
    const { now, secondsBefore } = this.options;
    return secondsBefore + Math.max(0, now() - this.#begun) / 1000;
  }

  isDue(iteration: number, measured: boolean): boolean {
    const { every, now } = this.options;
    const passed = now() - this.#last;
    // A clock that has stepped back tells nothing.
    const isCheap = measured || passed < 0 || passed >= this.#took / MOST_TIME;
    // What was measured may be the best so far, which is kept.
    const isDue = every === undefined ? isCheap : measured || iteration % every === 0;
    // What gathering the states takes counts too.
    if (isDue) this.#asked = now();
    return isDue;
  }

  keep(checkpoint: Checkpoint): void {
    const { store, run, syncEvents, warn, now } = this.options;
    try {
      store.keep(checkpoint, { run, events: syncEvents(), seconds: this.seconds });
    } catch (error) {
      const { message } = diskError("checkpoints", error);
      warn(`No checkpoint was kept after iteration ${checkpoint.iteration}: ${message}`);
    }
    this.#last = now();
    this.#took = this.#last - (this.#asked ?? this.#last);
    this.#asked = undefined;
  }
}
