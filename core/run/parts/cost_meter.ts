/** Adds up what training costs: time by stage, the feedback edge's part, and the teacher's work. */
import type { Clock } from "../../kit/context.ts";
import type { TrainingCost } from "../../stages/events.ts";
import { andThen } from "../../kit/guidance.ts";
import { Stopwatch } from "./stopwatch.ts";
import type { MaybePromise, RunPart, StageState, Teacher } from "../../stages/mod.ts";
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

  /** A part whose work is the feedback rule's: it gathers what the rule asked for. */
  onFeedbackEdge(part: RunPart): RunPart {
    const metered = <A extends unknown[]>(method: ((...args: A) => unknown) | undefined) =>
      method &&
      ((...args: A) =>
        this.feedback(() =>
          this.watch.timeAsync("feedback", () => method.apply(part, args) as MaybePromise<void>)
        ));
    return {
      begin: metered(part.begin),
      decide: metered(part.decide),
      answer: metered(part.answer),
      finish: metered(part.finish),
    };
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
