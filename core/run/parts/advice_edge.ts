/** The edge from teacher to student: when the teacher is asked, how late it answers, when it leaves. */
import { AdviceBudget } from "./advice_budget.ts";
import { AdviceTrial } from "./advice_trial.ts";
import type { Context } from "../../kit/context.ts";
import { StandingGuidance } from "./standing_guidance.ts";
import { andThen, silence, silenceWhere } from "../../kit/guidance.ts";
import type { Schedule } from "../../pipeline/schedule_types.ts";
import { decodeGuidance, type EncodedGuidance, encodeGuidance } from "../../kit/codec.ts";
import { pack, type Packed, unpack } from "../../kit/packing.ts";
import type {
  AnsweredStep,
  Guidance,
  MaybePromise,
  Metrics,
  Observations,
  Oracle,
  Progress,
  RunPart,
  StageState,
  Student,
  Teacher,
} from "../../stages/mod.ts";

/** What bounds the edge. */
export type AdviceSchedule = Pick<
  Schedule,
  | "iterations"
  | "adviceEvery"
  | "adviceDelay"
  | "adviceCalls"
  | "adviceTokens"
  | "adviceTrial"
  | ("adviceBudget" | "adviceAnnealing" | "steps")
  | "teacherOff"
>;

/** The stages between which the edge lies, as they are now. */
export interface EdgeStages {
  readonly teacher: Teacher;
  readonly student: Student;
}

/** Why a teacher speaks no more. */
export type TeacherStop = "schedule" | "calls" | "tokens";

interface KeptEdge {
  readonly late: readonly EncodedGuidance[];
  readonly ages: Packed<"i32">;
  readonly steps: number;
  readonly calls: number;
  readonly tokens: number;
  readonly teacherStop: TeacherStop | null;
  readonly trial?: StageState["json"];
  readonly standing?: StageState["json"];
  readonly budget?: StageState["json"];
}

/** Asks the teacher in training. */
export class AdviceEdge implements RunPart {
  readonly #silence: Guidance;
  /** Advice under way, the oldest first. */
  #late: Guidance[] = [];
  /** [N] steps since the episode began. */
  readonly #ages: Int32Array;
  #steps = 0;
  #calls = 0;
  #tokens = 0;
  #stop: TeacherStop | undefined;
  readonly #trial: AdviceTrial | undefined;
  readonly #standing: StandingGuidance;
  /** Where the teacher is asked; undefined where that is everywhere. */
  readonly budget: AdviceBudget | undefined;

  /** @param envs N. @throws {TandemError} E_WIRING where a budget is set and the student has no `policy`. */
  constructor(
    private readonly stages: EdgeStages,
    private readonly schedule: AdviceSchedule,
    private readonly envs: number,
    private readonly context: Context,
  ) {
    const { candidates } = stages.teacher;
    this.#standing = new StandingGuidance(() => stages.student, candidates, envs);
    this.#silence = silence(envs, candidates);
    this.#ages = new Int32Array(envs);
    const { adviceTrial, adviceBudget } = schedule;
    if (adviceBudget !== undefined) {
      const bounded = { ...schedule, adviceBudget };
      this.budget = new AdviceBudget(envs, bounded, () => stages.student, candidates);
    }
    if (adviceTrial === undefined) return;
    this.#trial = new AdviceTrial(envs, adviceTrial, context.random("advice on trial"));
  }

  /** Why the teacher has left, if it has. */
  get teacherStop(): TeacherStop | undefined {
    return this.#stop;
  }

  /** Whether the student is measured with its teacher: not where advice on trial was found wanting. */
  get isWorthIt(): boolean {
    return this.#trial?.isWorthIt ?? true;
  }

  /** Numbers of advice on trial: the share of environments in which it is heard now. */
  report(): Metrics {
    return this.#trial ? { heard: this.#trial.heard } : {};
  }

  begin({ iteration }: Progress): void {
    const { iterations, teacherOff } = this.schedule;
    if (iteration >= Math.round(teacherOff * iterations)) this.#leave("schedule");
  }

