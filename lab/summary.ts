/** summary.json: what a run came to, in numbers that other runs can be compared with. */
import {
  type AdviceWorth,
  type Metrics,
  type Pipeline,
  type RunResult,
  STAGE_KINDS,
  type StageKind,
  type StepOfRun,
  type TeacherUsage,
  type VerdictCounts,
} from "@tandem/core";
import { digestOf } from "./digest.ts";
import { scoreOf, whyNoScore } from "./statistics/score.ts";
import { summariseTest, type TestSummary } from "./test_summary.ts";

/** The value of summary.json. Rates are shares from 0 to 1. */
export interface RunSummary {
  /** The format's number. */
  readonly tandem: 1;
  /** The pipeline's name. */
  readonly pipeline: string;
  /** The environment's id. */
  readonly level: string;
  /** The run's seed. */
  readonly seed: number;
  /** What computed. */
  readonly device: string;
  /** Iterations done, and whether the run was stopped before all were. */
  readonly iterations: number;
  /** Whether it was stopped before its last iteration. */
  readonly stopped: boolean;
  /** The extra stage that ended the run before its last iteration, and why; absent where none did. */
  readonly earlyEnd?: { readonly by: string; readonly reason: string };
  /** Iterations after which the end was measured, where the run was stopped before it was again. */
  readonly measuredAfter?: number;
  /** Steps of all environments in training. */
  readonly envSteps: number;
  /** Episodes that ended in training. */
  readonly episodes: number;
  /** Seconds from start to end by the clock. */
  readonly wallSeconds: number;
  /**
   * Processor seconds of the thread that ran it; helpers of the engine and a language model in a worker
   * are not in it. null where nobody tells, and for what was resumed.
   */
  readonly processorSeconds: number | null;
  /** Success on development worlds; the interval is the 95 % Wilson interval of the end. */
  readonly success: {
    /** The set of worlds; absent in what was written before there were others. */
    readonly worlds?: "development";
    readonly start: number;
    readonly end: number;
    readonly ci95: readonly [number, number];
    readonly episodes: number;
  };
  /** Mean return on development worlds. */
  readonly meanReward: { readonly start: number; readonly end: number };
  /** Success of random actions; null where it is not known. */
  readonly floor: number | null;
  /** Success of the expert; null where there is none. */
  readonly ceiling: number | null;
  /** Worlds on which floor and ceiling were measured; null where that is not known. */
  readonly referenceWorlds: number | null;
  /** (end - floor) / (ceiling - floor); null where there is no score. */
  readonly normalised: number | null;
  /** Why there is no score; null where there is one. */
  readonly noScore: string | null;
  /** How often the teacher is right, at both ends. */
  readonly guidanceAccuracy: {
    readonly start: number | null;
    readonly end: number | null;
    readonly states: number;
  };
  /** Numbers of verdicts by kind. */
  readonly verdicts: Readonly<VerdictCounts>;
  /** What the teacher has cost. */
  readonly teacher: TeacherUsage;
  /** Seconds by stage. */
  readonly stageSeconds: Readonly<Record<StageKind, number>>;
  /** Seconds of training, and those of them that the feedback edge took. */
  readonly trainingSeconds: number;
  /** Dollars that the teacher's requests in training have cost; absent where nothing has a price. */
  readonly trainingDollars?: number;
  /** Seconds that the feedback edge took. */
  readonly feedbackSeconds: number;
  /** What advice is worth at the end; null where it was not asked or the teacher says nothing. */
  readonly advice: AdviceWorth | null;
  /** Success at the end while the teacher is silent; null where it has said nothing. */
  readonly withoutTeacher: number | null;
  /** Success on development worlds when the teacher left, with it and alone; null where it stayed. */
  readonly retention: {
    /** The last iteration with the teacher. */
    readonly iteration: number;
    readonly withTeacher: number;
    readonly alone: number;
  } | null;
  /** What it came to on the test worlds of its plan; absent for a run that belongs to none. */
  readonly test?: TestSummary;
  /** What the student reported of its last update. */
  readonly metrics: Metrics;
  /** Which stages ask the expert: such a run is a control and no evidence of learning. */
  readonly control: string | null;
  /**
   * Where the machine ended the feedback rule and not what the rule did, as where a sandboxed rule took
   * too long by the clock: another machine may come to something else. Absent where the run can be
   * reproduced.
   */
  readonly notReproducible?: StepOfRun;
  /** SHA-256 of what was learned and measured; equal for equal runs on one device. */
  readonly digest: string;
}

