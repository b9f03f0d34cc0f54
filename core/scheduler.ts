/** The scheduler: the loop of a pipeline, its cadence and its clock. It alone runs loops. */
import type { Context } from "./context.ts";
import { measureAdvice } from "./advice.ts";
import { CostMeter } from "./cost_meter.ts";
import { TandemError } from "./errors.ts";
import { measureCeiling, measureFloor, measureGuidance, measureSuccess } from "./evaluation.ts";
import type { AdviceWorth, VerdictCounts } from "./events.ts";
import { Ledger } from "./ledger.ts";
import type { Pipeline } from "./pipeline.ts";
import { RolloutBuffer, tally } from "./rollout.ts";
import { type OpenStages, openStages } from "./open_stages.ts";
import type { Measurement, RunResult } from "./result.ts";
import { expectFinite, expectLength } from "./shapes.ts";
import {
  type Estimate,
  isPromise,
  type Metrics,
  type Moment,
  type Observations,
  type Rollout,
  type Verdicts,
} from "./stages.ts";

export type { Measurement, RunResult } from "./result.ts";

/**
 * Runs a pipeline from its start to its end, or to the context's abort signal: then the iteration
 * at hand is finished, and what was learned so far is measured and returned all the same.
 *
 * @throws {TandemError} of the stage that failed, which a "stage.failed" event tells as well; stages
 * are disposed of in reverse order first.
 */
export async function runPipeline(pipeline: Pipeline, context: Context): Promise<RunResult> {
  try {
    const stages = await openStages(pipeline, context);
    try {
      return await new Run(pipeline, context, stages).all();
    } finally {
      await stages.dispose();
    }
  } catch (error) {
    if (error instanceof TandemError && error.stage) {
      context.emit({ type: "stage.failed", stage: error.stage, message: error.message });
    }
    throw error;
  }
}

class Run {
  readonly #buffer: RolloutBuffer;
  readonly #meter: CostMeter;
  readonly #verdicts: VerdictCounts = { positive: 0, negative: 0, abstained: 0 };
  readonly #candidateActions: Int32Array;
  readonly #ledger: Ledger;
  #observations: Observations;
  #before: Moment;
  #iteration = 0;
  #envSteps = 0;
  #episodes = 0;
  #metrics: Metrics = {};

