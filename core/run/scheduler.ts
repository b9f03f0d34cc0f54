/** The scheduler: the loop of a pipeline, its cadence and its clock. It alone runs loops. */
import type { Context } from "../kit/context.ts";
import { AdviceEdge } from "./parts/advice_edge.ts";
import type { CheckpointParts } from "./checkpoint.ts";
import { CostMeter } from "./parts/cost_meter.ts";
import { TandemError } from "../stages/errors.ts";
import { Judge, since } from "./parts/judge.ts";
import { Ledger } from "./parts/ledger.ts";
import { type Before, Measurer } from "./measure/measurer.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { RolloutBuffer, tally } from "../kit/rollout_buffer.ts";
import { CheckpointManager } from "./checkpoint_manager.ts";
import { RunState, trainingSeeds } from "./run_state.ts";
import { type OpenStages, openStages } from "./open_stages.ts";
import { type Phase, replaceStages, type RunHooks } from "./replace_stage.ts";
import type { Measurement, RunResult } from "./result.ts";
import { expectMetrics } from "../kit/shapes.ts";
import { withinBox } from "../kit/tensors.ts";
import { filesOf } from "./stage_files.ts";
import { isPromise, type MaybePromise, type Progress } from "../stages/mod.ts";
import { CumulativeUsage } from "./parts/usage.ts";

export type { Phase, Replacement, RunHooks } from "./replace_stage.ts";
export type { Measurement, RunResult } from "./result.ts";

/**
 * Runs a pipeline from its start to its end, or to the context's abort signal: then the iteration
 * at hand is finished, and what was learned so far is returned all the same. It is measured if that
 * takes no longer than a moment; a longer measurement is left out or broken off.
 *
 * @throws {TandemError} of the stage that failed, which a "stage.failed" event tells as well; stages
 * are disposed of in reverse order first.
 */
