/** Adds up what training costs: time by stage, the feedback edge's part, and the teacher's work. */
import type { Clock } from "../../kit/context.ts";
import type { TrainingCost } from "../../stages/events.ts";
import { andThen } from "../../kit/guidance.ts";
import { Stopwatch } from "./stopwatch.ts";
import type { MaybePromise, StageState, Teacher } from "../../stages/mod.ts";
import { addUsage, NO_USAGE } from "./usage.ts";

/** Measures iterations. */
export class CostMeter {
  readonly watch: Stopwatch;
  #seconds = 0;
  #feedbackSeconds = 0;
  #teacher = NO_USAGE;

  constructor(private readonly clock: Clock) {
    this.watch = new Stopwatch(clock);
  }

  /** Does the work of an iteration; gives its seconds. */
  async iteration(teacher: Teacher, work: () => Promise<void>): Promise<number> {
    const started = this.clock.now();
    const before = { ...teacher.usage() };
    await work();
    const after = teacher.usage();
    this.#teacher = addUsage(this.#teacher, addUsage(after, before, -1));
    const seconds = (this.clock.now() - started) / 1000;
    this.#seconds += seconds;
    return seconds;
  }

  /** Does work on the feedback edge, whichever stages it belongs to. */
  feedback(work: () => MaybePromise<void>): MaybePromise<void> {
    const started = this.clock.now();
    return andThen(work(), () => {
      this.#feedbackSeconds += (this.clock.now() - started) / 1000;
    });
  }

  /** What was spent so far, to be added to later. */
  save(): StageState {
    return { json: this.cost };
  }

  /** Goes on where {@linkcode save} was called. */
  load({ json }: StageState): void {
    const { seconds, stageSeconds, feedbackSeconds, teacher } = json as TrainingCost;
    Object.assign(this.watch.seconds, stageSeconds);
    [this.#seconds, this.#feedbackSeconds, this.#teacher] = [seconds, feedbackSeconds, teacher];
  }

  /** What was spent so far. */
  get cost(): TrainingCost {
    return {
      seconds: this.#seconds,
      stageSeconds: { ...this.watch.seconds },
      feedbackSeconds: this.#feedbackSeconds,
      teacher: this.#teacher,
    };
  }
}