/** What a summary says beside the {@linkcode RunResult}. */
export interface SummaryContext {
  /** What was run. */
  readonly pipeline: Pipeline;
  /** The environment's id. */
  readonly level: string;
  /** The run's seed. */
  readonly seed: number;
  /** The device that computed, as `auto` was resolved. */
  readonly device: string;
  /** Seconds from start to end by the clock. */
  readonly wallSeconds: number;
  /** Processor seconds of the thread, where they are known. */
  readonly processorSeconds?: number;
}

/** The summary of a run. */
export function summarise(result: RunResult, context: SummaryContext): RunSummary {
  const { start, end, reference: { floor, ceiling, worlds } } = result;
  const { pipeline, level, seed, device, wallSeconds, processorSeconds = null } = context;
  return {
    tandem: 1,
    pipeline: pipeline.name,
    level,
    seed,
    device,
    iterations: result.iterations,
    stopped: result.stopped,
    ...result.earlyEnd && { earlyEnd: result.earlyEnd },
    ...result.measuredAfter !== undefined && { measuredAfter: result.measuredAfter },
    envSteps: result.envSteps,
    episodes: result.episodes,
    wallSeconds,
    processorSeconds,
    success: {
      worlds: "development",
      start: start.success.rate,
      end: end.success.rate,
      ci95: end.success.ci95,
      episodes: end.success.episodes,
    },
    meanReward: { start: start.success.meanReward, end: end.success.meanReward },
    floor,
    ceiling,
    referenceWorlds: worlds,
    normalised: scoreOf(end.success.rate, result.reference),
    noScore: whyNoScore(result.reference),
    guidanceAccuracy: {
      start: start.guidanceAccuracy.rate,
      end: end.guidanceAccuracy.rate,
      states: end.guidanceAccuracy.states,
    },
    verdicts: { ...result.verdicts },
    teacher: result.teacher,
    stageSeconds: result.stageSeconds,
    trainingSeconds: result.cost.seconds,
    ...result.cost.teacher.dollars !== undefined &&
      { trainingDollars: result.cost.teacher.dollars },
    feedbackSeconds: result.cost.feedbackSeconds,
    advice: result.advice ?? null,
    withoutTeacher: result.withoutTeacher?.rate ?? null,
    retention: result.retention
      ? {
        iteration: result.retention.iteration,
        withTeacher: result.retention.withTeacher.rate,
        alone: result.retention.alone.rate,
      }
      : null,
    ...result.test && { test: summariseTest(result.test) },
    metrics: result.metrics,
    control: controlLabel(pipeline),
    ...result.endedByMachine && { notReproducible: result.endedByMachine },
    digest: digestOf(result),
  };
}

/** Environment steps a second while training; null where nothing was trained. */
export function framesPerSecond({ envSteps, stageSeconds }: RunSummary): number | null {
  const seconds = Object.values(stageSeconds).reduce((sum, value) => sum + value, 0);
  return seconds > 0 ? envSteps / seconds : null;
}

/** Which stages of a pipeline ask the expert, or null where none does. */
export function controlLabel(pipeline: Pipeline): string | null {
  const asking = STAGE_KINDS.filter((kind) => pipeline.stages[kind].usesOracle);
  if (asking.length === 0) return null;
  return `oracle: ${asking.map((kind) => `${kind} ${pipeline.stages[kind].plugin}`).join(", ")}`;
}
