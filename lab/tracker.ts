/** What is known of a run while it goes on: what a progress line says. */
import type { TandemEvent, VerdictCounts } from "@tandem/core";

/** Training success is taken over the latest iterations that hold this many episodes. */
const ROLLING_EPISODES = 200;
/** Speed is taken over this many iterations. */
const ROLLING_ITERATIONS = 10;

type IterationEnded = Extract<TandemEvent, { type: "iteration.ended" }>;

/** The state of a run as its events tell it. */
export class RunTracker {
  iterations = 0;
  iteration = 0;
  /** Success on held-out worlds and accuracy of guidance, as last measured. */
  heldOut: number | null = null;
  guidance: number | null = null;
  readonly verdicts: VerdictCounts = { positive: 0, negative: 0, abstained: 0 };
  #recent: IterationEnded[] = [];

  /** Takes an event in. */
  see(event: TandemEvent): void {
    switch (event.type) {
      case "run.started":
        this.iterations = event.iterations;
        break;
      case "run.fell-back":
        this.iteration = event.iteration;
        break;
      case "run.resumed":
        this.iterations = event.iterations;
        this.iteration = event.iteration;
        break;
      case "evaluated":
        this.heldOut = event.success.rate;
        this.guidance = event.guidanceAccuracy.rate;
        break;
      case "iteration.ended":
        this.#seeIteration(event);
        break;
    }
  }

  /** Success over the latest training episodes; null before one ended. */
  get training(): number | null {
    let [ended, solved] = [0, 0];
    for (let i = this.#recent.length - 1; i >= 0 && ended < ROLLING_EPISODES; i--) {
      ended += this.#recent[i]!.ended;
      solved += this.#recent[i]!.solved;
    }
    return ended > 0 ? solved / ended : null;
  }

  /** Environment steps a second over the latest iterations; null before one ended. */
  get framesPerSecond(): number | null {
    const first = this.#recent.at(-ROLLING_ITERATIONS - 1);
    const last = this.#recent.at(-1);
    if (!last) return null;
    const seconds = this.#secondsOfLast();
    return seconds > 0 ? (last.envSteps - (first?.envSteps ?? 0)) / seconds : null;
  }

  /** Seconds that the remaining iterations take at the latest speed; null before one ended. */
  get secondsLeft(): number | null {
    const measured = Math.min(this.#recent.length, ROLLING_ITERATIONS);
    if (measured === 0) return null;
    return (this.iterations - this.iteration) * this.#secondsOfLast() / measured;
  }

  #secondsOfLast(): number {
    return this.#recent.slice(-ROLLING_ITERATIONS).reduce((sum, { seconds }) => sum + seconds, 0);
  }

  #seeIteration(event: IterationEnded): void {
    this.iteration = event.iteration;
    for (const kind of ["positive", "negative", "abstained"] as const) {
      this.verdicts[kind] += event.verdicts[kind];
    }
    this.#recent.push(event);
    if (this.#recent.length > 4 * ROLLING_EPISODES) this.#recent.shift();
  }
}
