/** The edge from teacher to student: when the teacher is asked, how late it answers, when it leaves. */
import type { EventSink } from "./events.ts";
import { andThen, ArrayGuidance } from "./guidance.ts";
import type { Schedule } from "./schedule.ts";
import type { EnvStep, Guidance, MaybePromise, Observations, Oracle, Teacher } from "./stages.ts";

/** What bounds the edge. */
export type AdviceSchedule = Pick<
  Schedule,
  "iterations" | "adviceEvery" | "adviceDelay" | "adviceCalls" | "adviceTokens" | "teacherOff"
>;

/** Why a teacher speaks no more. */
export type Departure = "schedule" | "calls" | "tokens";

/** Asks the teacher in training. */
export class AdviceEdge {
  readonly #silence: ArrayGuidance;
  /** Advice under way, the oldest first. */
  readonly #late: Guidance[] = [];
  /** [N] steps since the episode began. */
  readonly #ages: Int32Array;
  #steps = 0;
  #calls = 0;
  #tokens = 0;
  #departure: Departure | undefined;

  /** @param envs N. */
  constructor(
    private readonly teacher: () => Teacher,
    private readonly schedule: AdviceSchedule,
    private readonly envs: number,
    private readonly emit: EventSink,
  ) {
    this.#silence = new ArrayGuidance(envs, teacher().candidates);
    this.#ages = new Int32Array(envs);
  }

  /** Why the teacher has left, if it has. */
  get departure(): Departure | undefined {
    return this.#departure;
  }

  /** Before iteration 1, 2, ... */
  begin(iteration: number): void {
    const { iterations, teacherOff } = this.schedule;
    if (iteration > Math.round(teacherOff * iterations)) this.#leave("schedule");
  }

  /** x_t: the advice that arrives at this step; silence where there is none. */
  advise(observations: Observations, oracle: Oracle | undefined): MaybePromise<Guidance> {
    const { adviceDelay } = this.schedule;
    const fresh = this.#ask(observations, oracle);
    return adviceDelay === 0 ? fresh : andThen(fresh, (guidance) => this.#arrive(guidance));
  }

  /** When the env has answered. */
  answer({ terminated, truncated }: EnvStep): void {
    for (let i = 0; i < this.envs; i++) {
      this.#ages[i] = terminated[i] === 1 || truncated[i] === 1 ? 0 : this.#ages[i]! + 1;
    }
  }

  #ask(observations: Observations, oracle: Oracle | undefined): MaybePromise<Guidance> {
    const { adviceEvery, adviceCalls, adviceTokens } = this.schedule;
    const asked = this.#steps++ % adviceEvery === 0;
    if (asked && adviceCalls !== undefined && this.#calls + this.envs > adviceCalls) {
      this.#leave("calls");
    }
    if (!asked || this.#departure) return this.#silence;
    const teacher = this.teacher();
    if (adviceCalls === undefined && adviceTokens === undefined) {
      return teacher.advise(observations, "train", oracle);
    }
    const before = { ...teacher.usage() };
    return andThen(teacher.advise(observations, "train", oracle), (guidance) => {
      const after = teacher.usage();
      this.#calls += after.calls - before.calls;
      this.#tokens += after.tokens - before.tokens;
      if (adviceTokens !== undefined && this.#tokens >= adviceTokens) this.#leave("tokens");
      return guidance;
    });
  }

  /** What was asked `adviceDelay` steps ago; nothing for an episode that has ended since. */
  #arrive(fresh: Guidance): Guidance {
    const { adviceDelay } = this.schedule;
    this.#late.push(fresh);
    const due = this.#late.length > adviceDelay ? this.#late.shift()! : this.#silence;
    const count = due.candidates.length;
    for (let i = 0; i < this.envs; i++) {
      if (this.#ages[i]! >= adviceDelay || due.choices[i]! < 0) continue;
      due.choices[i] = -1;
      due.logProbs[i] = 0;
      due.distribution.fill(0, i * count, (i + 1) * count);
    }
    return due;
  }

  #leave(why: Departure): void {
    if (this.#departure) return;
    this.#departure = why;
    if (why === "schedule") return;
    const spent = why === "calls" ? this.#calls : this.#tokens;
    const message =
      `The teacher's budget of ${why} is spent (${spent}): it is silent from here on.`;
    this.emit({ type: "warning", code: "W_NOTE", message });
  }
}
