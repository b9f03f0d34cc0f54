/** How far a plan is, and how long it takes yet. */

/** What is known of a trial before it runs. */
export interface Planned {
  readonly name: string;
  /** Trials of one kind take about equally long an iteration. */
  readonly kind: string;
  readonly iterations: number;
}

/** A plan in progress. Times are in milliseconds of one clock. */
export class PlanTracker {
  readonly total: number;
  /** Trials that have ended, those from earlier calls among them. */
  done: number;
  failed = 0;
  readonly #running = new Map<
    Planned,
    { since: number; from: number; iteration: number; at: number }
  >();
  readonly #waiting: Set<Planned>;
  /** Seconds and iterations of what ran so far, by kind. */
  readonly #spent = new Map<string, { seconds: number; iterations: number }>();

  /**
   * @param waiting The trials yet to be run.
   * @param done Trials that need not be run.
   * @param lanes How many run side by side.
   */
  constructor(waiting: readonly Planned[], done: number, private readonly lanes: number) {
    this.#waiting = new Set(waiting);
    this.total = waiting.length + done;
    this.done = done;
  }

  /** @param iteration The iterations that it has done already. */
  started(trial: Planned, now: number, iteration = 0): void {
    this.#waiting.delete(trial);
    this.#running.set(trial, { since: now, from: iteration, iteration, at: now });
  }

  iterated(trial: Planned, iteration: number, now: number): void {
    const running = this.#running.get(trial);
    if (running) Object.assign(running, { iteration, at: now });
  }

  ended(trial: Planned, well: boolean, now: number): void {
    const running = this.#running.get(trial);
    if (running && well) {
      const spent = this.#spent.get(trial.kind) ?? { seconds: 0, iterations: 0 };
      this.#spent.set(trial.kind, {
        seconds: spent.seconds + (now - running.since) / 1000,
        iterations: spent.iterations + trial.iterations - running.from,
      });
    }
    this.#running.delete(trial);
    this.done++;
    if (!well) this.failed++;
  }

  /** The running trials, each with the share of its iterations that is done. */
  get running(): { readonly trial: Planned; readonly iteration: number }[] {
    return [...this.#running].map(([trial, { iteration }]) => ({ trial, iteration }));
  }

  /** The share of the plan that is done, running trials in part. */
  get share(): number {
    const parts = this.running.map(({ trial, iteration }) => iteration / trial.iterations);
    const sum = parts.reduce((all, part) => all + (Number.isFinite(part) ? part : 0), this.done);
    return this.total > 0 ? sum / this.total : 1;
  }

  /** Seconds that the rest takes at the speeds seen so far; null before one is known. */
  get secondsLeft(): number | null {
    const speeds = this.#speeds();
    if (speeds.size === 0) return null;
    const known = [...speeds.values()];
    const usual = known.reduce((sum, speed) => sum + speed, 0) / known.length;
    let seconds = 0;
    for (const trial of this.#waiting) {
      seconds += trial.iterations * (speeds.get(trial.kind) ?? usual);
    }
    for (const { trial, iteration } of this.running) {
      seconds += (trial.iterations - iteration) * (speeds.get(trial.kind) ?? usual);
    }
    return seconds / Math.max(1, Math.min(this.lanes, this.#waiting.size + this.#running.size));
  }

  /** Seconds an iteration by kind; those of running trials where none has ended. */
  #speeds(): Map<string, number> {
    const speeds = new Map<string, number>();
    for (const [{ kind }, { since, from, iteration, at }] of this.#running) {
      if (iteration > from) speeds.set(kind, (at - since) / 1000 / (iteration - from));
    }
    for (const [kind, { seconds, iterations }] of this.#spent) {
      if (iterations > 0) speeds.set(kind, seconds / iterations);
    }
    return speeds;
  }
}
