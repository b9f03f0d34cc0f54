/** How long a trial may hold a worker. */
import { duration } from "../../lab/format.ts";

/** Bounds in seconds. */
export interface TimeLimits {
  /** The longest that a trial takes on this worker. */
  readonly longest: number;
  /** The longest between two iterations: what is slower makes no progress. */
  readonly still: number;
}

/** Watches one trial. Signs of life do not count, only iterations that are done. */
export class TrialClock {
  /** Resolves where a bound is reached, with what it was, as the beginning of a sentence. */
  readonly over: Promise<string>;
  readonly #limits: TimeLimits;
  readonly #over: (why: string) => void;
  readonly #longest: ReturnType<typeof setTimeout>;
  #still: ReturnType<typeof setTimeout>;

  constructor(limits: TimeLimits) {
    const { promise, resolve } = Promise.withResolvers<string>();
    [this.over, this.#over, this.#limits] = [promise, resolve, limits];
    this.#longest = after(
      limits.longest,
      () => this.#over(`it took longer than ${duration(limits.longest)}, the worker's bound`),
    );
    this.#still = this.#watch();
  }

  /** Tells that an iteration is done. */
  progressed(): void {
    clearTimeout(this.#still);
    this.#still = this.#watch();
  }

  end(): void {
    clearTimeout(this.#longest);
    clearTimeout(this.#still);
  }

  #watch(): ReturnType<typeof setTimeout> {
    const { still } = this.#limits;
    return after(still, () => this.#over(`no iteration was done in ${duration(still)}`));
  }
}

/** The longest that a timer can wait, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

function after(seconds: number, work: () => void): ReturnType<typeof setTimeout> {
  return setTimeout(work, Math.min(1000 * seconds, LONGEST_TIMER));
}