  constructor(
    readonly pipeline: Pipeline,
    readonly context: Context,
    readonly stages: OpenStages,
  ) {
    const { env, teacher } = stages;
    const { envs, actions } = env.spec;
    const withOracle = pipeline.stages.feedback.usesOracle;
    this.#buffer = new RolloutBuffer(env.spec, pipeline.schedule.steps, withOracle);
    this.#meter = new CostMeter(context.clock);
    this.#candidateActions = Int32Array.from(teacher.candidates, (name) => actions.indexOf(name));
    this.#ledger = new Ledger(env, this.#candidateActions);
    // Seeds of training worlds: a block of its own for every run seed, below the held-out ones.
    const first = (context.seed % 100_000) * 10_000;
    this.#observations = env.reset(Int32Array.from({ length: envs }, (_, i) => first + i));
    this.#before = {
      advantages: new Float32Array(envs),
      firsts: new Uint8Array(envs).fill(1),
      rollout: this.#buffer,
      step: 0,
    };
  }

  async all(): Promise<RunResult> {
    const { context, pipeline } = this;
    const { iterations } = pipeline.schedule;
    const { every } = pipeline.evaluation;
    context.emit({ type: "run.started", iterations, device: context.device });
    const { heldOutWorlds } = this.stages;
    const floor = await measureFloor(heldOutWorlds, context);
    const ceiling = await measureCeiling(heldOutWorlds);
    const start = await this.#measure();
    for (;;) {
      await turnOfEvents();
      if (this.#iteration === iterations || context.signal.aborted) break;
      await this.#iterate();
      const last = this.#iteration === iterations;
      if (every > 0 && !last && this.#iteration % every === 0) await this.#measure();
    }
    const stopped = this.#iteration < iterations;
    if (stopped) context.emit({ type: "run.stopped", iteration: this.#iteration });
    const end = this.#iteration === 0 ? start : await this.#measure();
    const states = await this.stages.save();
    const advice = pipeline.evaluation.advice ? await this.#weighAdvice() : undefined;
    const { env } = this.stages;
    return {
      level: env.spec.id,
      iterations: this.#iteration,
      stopped,
      envSteps: this.#envSteps,
      episodes: this.#episodes,
      start,
      end,
      floor,
      ceiling,
      verdicts: this.#verdicts,
      teacher: this.stages.teacher.usage(),
      stageSeconds: this.#meter.watch.seconds,
      cost: this.#meter.cost,
      advice,
      metrics: this.#metrics,
      draw: env.draw?.bind(env),
      states,
    };
  }

  async #measure(): Promise<Measurement> {
    const { context, stages } = this;
    const { teacher, student } = stages;
    const { heldOutWorlds, heldOutStates } = stages;
    const withOracle = this.pipeline.stages.teacher.usesOracle;
    const success = await measureSuccess(heldOutWorlds, teacher, student, withOracle);
    const guidanceAccuracy = await measureGuidance(heldOutStates, teacher, context, withOracle);
    context.emit({ type: "evaluated", iteration: this.#iteration, success, guidanceAccuracy });
    return { success, guidanceAccuracy };
  }

  async #weighAdvice(): Promise<AdviceWorth | undefined> {
    const { context, stages } = this;
    const { usesOracle } = this.pipeline.stages.teacher;
    const worth = await measureAdvice(stages, context, usesOracle, this.#candidateActions);
    if (worth) context.emit({ type: "advice.measured", iteration: this.#iteration, worth });
    return worth;
  }

  /** One rollout, its verdicts, one update of the student. */
  async #iterate(): Promise<void> {
    const { context, stages } = this;
    const verdictsBefore = { ...this.#verdicts };
    const buffer = this.#buffer;
    this.#iteration++;
    const seconds = await this.#meter.iteration(stages.teacher, async () => {
      await this.#collect();
      const estimate = this.#estimate(buffer);
      const learn = () => stages.student.learn(buffer, estimate);
      this.#metrics = await this.#meter.watch.timeAsync("student", learn);
    });
    context.emit({ type: "ledger", rows: this.#ledger.take() });
    const counts = tally(buffer, this.#candidateActions);
    this.#episodes += counts.ended;
    context.emit({
      type: "iteration.ended",
      iteration: this.#iteration,
      envSteps: this.#envSteps,
      episodes: this.#episodes,
      ...counts,
      verdicts: {
        positive: this.#verdicts.positive - verdictsBefore.positive,
        negative: this.#verdicts.negative - verdictsBefore.negative,
        abstained: this.#verdicts.abstained - verdictsBefore.abstained,
      },
      metrics: this.#metrics,
      seconds,
      cost: this.#meter.cost,
    });
  }

  /** Fills the buffer with a rollout, giving feedback at the declared cadence. */
  async #collect(): Promise<void> {
    const { teacher, student, env, evidence } = this.stages;
    const { steps, feedbackEvery } = this.pipeline.schedule;
    const { clock } = this.context;
    const buffer = this.#buffer;
    const { watch } = this.#meter;
    const oracle = this.pipeline.stages.teacher.usesOracle ? env.oracle : undefined;
    if (evidence) await this.#gather(() => evidence.begin(this.#iteration));
    let judged = 0;
    for (let t = 0; t < steps; t++) {
      const asked = clock.now();
      const advice = teacher.advise(this.#observations, "train", oracle);
      const guidance = isPromise(advice) ? await advice : advice;
      watch.add("teacher", asked);
      const told = clock.now();
      const choice = student.act(this.#observations, guidance, "train");
      const decision = isPromise(choice) ? await choice : choice;
      watch.add("student", told);
      buffer.decide(t, this.#observations, guidance, decision);
      this.#ledger.see(t, this.#observations, guidance);
      if (buffer.oracleRight) this.#askOracle(t);
      if (evidence) {
        const seen = this.#observations;
        await this.#gather(() => evidence.decide(t, seen, guidance, decision));
      }
      if (t > 0) buffer.complete(t - 1, decision.values);
      if (t - judged === feedbackEvery) {
        await this.#meter.feedback(() => this.#giveFeedback(judged, t));
        judged = t;
      }
      const step = watch.time("env", () => env.step(decision.actions));
      if (buffer.answer(t, step)) buffer.bootstrap(t, await student.values(step.finals));
      if (evidence) await this.#gather(() => evidence.answer(t, step));
      this.#observations = step.observations;
    }
    buffer.complete(steps - 1, await student.values(this.#observations));
    if (evidence) await this.#gather(() => evidence.finish(this.#observations));
    await this.#meter.feedback(() => this.#giveFeedback(judged, steps));
    // The next rollout overwrites the buffer: the moment before its first must not change with it.
    const last = this.#before;
    const rollout = buffer.keep(steps - 1);
    this.#before = { ...last, firsts: last.firsts.slice(), rollout, step: 0 };
    this.#envSteps += steps * env.spec.envs;
  }

  /** Judges the tokens of steps `from` to `to` and hands the verdicts to the teacher. */
  async #giveFeedback(from: number, to: number): Promise<void> {
    const { feedback, teacher, evidence } = this.stages;
    const { envs } = this.#buffer;
    const rollout = this.#buffer.window(from, to);
    const { advantages } = this.#estimate(rollout);
    const frozen = evidence?.frozen(from, to);
    const frozenAdvantages = frozen && this.#estimate(frozen).advantages;
    const verdicts: Verdicts[] = [];
    const started = this.context.clock.now();
    for (let step = 0; step < rollout.steps; step++) {
      const now: Moment = {
        advantages: advantages.subarray(step * envs, (step + 1) * envs),
        frozenAdvantages: frozenAdvantages?.subarray(step * envs, (step + 1) * envs),
        effects: evidence?.effects(from + step),
        firsts: this.#buffer.firsts.subarray((from + step) * envs, (from + step + 1) * envs),
        rollout,
        step,
      };
      const verdict = feedback.judge(now, this.#before);
      expectLength("feedback", "signs", verdict.signs, envs);
      expectLength("feedback", "strengths", verdict.strengths, envs);
      verdicts.push(verdict);
      this.#count(verdict, now);
      this.#ledger.enter(this.#iteration, from + step, now, this.#before, verdict);
      this.#before = now;
    }
    const { watch } = this.#meter;
    watch.add("feedback", started);
    await watch.timeAsync("teacher", () => teacher.receive({ rollout, verdicts }));
  }

  /** Gathers evidence, which is the feedback rule's work. */
  #gather(work: () => Promise<void>): Promise<void> {
    return this.#meter.feedback(() => this.#meter.watch.timeAsync("feedback", work));
  }

  #estimate(rollout: Rollout): Estimate {
    const { advantage } = this.stages;
    const estimate = this.#meter.watch.time("advantage", () => advantage.estimate(rollout));
    for (const what of ["advantages", "targets"] as const) {
      expectLength("advantage", what, estimate[what], rollout.actions.length);
      expectFinite("advantage", what, estimate[what]);
    }
    return estimate;
  }

  #count({ signs }: Verdicts, { rollout, step }: Moment): void {
    const { choices } = rollout.guidance[step]!;
    for (let i = 0; i < signs.length; i++) {
      if (choices[i]! < 0) continue; // Silence is neither praised nor blamed.
      if (signs[i]! > 0) this.#verdicts.positive++;
      else if (signs[i]! < 0) this.#verdicts.negative++;
      else this.#verdicts.abstained++;
    }
  }

  #askOracle(t: number): void {
    const { oracle } = this.stages.env;
    const { choices } = this.#buffer.guidance[t]!;
    const right = this.#buffer.oracleRight!;
    for (let i = 0; i < choices.length; i++) {
      const action = choices[i]! < 0 ? -1 : this.#candidateActions[choices[i]!]!;
      right[t * choices.length + i] = action >= 0 && oracle?.isRight(i, action) ? 1 : 0;
    }
  }
}

/**
 * Lets timers, signals and workers have their turn: stages that never wait would starve them, and
 * Ctrl-C would not be heard.
 */
function turnOfEvents(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
