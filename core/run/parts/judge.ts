/** Judges the suggestions of a rollout, window by window, and sends the verdicts to the teacher. */
import type { Context } from "../../kit/context.ts";
import type { CostMeter } from "./cost_meter.ts";
import type { VerdictCounts } from "../../stages/events.ts";
import { verdictsOnEarlier, type VerdictsOnStep } from "./earlier_verdicts.ts";
import { FeedbackEdge } from "./feedback_edge.ts";
import { decodeJudgedStep, type EncodedJudgedStep, encodeJudgedStep } from "../../kit/codec.ts";
import type { Ledger } from "./ledger.ts";
import type { OpenStages } from "../open_stages.ts";
import type { Parts } from "./parts.ts";
import type { RolloutBuffer } from "../../kit/rollout_buffer.ts";
import type { Schedule } from "../../pipeline/schedule_types.ts";
import type { StepOfRun } from "../result.ts";
import { abstentions } from "../../kit/verdicts.ts";
import { expectFinite, expectLength, expectVerdicts } from "../../kit/shapes.ts";
import type {
  DecidedStep,
  Estimate,
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
    return { ...this.#counts };
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
    const { stages: { feedback, evidence }, buffer, ledger, meter, context, parts } = this.#context;
    const { envs } = buffer;
    const rollout = this.#edge.isLate ? buffer.keep(from, to) : buffer.window(from, to);
    const { advantages } = this.estimate(rollout);
    const frozen = evidence?.frozen(from, to);
    const frozenAdvantages = frozen && this.estimate(frozen).advantages;
    const verdicts: Verdicts[] = [];
    const onEarlier: VerdictsOnStep[] = [];
    const started = context.clock.now();
    const isOne = rollout.steps === 1; // the whole then, for views cost much to make
    for (let step = 0; step < rollout.steps; step++) {
      const now: JudgedStep = {
        advantages: isOne ? advantages : advantages.subarray(step * envs, (step + 1) * envs),
        frozenAdvantages: frozenAdvantages?.subarray(step * envs, (step + 1) * envs),
        effects: evidence?.effects(from + step),
        firsts: isOne
          ? rollout.firsts
          : buffer.firsts.subarray((from + step) * envs, (from + step + 1) * envs),
        rollout,
        step,
      };
      const verdict = this.#isOver(iteration, from + step)
        ? abstentions(envs)
        : feedback.judge(now, this.#before);
      if (verdict.endedByMachine) this.#end(iteration, from + step);
      expectVerdicts(verdict, envs);
      verdicts.push(verdict);
      this.#count(verdict, now);
      ledger.enter(iteration, from + step, now, this.#before, verdict);
      if (verdict.earlier) onEarlier.push(...this.#enterEarlier(verdict.earlier, from + step));
      this.#before = now;
    }
    meter.watch.add("feedback", started);
    const told = parts.judge(rollout, verdicts, iteration, from);
    const send = () =>
      this.#edge.send({ rollout, verdicts }, iteration, this.#stepAt(iteration, to));
    const sent = told ? told.then(send) : send();
    if (onEarlier.length === 0) return sent;
    return this.#sendEarlier(sent, onEarlier, iteration, to);
  }

  /** Counts verdicts on steps of before, and enters them beside those that the steps got at once. */
  #enterEarlier(
    earlier: NonNullable<Verdicts["earlier"]>,
    t: number,
  ): readonly VerdictsOnStep[] {
    const { buffer, ledger } = this.#context;
    const onEarlier = verdictsOnEarlier(earlier, t, buffer.envs);
    for (const { step, verdicts } of onEarlier) {
      this.#count(verdicts, { rollout: buffer, step }, false);
      ledger.amend(step, t, verdicts);
    }
    return onEarlier;
  }

  /** Sends each as feedback on its step, once what was sent before has arrived. */
  async #sendEarlier(
    sent: MaybePromise<void>,
    onEarlier: readonly VerdictsOnStep[],
    iteration: number,
    to: number,
  ): Promise<void> {
    const { buffer } = this.#context;
    await sent;
    for (const { step, verdicts } of onEarlier) {
      const feedback = { rollout: buffer.keep(step, step + 1), verdicts: [verdicts] };
      await this.#edge.send(feedback, iteration, this.#stepAt(iteration, to));
    }
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
    };
    return { json: kept };
  }

  /** Goes on where {@linkcode save} was called. */
  load({ json }: StageState): void {
    const { counts, before, underWay, endedByMachine } = json as KeptJudge;
    const { teacher: { candidates }, env: { spec } } = this.#context.stages;
    Object.assign(this.#counts, counts);
    this.#endedByMachine = endedByMachine ?? null;
    if (before) this.#before = decodeJudgedStep(before, candidates, spec);
    this.#hasEndedRollout = before !== null;
    this.#edge.load({ json: underWay }, candidates, spec);
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
  };
}
