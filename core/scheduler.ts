/** The scheduler: the loop of a pipeline, its cadence and its clock. It alone runs loops. */
import type { Context } from "./context.ts";
import { TandemError } from "./errors.ts";
import { measureCeiling, measureFloor, measureGuidance, measureSuccess } from "./evaluation.ts";
import type { GuidanceAccuracy, SuccessRate, VerdictCounts } from "./events.ts";
import { Ledger } from "./ledger.ts";
import type { Pipeline } from "./pipeline.ts";
import { RolloutBuffer, tally } from "./rollout.ts";
import { type OpenStages, openStages } from "./open_stages.ts";
import { expectFinite, expectLength } from "./shapes.ts";
import { Stopwatch } from "./stopwatch.ts";
import {
  type Estimate,
  isPromise,
  type Metrics,
  type Moment,
  type Observations,
  type Rollout,
  type StageKind,
  type StageState,
  type TeacherUsage,
  type Verdicts,
} from "./stages.ts";

/** A measurement at the start or the end of a run. */
export interface Measurement {
  readonly success: SuccessRate;
  readonly guidanceAccuracy: GuidanceAccuracy;
}

/** What a run comes to. */
export interface RunResult {
  /** The environment's id. */
  readonly level: string;
  /** Iterations done; fewer than planned if the run was stopped. */
  readonly iterations: number;
  readonly stopped: boolean;
  readonly envSteps: number;
  readonly episodes: number;
  readonly start: Measurement;
  readonly end: Measurement;
  /** Success of random actions on the held-out worlds. */
  readonly floor: SuccessRate;
  /** Success of the environment's expert on them; undefined without one. */
  readonly ceiling: SuccessRate | undefined;
  readonly verdicts: VerdictCounts;
  readonly teacher: TeacherUsage;
  readonly stageSeconds: Readonly<Record<StageKind, number>>;
  readonly metrics: Metrics;
  /** Draws the ledger's snapshots, where the environment can. */
  readonly draw: ((snapshot: string) => string) | undefined;
  /** What each stage learned. */
  readonly states: Readonly<Partial<Record<StageKind, StageState>>>;
}

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
  readonly #watch: Stopwatch;
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
    this.#watch = new Stopwatch(context.clock);
    this.#ledger = new Ledger(env);
    this.#candidateActions = Int32Array.from(teacher.candidates, (name) => actions.indexOf(name));
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
      stageSeconds: this.#watch.seconds,
      metrics: this.#metrics,
      draw: env.draw?.bind(env),
      states: await this.stages.save(),
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

  /** One rollout, its verdicts, one update of the student. */
  async #iterate(): Promise<void> {
    const { context, stages } = this;
    const started = context.clock.now();
    const verdictsBefore = { ...this.#verdicts };
    const buffer = this.#buffer;
    this.#iteration++;
    await this.#collect();
    const estimate = this.#estimate(buffer);
    const learn = () => stages.student.learn(buffer, estimate);
    this.#metrics = await this.#watch.timeAsync("student", learn);
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
      seconds: (context.clock.now() - started) / 1000,
    });
  }

  /** Fills the buffer with a rollout, giving feedback at the declared cadence. */
  async #collect(): Promise<void> {
    const { teacher, student, env, evidence } = this.stages;
    const { steps, feedbackEvery } = this.pipeline.schedule;
    const { clock } = this.context;
    const buffer = this.#buffer;
    const watch = this.#watch;
    const oracle = this.pipeline.stages.teacher.usesOracle ? env.oracle : undefined;
    if (evidence) await evidence.begin(this.#iteration);
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
      this.#ledger.see(t, this.#observations);
      if (buffer.oracleRight) this.#askOracle(t);
      if (evidence) {
        const seen = this.#observations;
        await watch.timeAsync("feedback", () => evidence.decide(t, seen, guidance, decision));
      }
      if (t > 0) buffer.complete(t - 1, decision.values);
      if (t - judged === feedbackEvery) {
        await this.#giveFeedback(judged, t);
        judged = t;
      }
      const step = watch.time("env", () => env.step(decision.actions));
      if (buffer.answer(t, step)) buffer.bootstrap(t, await student.values(step.finals));
      if (evidence) await watch.timeAsync("feedback", () => evidence.answer(t, step));
      this.#observations = step.observations;
    }
    buffer.complete(steps - 1, await student.values(this.#observations));
    if (evidence) await evidence.finish(this.#observations);
    await this.#giveFeedback(judged, steps);
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
    this.#watch.add("feedback", started);
    await this.#watch.timeAsync("teacher", () => teacher.receive({ rollout, verdicts }));
  }

  #estimate(rollout: Rollout): Estimate {
    const estimate = this.#watch.time("advantage", () => this.stages.advantage.estimate(rollout));
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
