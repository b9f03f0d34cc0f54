/** Judges the suggestions of a rollout, window by window, and sends the verdicts to the teacher. */
import type { Context } from "../../kit/context.ts";
import type { CostMeter } from "./cost_meter.ts";
import type { EarlierVerdictCounts, VerdictCounts } from "../../stages/events.ts";
import {
  expectEarlier,
  type LocatedVerdict,
  type Reach,
  verdictsByStep,
} from "./earlier_verdicts.ts";
import { FeedbackEdge } from "./feedback_edge.ts";
import { decodeJudgedStep, type EncodedJudgedStep, encodeJudgedStep } from "../../kit/codec.ts";
import { type Ledger, nameOfSign } from "./ledger.ts";
import type { OpenStages } from "../open_stages.ts";
import type { Parts } from "./parts.ts";
import type { Past } from "./past.ts";
import type { RolloutBuffer } from "../../kit/rollout_buffer.ts";
import type { Schedule } from "../../pipeline/schedule_types.ts";
import type { StepOfRun } from "../result.ts";
import { abstentions } from "../../kit/verdicts.ts";
import { joinRollouts } from "../../kit/join_rollouts.ts";
import { expectFinite, expectLength, expectVerdicts } from "../../kit/shapes.ts";
import type {
  DecidedStep,
  EarlierVerdict,
  Estimate,
  Feedback,
  JudgedStep,
  MaybePromise,
  Rollout,
  RunPart,
  StageState,
  Verdicts,
} from "../../stages/mod.ts";

/** What a judge works with. */
export interface JudgeContext {
  readonly stages: OpenStages;
  readonly schedule: Schedule;
  readonly buffer: RolloutBuffer;
  readonly ledger: Ledger;
  readonly meter: CostMeter;
  readonly context: Context;
  /** What is kept of steps of before, where the rule asks for it. */
  readonly past?: Past;
  /** Told of verdicts when they are given. */
  readonly parts: Pick<Parts, "judge">;
  /** Where the rule is no longer asked, as in the run that this one repeats. */
  readonly abstainFrom?: StepOfRun;
}

interface KeptJudge {
  readonly counts: VerdictCounts;
  /** null before the first rollout. */
  readonly before: EncodedJudgedStep | null;
  readonly underWay: unknown;
  readonly endedByMachine?: StepOfRun | null;
  /** Where the rule asks for the past. */
  readonly past?: unknown;
}

/** Asks advantage estimator and feedback rule, and knows the step before. */
export class Judge implements RunPart {
  readonly #context: JudgeContext;
  readonly #edge: FeedbackEdge;
  readonly #counts: VerdictCounts = { positive: 0, negative: 0, abstained: 0 };
  #before: JudgedStep;
  /** Whether there was a rollout before. */
  #hasEndedRollout = false;
  #endedByMachine: StepOfRun | null = null;
  /** The iteration at hand, and the first of its steps that is not judged. */
  #iteration = 0;
  #from = 0;