export async function runPipeline(
  pipeline: Pipeline,
  context: Context,
  hooks: RunHooks = {},
): Promise<RunResult> {
  try {
    const stages = await openStages(pipeline, context);
    try {
      return await new Run(pipeline, context, stages, hooks).all();
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

/** How training went: to its end, or stopped, with the measurement that was due or without. */
type Course = "done" | "stopped" | "left out";

class Run {
  readonly #buffer: RolloutBuffer;
  readonly #meter: CostMeter;
  readonly #candidateActions: Int32Array;
  readonly #ledger: Ledger;
  readonly #measurer: Measurer;
  readonly #advice: AdviceEdge;
  readonly #judge: Judge;
  readonly #bill: CumulativeUsage;
  readonly #cuts: CheckpointManager;
  readonly #at: RunState;

  constructor(
    readonly pipeline: Pipeline,
    readonly context: Context,
    readonly stages: OpenStages,
    readonly hooks: RunHooks,
  ) {
    const { env, teacher } = stages;
    const { envs, actions } = env.spec;
    const withOracle = pipeline.stages.feedback.usesOracle;
    this.#buffer = new RolloutBuffer(env.spec, pipeline.schedule.steps, withOracle);
    this.#meter = new CostMeter(context.clock);
    this.#candidateActions = Int32Array.from(teacher.candidates, (name) => actions.indexOf(name));
    this.#ledger = new Ledger(env, this.#candidateActions);
    this.#advice = new AdviceEdge(() => stages.teacher, pipeline.schedule, envs, context);
    this.#measurer = new Measurer(pipeline, context, stages, this.#advice);
    this.#judge = new Judge({
      stages,
      context,
      schedule: pipeline.schedule,
      buffer: this.#buffer,
      ledger: this.#ledger,
      meter: this.#meter,
      abstainFrom: hooks.abstainFrom,
    });
    this.#bill = new CumulativeUsage(() => stages.teacher);
    this.#cuts = new CheckpointManager({
      resume: hooks.resume,
      keeper: hooks.checkpoints,
      fallsBack: hooks.fallsBack ?? true,
      emit: context.emit,
      parts: () => this.#parts,
      student: () => stages.student,
    });
    this.#at = new RunState(env.reset(trainingSeeds(context.seed, envs, 0)));
  }

  /** All that has a state. */
  get #parts(): CheckpointParts {
    return {
      ...this.stages.parts(),
      run: this.#at,
      rollout: this.#buffer,
      cost: this.#meter,
      measurer: this.#measurer,
      advice: this.#advice,
      judge: this.#judge,
      usage: this.#bill,
    };
  }

  async all(): Promise<RunResult> {
    await this.#begin();
    this.#enter("measure");
    const before = await this.#measurer.before();
    const course = await this.#train();
    if (course !== "done") await this.#stop(course);
    const end = await this.#measureEnd(before, course);
    if (!end && course === "done") await this.#stop("left out");
    const { env } = this.stages;
    const states = await this.stages.save();
    const { iteration } = this.#at;
    const advice = end && await this.#measurer.weighAdvice(iteration, this.#candidateActions);
    const withoutTeacher = end && iteration > 0
      ? await this.#measurer.withoutTeacher(end.success, advice)
      : undefined;
    this.#enter("end");
    return {
      level: env.spec.id,
      iterations: iteration,
      stopped: course !== "done" || !end,
      envSteps: this.#at.envSteps,
      episodes: this.#at.episodes,
      ...before,
      ...end ? { end } : this.#knownEnd(before),
      verdicts: this.#judge.counts,
      endedByMachine: this.#judge.endedByMachine,
      teacher: this.#bill.total,
      stageSeconds: this.#meter.watch.seconds,
      cost: this.#meter.cost,
      advice,
      withoutTeacher,
      retention: this.#measurer.retention,
      metrics: this.#at.metrics,
      draw: env.draw?.bind(env),
      states,
      files: await filesOf(this.stages),
    };
  }

  /** All iterations, or those before the run is stopped. */
  async #train(): Promise<Course> {
    const { context, pipeline: { schedule: { iterations } } } = this;
    if (this.#measurer.isOwed && !await this.#measure()) return "left out";
    for (;;) {
      this.#enter("train");
      await context.clock.sleep(0); // timers, signals and workers have their turn
      if (this.#at.iteration === iterations) return "done";
      if (context.signal.aborted) return "stopped";
      await replaceStages(await this.hooks.replacements?.() ?? [], this.stages, context.emit);
      this.#advice.begin(++this.#at.iteration);
      await this.#measureRetention(this.#at.iteration - 1);
      try {
        await this.#iterate();
        if (this.#at.iteration === iterations) return "done";
        if (!await this.#measure()) return "left out";
      } catch (error) {
        if (!await this.#cuts.recover(error)) throw error;
        this.#ledger.take(); // what was noted since is not so
        continue;
      }
      await this.#cuts.take(this.#cut);
    }
  }

  /** Measures where the pipeline asks for it; false where the run is stopped meanwhile. */
  async #measure(): Promise<boolean> {
    const measurer = this.#measurer;
    const { every } = this.pipeline.evaluation;
    const { iteration } = this.#at;
    if (every === 0 || iteration % every !== 0) return true;
    this.#enter("measure");
    // A short one comes to its end before a stop would be noticed.
    if (!measurer.isSlow) return Boolean(await measurer.measure(iteration));
    measurer.isOwed = true;
    const cut = await this.#cuts.prepare(this.#cut);
    if (await measurer.measureUnlessStopped(iteration)) return true;
    await this.#cuts.keep(cut);
    return false;
  }

  /** Says that the run is stopped, and keeps where it stands. */
  async #stop(course: Course): Promise<void> {
    this.#enter("end");
    if (course === "stopped") await this.#cuts.take(this.#cut, true);
    this.context.emit({ type: "run.stopped", iteration: this.#at.iteration });
  }

  /** What was learned, measured; undefined where that would keep a run that shall stop. */
  async #measureEnd(before: Before, course: Course): Promise<Measurement | undefined> {
    const measurer = this.#measurer;
    const { iteration } = this.#at;
    if (iteration === 0) return before.start;
    const { isSlow } = measurer;
    if (course === "left out" || (course === "stopped" && isSlow)) return undefined;
    if (course === "done") this.#enter("measure");
    // The run goes on here if it is stopped while it measures.
    if (isSlow) await this.#cuts.take(this.#cut, true);
    await this.#measureRetention(iteration);
    return isSlow
      ? await measurer.measureUnlessStopped(iteration)
      : await measurer.measure(iteration);
  }

  /** What is known of the end of a run that was not measured there. */
  #knownEnd({ start }: Before): Pick<RunResult, "end" | "measuredAfter"> {
    const { iteration, ...end } = this.#measurer.latest ?? { iteration: 0, ...start };
    return { end, measuredAfter: iteration };
  }

  #enter(phase: Phase): void {
    this.hooks.onPhase?.(phase);
  }

  /** Begins, or goes on from a checkpoint. */
  async #begin(): Promise<void> {
    const { context: { emit, device }, pipeline: { schedule: { iterations } } } = this;
    if (!await this.#cuts.resume()) return emit({ type: "run.started", iterations, device });
    emit({ type: "run.resumed", iteration: this.#at.iteration, iterations, device });
  }

  /** Where the run stands between two iterations. */
  get #cut() {
    const { iteration } = this.#at;
    return { iteration, success: this.#measurer.successAfter(iteration) };
  }

  /** Where the teacher speaks no more after an iteration, what that means is measured once. */
  async #measureRetention(iteration: number): Promise<void> {
    const { teacherStop } = this.#advice;
    if (!teacherStop || this.#measurer.retention) return;
    await this.#measurer.measureRetention(iteration, teacherStop);
  }

  async #changeWorld(progress: Progress): Promise<void> {
    if (!(await this.stages.extras.changeWorld(progress))) return;
    const { env } = this.stages;
    const seeds = trainingSeeds(this.context.seed, env.spec.envs, ++this.#at.resets);
    this.#at.observations = env.reset(seeds);
    this.#buffer.restart();
  }

  /** One rollout, its verdicts, one update of the student. */
  async #iterate(): Promise<void> {
    const { context, stages } = this;
    const before = this.#judge.counts;
    const buffer = this.#buffer;
    const { iterations } = this.pipeline.schedule;
    await this.#changeWorld(this.#at.progress(this.#at.iteration - 1, iterations));
    const seconds = await this.#meter.iteration(stages.teacher, async () => {
      await this.#collect();
      const estimate = this.#judge.estimate(buffer);
      const learn = () => stages.student.learn(buffer, estimate);
      this.#at.metrics = expectMetrics(await this.#meter.watch.timeAsync("student", learn));
    });
    context.emit({ type: "ledger", rows: this.#ledger.take() });
    const counts = this.#at.counts = tally(buffer, this.#candidateActions);
    this.#at.episodes += counts.ended;
    this.#at.metrics = {
      ...this.#at.metrics,
      ...this.#advice.report(),
      ...stages.extras.report(buffer, this.#at.progress(this.#at.iteration, iterations)),
    };
    context.emit({
      type: "iteration.ended",
      iteration: this.#at.iteration,
      envSteps: this.#at.envSteps,
      episodes: this.#at.episodes,
      ...counts,
      verdicts: since(before, this.#judge.counts),
      metrics: this.#at.metrics,
      seconds,
      cost: this.#meter.cost,
    });
  }

  /** Fills the buffer with a rollout, giving feedback at the declared cadence. */
  async #collect(): Promise<void> {
    const { student, env, evidence, extras } = this.stages;
    const { pipeline: { schedule: { steps, feedbackEvery } }, context: { clock, breathe } } = this;
    const [buffer, judge] = [this.#buffer, this.#judge];
    const isShaped = extras.count > 0;
    const { watch } = this.#meter;
    const oracle = this.pipeline.stages.teacher.usesOracle ? env.oracle : undefined;
    if (evidence) await this.#gather(() => evidence.begin(this.#at.iteration));
    let judged = 0;
    for (let t = 0; t < steps; t++) {
      const turn = breathe();
      if (turn) await turn;
      const asked = clock.now();
      const advice = this.#advice.advise(this.#at.observations, oracle);
      const guidance = isPromise(advice) ? await advice : advice;
      const told = watch.add("teacher", asked);
      const choice = student.act(
        ...[this.#at.observations, guidance, "train", buffer.recall(t, student.memory)] as const,
      );
      const decision = isPromise(choice) ? await choice : choice;
      watch.add("student", told);
      buffer.decide(t, this.#at.observations, guidance, decision);
      this.#ledger.see(t, this.#at.observations, guidance);
      if (buffer.oracleRight) this.#askOracle(t);
      if (evidence) {
        const seen = this.#at.observations;
        await this.#gather(() => evidence.decide(t, seen, guidance, decision, buffer.memoryAt(t)));
      }
      if (t > 0) buffer.complete(t - 1, decision.values);
      if (judge.isLate) await judge.deliver(this.#at.iteration, t);
      if (t - judged === feedbackEvery) {
        const judging = this.#meter.feedback(() => judge.judge(this.#at.iteration, judged, t));
        if (judging) await judging;
        judged = t;
      }
      const answer = watch.time("env", () => env.step(withinBox(decision.actions, env.spec)));
      this.#advice.answer(answer);
      const { actions } = decision;
      const step = isShaped
        ? extras.reward({ guidance, actions, keys: buffer.keysAt(t), step: answer })
        : answer;
      if (buffer.answer(t, step, answer.rewards)) {
        buffer.bootstrap(t, await student.values(step.finals, buffer.remembered));
      }
      if (evidence) await this.#gather(() => evidence.answer(t, step));
      this.#at.observations = step.observations;
    }
    buffer.complete(steps - 1, await student.values(this.#at.observations, buffer.remembered));
    if (evidence) await this.#gather(() => evidence.finish(this.#at.observations));
    if (judge.isLate) await judge.deliver(this.#at.iteration, steps);
    await this.#meter.feedback(() => judge.judge(this.#at.iteration, judged, steps));
    judge.endRollout();
    this.#at.envSteps += steps * env.spec.envs;
  }

  /** Gathers evidence, which is the feedback rule's work. */
  #gather(work: () => Promise<void>): MaybePromise<void> {
    return this.#meter.feedback(() => this.#meter.watch.timeAsync("feedback", work));
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
