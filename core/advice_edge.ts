/** The edge from teacher to student: when the teacher is asked, how late it answers, when it leaves. */
import type { EventSink } from "./events.ts";
import { andThen, ArrayGuidance } from "./guidance.ts";
import type { Schedule } from "./schedule.ts";
import { guidanceFrom, keepGuidance, type KeptGuidance } from "./kept.ts";
import { pack, type Packed, unpack } from "./packing.ts";
import type {
  EnvStep,
  Guidance,
  MaybePromise,
  Observations,
  Oracle,
  StageState,
  Teacher,
} from "./stages.ts";

/** What bounds the edge. */
export type AdviceSchedule = Pick<
  Schedule,
  "iterations" | "adviceEvery" | "adviceDelay" | "adviceCalls" | "adviceTokens" | "teacherOff"
>;

/** Why a teacher speaks no more. */
export type Departure = "schedule" | "calls" | "tokens";

interface KeptEdge {
  readonly late: readonly KeptGuidance[];
  readonly ages: Packed<"i32">;
  readonly steps: number;
  readonly calls: number;
  readonly tokens: number;
  readonly departure: Departure | null;
}

/** Asks the teacher in training. */
export class AdviceEdge {
  readonly #silence: ArrayGuidance;
  /** Advice under way, the oldest first. */
  #late: Guidance[] = [];
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

  /** What was asked and spent so far, and the advice under way. */
  save(): StageState {
    const kept: KeptEdge = {
      late: this.#late.map(keepGuidance),
      ages: pack("i32", this.#ages),
      steps: this.#steps,
      calls: this.#calls,
      tokens: this.#tokens,
      departure: this.#departure ?? null,
    };
    return { json: kept };
  }

  /** Goes on where {@linkcode save} was called. */
  load({ json }: StageState): void {
    const { late, ages, steps, calls, tokens, departure } = json as KeptEdge;
    this.#late = late.map((kept) => guidanceFrom(kept, this.teacher()));
    this.#ages.set(unpack("i32", ages));
    [this.#steps, this.#calls, this.#tokens] = [steps, calls, tokens];
    this.#departure = departure ?? undefined;
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