  constructor(context: JudgeContext) {
    const { stages, schedule, buffer, meter } = this.#context = context;
    this.#edge = new FeedbackEdge((feedback) => {
      return meter.watch.timeAsync("teacher", () => stages.teacher.receive(feedback));
    }, schedule);
    this.#before = {
      advantages: new Float32Array(buffer.envs),
      firsts: new Uint8Array(buffer.envs).fill(1),
      rollout: buffer,
      step: 0,
    };
  }

  /** Verdicts so far; those on silence are not counted. */
  get counts(): VerdictCounts {
    const { earlier } = this.#counts;
    return { ...this.#counts, ...earlier && { earlier: { ...earlier } } };
  }

  /** Where the machine ended the rule and not what the rule did; null where it did not. */
  get endedByMachine(): StepOfRun | null {
    return this.#endedByMachine;
  }

  /** Delivers what is due at a step, and judges the steps before it at the declared cadence. */
  decide({ iteration, t }: DecidedStep): MaybePromise<void> {
    if (t === 0) [this.#iteration, this.#from] = [iteration, 0];
    if (!this.#edge.isLate) return this.#judgeWindow(t);
    return this.#edge.deliver(this.#stepAt(iteration, t)).then(() => this.#judgeWindow(t));
  }

  /** The same for what is left of a rollout, which the next one overwrites: the step before must last. */
  async finish(): Promise<void> {
    const { buffer } = this.#context;
    const { steps } = buffer;
    if (this.#edge.isLate) await this.#edge.deliver(this.#stepAt(this.#iteration, steps));
    await this.#judge(steps);
    const { firsts, ...last } = this.#before;
    this.#before = {
      ...last,
      firsts: firsts.slice(),
      rollout: buffer.keep(steps - 1, steps),
      step: 0,
    };
    this.#hasEndedRollout = true;
  }

  #judgeWindow(t: number): MaybePromise<void> {
    if (t - this.#from === this.#context.schedule.feedbackEvery) return this.#judge(t);
  }

  /** Judges all steps before `to` that are not judged. */
  #judge(to: number): MaybePromise<void> {
    const from = this.#from;
    this.#from = to;
    return this.#context.meter.feedback(() => this.#judgeSteps(this.#iteration, from, to));
  }

  /** Judges the suggestions of steps `from` to `to` (exclusive) and sends the verdicts off. */
  #judgeSteps(iteration: number, from: number, to: number): MaybePromise<void> {
    const { stages: { teacher, feedback, evidence }, buffer, ledger, meter, context, parts, past } =
      this.#context;
    const { envs } = buffer;
    const rollout = this.#edge.isLate ? buffer.keep(from, to) : buffer.window(from, to);
    const { advantages } = this.estimate(rollout);
    const frozen = evidence?.frozen(from, to);
    const frozenAdvantages = frozen && this.estimate(frozen).advantages;
    const verdicts: Verdicts[] = [];
    const earlier: LocatedVerdict[] = [];
    const started = context.clock.now();
    const isOne = rollout.steps === 1; // the whole then, for views cost much to make
    for (let step = 0; step < rollout.steps; step++) {
      const t = from + step;
      const achieved = past?.achieved(t);
      const now: JudgedStep = {
        advantages: isOne ? advantages : advantages.subarray(step * envs, (step + 1) * envs),
        frozenAdvantages: frozenAdvantages?.subarray(step * envs, (step + 1) * envs),
        effects: evidence?.effects(t),
        firsts: isOne ? rollout.firsts : buffer.firstsAt(t),
        achieved: achieved && ((i) => achieved[i]!),
        rollout,
        step,
      };
      past?.keep(buffer, t, this.#stepAt(iteration, t));
      const verdict = this.#isOver(iteration, t)
        ? abstentions(envs)
        : feedback.judge(now, this.#before);
      if (verdict.endedByMachine) this.#end(iteration, t);
      expectVerdicts(verdict, envs, teacher.candidates.length);
      verdicts.push(verdict);
      this.#count(verdict, now);
      ledger.enter(iteration, t, now, this.#before, verdict);
      if (verdict.earlier) this.#locate(verdict.earlier, iteration, t, earlier);
      this.#before = now;
    }
    meter.watch.add("feedback", started);
    const told = parts.judge(rollout, verdicts, iteration, from);
    const onEarlier = earlier.length === 0 ? undefined : this.#feedbackOn(earlier, iteration, to);
    const send = () => {
      const feedback: Feedback[] = [{ rollout, verdicts }];
      if (onEarlier) feedback.push(onEarlier);
      return this.#edge.send(feedback, iteration, this.#stepAt(iteration, to));
    };
    return told ? told.then(send) : send();
  }

  /** Adds verdicts on steps of before with their steps; what is on steps no longer known is left out. */
  #locate(
    earlier: readonly EarlierVerdict[],
    iteration: number,
    t: number,
    located: LocatedVerdict[],
  ): void {
    const { buffer: { envs }, stages: { teacher, feedback: { needs } } } = this.#context;
    const past = needs?.past ? this.#context.past : undefined;
    const now = this.#stepAt(iteration, t);
    const reach: Reach = {
      ...past ? { farthest: now, what: "the run" } : { farthest: t, what: "the ledger" },
      envs,
      candidates: teacher.candidates.length,
    };
    const counts = this.#countsOfEarlier();
    for (const verdict of earlier) {
      const { stepsAgo, sign } = expectEarlier(verdict, reach);
      const at = now - stepsAgo;
      if (past && at < past.from) {
        counts.leftOut++;
        continue;
      }
      if (sign !== 0) {
        counts.verdicts++;
        counts.stepsAgo += stepsAgo;
        counts.farthest = Math.max(counts.farthest, stepsAgo);
      }
      located.push({ at, verdict, kept: past?.step(at) });
      if (verdict.env === 0) this.#amend(at, verdict, iteration, t);
    }
  }

  #countsOfEarlier(): EarlierVerdictCounts {
    return this.#counts.earlier ??= { verdicts: 0, stepsAgo: 0, farthest: 0, leftOut: 0 };
  }

  #amend(
    at: number,
    { sign, words, right, mission }: EarlierVerdict,
    iteration: number,
    step: number,
  ): void {
    if (sign === 0) return;
    const { buffer: { steps }, ledger, stages: { teacher: { candidates } } } = this.#context;
    ledger.amend(1 + Math.floor(at / steps), at % steps, iteration, {
      ...{ step, verdict: nameOfSign(sign), words },
      ...right && { right: right.map((candidate) => candidates[candidate]!) },
      ...mission !== undefined && { mission },
    });
  }

  /** Verdicts on steps of before as feedback on those steps. */
  #feedbackOn(earlier: readonly LocatedVerdict[], iteration: number, to: number): Feedback {
    const { buffer } = this.#context;
    const last = this.#stepAt(iteration, to) - 1;
    const first = this.#stepAt(iteration, 0);
    const rows = verdictsByStep(earlier, buffer.envs);
    const copies = new Map<number, Rollout>(); // a step that got several verdicts is copied once
    const copyOf = (at: number) => {
      const copy = copies.get(at) ?? buffer.keep(at - first, at - first + 1);
      copies.set(at, copy);
      return copy;
    };
    const rollout = joinRollouts(rows.map(({ at, kept }) => kept?.rollout ?? copyOf(at)));
    for (const [step, { verdicts }] of rows.entries()) {
      this.#count(verdicts, { rollout, step }, false);
    }
    const texts = rows.flatMap(({ kept }) => kept?.texts ?? []);
    const past = {
      stepsAgo: rows.map(({ at }) => last - at),
      ...texts.length > 0 && { texts },
    };
    return { rollout, verdicts: rows.map(({ verdicts }) => verdicts), past };
  }

  /** What the estimator makes of a rollout. @throws E_SHAPE, E_NUMERIC */
  estimate(rollout: Rollout): Estimate {
    const { stages: { advantage }, meter } = this.#context;
    const estimate = meter.watch.time("advantage", () => advantage.estimate(rollout));
    for (const what of ["advantages", "targets"] as const) {
      expectLength("advantage", what, estimate[what], rollout.rewards.length);
      expectFinite("advantage", what, estimate[what]);
    }
    return estimate;
  }

  /** Verdicts so far and under way, and the step before, which lasts. */
  save(): StageState {
    const kept: KeptJudge = {
      counts: this.counts,
      before: this.#hasEndedRollout ? encodeJudgedStep(this.#before) : null,
      underWay: this.#edge.save().json,
      endedByMachine: this.#endedByMachine,
      ...this.#context.past && { past: this.#context.past.save().json },
    };
    return { json: kept };
  }

  /** Goes on where {@linkcode save} was called. */
  load({ json }: StageState): void {
    const { counts, before, underWay, endedByMachine, past } = json as KeptJudge;
    const { teacher: { candidates }, env: { spec } } = this.#context.stages;
    Object.assign(this.#counts, counts.earlier ? structuredClone(counts) : counts);
    this.#endedByMachine = endedByMachine ?? null;
    if (before) this.#before = decodeJudgedStep(before, candidates, spec);
    this.#hasEndedRollout = before !== null;
    this.#edge.load({ json: underWay }, candidates, spec);
    if (past) this.#context.past?.load({ json: past });
  }

  /** Whether the run that this one repeats had lost its rule before a step. */
  #isOver(iteration: number, step: number): boolean {
    const { abstainFrom } = this.#context;
    if (!abstainFrom || iteration < abstainFrom.iteration) return false;
    return iteration > abstainFrom.iteration || step >= abstainFrom.step;
  }

  #end(iteration: number, step: number): void {
    this.#endedByMachine ??= { iteration, step };
    this.#context.context.emit({ type: "feedback.ended", iteration, step });
  }

  /** @param withAbstentions Whether a sign of 0 is a verdict, or none was given. */
  #count(
    { signs }: Verdicts,
    { rollout, step }: Pick<JudgedStep, "rollout" | "step">,
    withAbstentions = true,
  ): void {
    const { choices } = rollout.guidance[step]!;
    for (let i = 0; i < signs.length; i++) {
      if (choices[i]! < 0) continue; // Silence is neither praised nor blamed.
      if (signs[i]! > 0) this.#counts.positive++;
      else if (signs[i]! < 0) this.#counts.negative++;
      else if (withAbstentions) this.#counts.abstained++;
    }
  }

  /** Step t of an iteration's rollout, counted over the whole run. */
  #stepAt(iteration: number, t: number): number {
    return (iteration - 1) * this.#context.buffer.steps + t;
  }
}

/** Verdicts given between two counts. */
export function since(before: VerdictCounts, now: VerdictCounts): VerdictCounts {
  return {
    positive: now.positive - before.positive,
    negative: now.negative - before.negative,
    abstained: now.abstained - before.abstained,
    ...now.earlier && { earlier: earlierSince(before.earlier, now.earlier) },
  };
}

function earlierSince(
  before: EarlierVerdictCounts | undefined,
  { verdicts, stepsAgo, farthest, leftOut }: EarlierVerdictCounts,
): EarlierVerdictCounts {
  return {
    verdicts: verdicts - (before?.verdicts ?? 0),
    stepsAgo: stepsAgo - (before?.stepsAgo ?? 0),
    farthest,
    leftOut: leftOut - (before?.leftOut ?? 0),
  };
}
