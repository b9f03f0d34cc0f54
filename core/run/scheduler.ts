/** The scheduler: the loop of a pipeline, its cadence and its clock. It alone runs loops. */
import type { Context } from "../kit/context.ts";
import { AdviceEdge } from "./parts/advice_edge.ts";
import { type EarlyEnd, Parts } from "./parts/parts.ts";
import { OracleRuler } from "./parts/oracle_ruler.ts";
import { Loop } from "./loop.ts";
import type { CheckpointParts } from "./checkpoint.ts";
import { CostMeter } from "./parts/cost_meter.ts";
import { TandemError } from "../base/errors.ts";
import { Judge, since } from "./parts/judge.ts";
import { Ledger } from "./parts/ledger.ts";
import { type Before, Measurer } from "./measure/measurer.ts";
import { Past } from "./parts/past.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { RolloutBuffer, tally } from "../kit/rollout_buffer.ts";
import { CheckpointManager } from "./checkpoint_manager.ts";
import { RunState } from "./run_state.ts";
import { trainingSeeds } from "./measure/world_seeds.ts";
import { type OpenStages, openStages } from "./open_stages.ts";
import { type Phase, replaceStages, type RunHooks } from "./replace_stage.ts";
import type { Measurement, RunResult } from "./result.ts";
import { expectMetrics } from "../kit/shapes.ts";
import { filesOf } from "./stage_files.ts";
import type { RunPart, Samples } from "../stages/mod.ts";
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
  readonly #parts: Parts;
  readonly #measurer: Measurer;
  readonly #advice: AdviceEdge;
  readonly #judge: Judge;
  readonly #usage: CumulativeUsage;
  readonly #checkpoints: CheckpointManager;
  readonly #at: RunState;
  readonly #loop: Loop;

  constructor(
    readonly pipeline: Pipeline,
    readonly context: Context,
    readonly stages: OpenStages,
    readonly hooks: RunHooks,
  ) {
    const { schedule } = pipeline;
    const { env, teacher, evidence, feedback: { needs } } = stages;
    const { envs, actions } = env.spec;
    const { usesOracle } = pipeline.stages.feedback;
    const buffer = this.#buffer = new RolloutBuffer(env.spec, schedule.steps, usesOracle);
    const meter = this.#meter = new CostMeter(context.clock);
    this.#candidateActions = Int32Array.from(teacher.candidates, (name) => actions.indexOf(name));
    const ledger = this.#ledger = new Ledger(() => stages.env, this.#candidateActions);
    this.#advice = new AdviceEdge(stages, schedule, envs, context);
    const parts: RunPart[] = [this.#advice, ledger];
    if (this.#advice.budget) parts.push(this.#advice.budget);
    if (usesOracle) parts.push(new OracleRuler(buffer, () => stages.env, this.#candidateActions));
    if (evidence) parts.push(meter.onFeedbackEdge(evidence));
    const past = needs?.achievements || needs?.past
      ? new Past(needs, env.spec, teacher.candidates)
      : undefined;
    if (past) parts.push(past);
    this.#parts = new Parts(parts, stages.extras);
    const { abstainFrom } = hooks;
    const judging = { stages, context, schedule, buffer, ledger, meter, past, parts: this.#parts };
    parts.push(this.#judge = new Judge({ ...judging, abstainFrom }));
    this.#measurer = new Measurer(pipeline, context, stages, this.#advice, this.#parts);
    this.#usage = new CumulativeUsage(() => stages.teacher);
    this.#checkpoints = new CheckpointManager({
      resume: hooks.resume,
      keeper: hooks.checkpoints,
      fallsBack: hooks.fallsBack ?? true,
      emit: context.emit,
      parts: () => this.#stateful,
      student: () => stages.student,
    });
    this.#at = new RunState(env.reset(trainingSeeds(context.seed, envs, 0, needs?.group)));
    this.#loop = new Loop({
      ...{ stages, context, buffer, parts: this.#parts, advice: this.#advice, at: this.#at },
      watch: meter.watch,
      withOracle: pipeline.stages.teacher.usesOracle,
    });
  }

  /** All that has a state. */
  get #stateful(): CheckpointParts {
    return {
      ...this.stages.parts(),
      run: this.#at,
      rollout: this.#buffer,
      cost: this.#meter,
      measurer: this.#measurer,
      advice: this.#advice,
      judge: this.#judge,
      usage: this.#usage,
    };
  }

  async all(): Promise<RunResult> {
    await this.#start();
    this.#enter("measure");
    const before = await this.#measurer.before();
    const course = await this.#train();
    if (course !== "done") await this.#stop(course);
    const end = await this.#measureEnd(before, course);
    if (!end && course === "done") await this.#stop("left out");
    const { heldOutWorlds } = this.stages;
    const states = await this.stages.save();
    const { iteration, envSteps, episodes, earlyEnd, metrics } = this.#at;
    const advice = end && await this.#measurer.weighAdvice(iteration, this.#candidateActions);
    const withoutTeacher = end && iteration > 0
      ? await this.#measurer.withoutTeacher(end.success, advice)
      : undefined;
    const teacher = this.#usage.total;
    const isTested = end !== undefined && course === "done" && this.hooks.testPlan !== undefined;
    const test = isTested ? await this.#measurer.test(this.hooks.testPlan!) : undefined;
    if (isTested && !test) await this.#stop("left out");
    this.#enter("end");
    return {
      level: heldOutWorlds.spec.id,
      iterations: iteration,
      stopped: course !== "done" || !end || (isTested && !test),
      ...{ earlyEnd, envSteps, episodes, metrics },
      ...before,
      ...end ? { end } : this.#knownEnd(before),
      verdicts: this.#judge.counts,
      endedByMachine: this.#judge.endedByMachine,
      teacher,
      stageSeconds: this.#meter.watch.seconds,
      cost: this.#meter.cost,
      advice,
      withoutTeacher,
      retention: this.#measurer.retention,
      test,
      draw: heldOutWorlds.draw?.bind(heldOutWorlds),
      states,
      files: await filesOf(this.stages),
    };
  }

  /** All iterations, or those before the run is stopped or a part ends it. */
  async #train(): Promise<Course> {
    const { context, pipeline: { schedule: { iterations } } } = this;
    const at = this.#at;
    if (this.#measurer.isOwed && !await this.#measure()) return "left out";
    for (;;) {
      this.#enter("train");
      await context.clock.sleep(0); // timers, signals and workers have their turn
      if (at.iteration === iterations || at.earlyEnd) return "done";
      if (context.signal.aborted) return "stopped";
      await replaceStages(await this.hooks.replacements?.() ?? [], this.stages, context.emit);
      try {
        if (!await this.#begin()) continue;
        await this.#iterate();
        if (at.iteration === iterations) return "done";
        if (!await this.#measure()) return "left out";
      } catch (error) {
        if (!await this.#checkpoints.recover(error)) throw error;
        this.#ledger.take(); // what was noted since is not so
        continue;
      }
      await this.#checkpoints.take(this.#position);
    }
  }

  /** Begins an iteration; false where a part ends the run before it. */
  async #begin(): Promise<boolean> {
    const at = this.#at;
    const { env, end } = await this.#parts.begin(at.progress(this.pipeline.schedule.iterations));
    if (this.#end(end)) return false;
    at.iteration++;
    await this.#measureRetention(at.iteration - 1);
    if (env && await this.stages.changeEnv(env)) {
      const { env: played, feedback: { needs } } = this.stages;
      const { envs } = played.spec;
      const seeds = trainingSeeds(this.context.seed, envs, ++at.resets, needs?.group);
      at.observations = played.reset(seeds);
      this.#buffer.restart();
    }
    return true;
  }

  /** Whether a part asks for the end of the run, which is told then. */
  #end(end: EarlyEnd | undefined): boolean {
    if (!end) return false;
    this.#at.earlyEnd = end;
    this.context.emit({ type: "run.ended-early", iteration: this.#at.iteration, ...end });
    return true;
  }

  /** One rollout with its verdicts, and one update of the student. */
  async #iterate(): Promise<void> {
    const { context, stages, pipeline: { schedule: { iterations } } } = this;
    const [at, judge, buffer] = [this.#at, this.#judge, this.#buffer];
    const { rewardThreshold: threshold } = stages.env.spec;
    const before = judge.counts;
    const seconds = await this.#meter.iteration(stages.teacher, async () => {
      const practice = await this.#loop.rollout();
      const estimate = judge.estimate(buffer);
      const learn = () => stages.student.learn(buffer, estimate, this.#parts.replay());
      at.metrics = expectMetrics(await this.#meter.watch.timeAsync("student", learn));
      for (const [by, samples] of practice) await this.#practise(by, samples);
    });
    context.emit({ type: "ledger", ...this.#ledger.take() });
    const counts = at.counts = tally(buffer, this.#candidateActions, threshold);
    at.episodes += counts.ended;
    at.metrics = { ...at.metrics, ...this.#parts.report(buffer, at.progress(iterations)) };
    const { iteration, envSteps, episodes, metrics } = at;
    context.emit({
      type: "iteration.ended",
      ...{ iteration, envSteps, episodes, ...counts, metrics, seconds },
      verdicts: since(before, judge.counts),
      cost: this.#meter.cost,
    });
  }

  /** Lets the student learn from transitions that an extra stage hands in. */
  async #practise(by: string, samples: Samples): Promise<void> {
    const { student } = this.stages;
    if (!student.practise) {
      const { plugin } = this.pipeline.stages.student;
      throw new TandemError(
        "E_WIRING",
        `The extra "${by}" hands in transitions to practise on, and the student "${plugin}" has no ` +
          'method "practise".',
        { stage: "student" },
      );
    }
    const work = () => student.practise!(samples);
    const metrics = expectMetrics(await this.#meter.watch.timeAsync("student", work));
    this.#at.metrics = { ...this.#at.metrics, ...metrics };
  }

  /**
   * Measures where the pipeline asks for it, after which a part may end the run; false where the run is
   * stopped meanwhile.
   */
  async #measure(): Promise<boolean> {
    const measurer = this.#measurer;
    const { every } = this.pipeline.evaluation;
    const { iteration } = this.#at;
    if (every === 0 || iteration % every !== 0) return true;
    this.#enter("measure");
    // A short one comes to its end before a stop would be noticed.
    if (!measurer.isSlow) await measurer.measure(iteration);
    else {
      measurer.isOwed = true;
      const prepared = await this.#checkpoints.prepare(this.#position);
      if (!await measurer.measureUnlessStopped(iteration)) {
        await this.#checkpoints.keep(prepared);
        return false;
      }
    }
    this.#end(this.#parts.ask().end);
    return true;
  }

  /** Says that the run is stopped, and keeps where it stands. */
  async #stop(course: Course): Promise<void> {
    this.#enter("end");
    if (course === "stopped") await this.#checkpoints.take(this.#position, true);
    this.context.emit({ type: "run.stopped", iteration: this.#at.iteration });
  }

  /** What was learned, measured; undefined where that would keep a run that shall stop. */
  async #measureEnd(before: Before, course: Course): Promise<Measurement | undefined> {
    const measurer = this.#measurer;
    const { iteration, earlyEnd } = this.#at;
    if (iteration === 0) return before.start;
    const { isSlow } = measurer;
    const known = earlyEnd && !this.#owesRetention ? measurer.measuredAfter(iteration) : undefined;
    if (known) return known;
    if (course === "left out" || (course === "stopped" && isSlow)) return undefined;
    if (course === "done") this.#enter("measure");
    // The run goes on here if it is stopped while it measures.
    if (isSlow) await this.#checkpoints.take(this.#position, true);
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

  /** Starts, or resumes from a checkpoint. */
  async #start(): Promise<void> {
    const { context: { emit, device }, pipeline: { schedule: { iterations } } } = this;
    if (!await this.#checkpoints.resume()) return emit({ type: "run.started", iterations, device });
    this.#oweMeasurement(iterations);
    emit({ type: "run.resumed", iteration: this.#at.iteration, iterations, device });
  }

  /** What was the last iteration may not be so any more: then it is measured as any other. */
  #oweMeasurement(iterations: number): void {
    const { every } = this.pipeline.evaluation;
    const { iteration } = this.#at;
    const isDue = every > 0 && iteration > 0 && iteration < iterations && iteration % every === 0;
    if (isDue && !this.#measurer.measuredAfter(iteration)) this.#measurer.isOwed = true;
  }

  /** Where the run stands between two iterations. */
  get #position() {
    const { iteration } = this.#at;
    return { iteration, success: this.#measurer.successAfter(iteration) };
  }

  /** Where the teacher speaks no more after an iteration, what that means is measured once. */
  async #measureRetention(iteration: number): Promise<void> {
    if (!this.#owesRetention) return;
    await this.#measurer.measureRetention(iteration, this.#advice.teacherStop!);
  }

  get #owesRetention(): boolean {
    return this.#advice.teacherStop !== undefined && !this.#measurer.retention;
  }
}