  /**
   * x_t: the advice that arrives at this step; silence where there is none.
   *
   * @param memory [N, W] what the student remembers before s_t, if anything.
   */
  advise(
    observations: Observations,
    oracle: Oracle | undefined,
    memory?: Float32Array,
  ): MaybePromise<Guidance> {
    const { adviceDelay } = this.schedule;
    const fresh = this.#ask(observations, oracle, memory);
    const due = adviceDelay === 0 ? fresh : andThen(fresh, (guidance) => this.#arrive(guidance));
    const heard = andThen(due, (guidance) => this.#standing.hear(guidance));
    return this.#trial ? andThen(heard, (guidance) => this.#hear(guidance)) : heard;
  }

  answer({ step, achieved }: AnsweredStep): void {
    const { terminated, truncated } = step;
    this.#standing.answer(step, achieved);
    this.#trial?.answer(step);
    for (let i = 0; i < this.envs; i++) {
      this.#ages[i] = terminated[i] === 1 || truncated[i] === 1 ? 0 : this.#ages[i]! + 1;
    }
  }

  /** What was asked and spent so far, and the advice under way. */
  save(): StageState {
    const kept: KeptEdge = {
      late: this.#late.map(encodeGuidance),
      ages: pack("i32", this.#ages),
      steps: this.#steps,
      calls: this.#calls,
      tokens: this.#tokens,
      teacherStop: this.#stop ?? null,
      trial: this.#trial?.save().json,
      standing: this.#standing.save(),
      budget: this.budget?.save().json,
    };
    return { json: kept };
  }

  /** Goes on where {@linkcode save} was called. */
  load({ json }: StageState): void {
    const { late, ages, steps, calls, tokens, teacherStop, trial, standing, budget } =
      json as KeptEdge;
    this.#late = late.map((row) => decodeGuidance(row, this.stages.teacher.candidates));
    this.#ages.set(unpack("i32", ages));
    [this.#steps, this.#calls, this.#tokens] = [steps, calls, tokens];
    this.#stop = teacherStop ?? undefined;
    this.#trial?.load({ json: trial });
    this.#standing.load(standing);
    if (budget !== undefined) this.budget?.load({ json: budget });
  }

  #ask(
    observations: Observations,
    oracle: Oracle | undefined,
    memory: Float32Array | undefined,
  ): MaybePromise<Guidance> {
    const { adviceEvery, adviceCalls } = this.schedule;
    const asked = this.#steps++ % adviceEvery === 0;
    if (asked && adviceCalls !== undefined && this.#calls + this.envs > adviceCalls) {
      this.#leave("calls");
    }
    if (!asked || this.#stop) return this.#silence;
    if (!this.budget) return this.#askAll(observations, oracle);
    const isOpen = (i: number) => this.#trial?.isHeard(i) ?? true;
    return andThen(this.budget.choose(observations, memory, isOpen), (chosen) => {
      if (!chosen.includes(1)) return this.#silence;
      const guidance = this.#askAll(observations, oracle);
      return andThen(guidance, (said) => silenceWhere(said, (i) => chosen[i] === 0));
    }) as MaybePromise<Guidance>;
  }

  #askAll(observations: Observations, oracle: Oracle | undefined): MaybePromise<Guidance> {
    const { adviceCalls, adviceTokens } = this.schedule;
    const { teacher } = this.stages;
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
    return silenceWhere(due, (i) => this.#ages[i]! < adviceDelay);
  }

  /** What reaches the student: in some episodes nothing. */
  #hear(due: Guidance): Guidance {
    return silenceWhere(due, (i) => !this.#trial!.isHeard(i));
  }

  #leave(why: TeacherStop): void {
    if (this.#stop) return;
    this.#stop = why;
    this.#standing.forget();
    if (why === "schedule") return;
    const spent = why === "calls" ? this.#calls : this.#tokens;
    const message =
      `The teacher's budget of ${why} is spent (${spent}): it is silent from here on.`;
    this.context.emit({ type: "warning", code: "W_NOTE", message });
  }
}
