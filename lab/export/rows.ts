/** Runs as rows of flat tables. */
import { scored } from "../comparison/measures.ts";
import type { TrainingPosition, TrialRecord } from "../trial.ts";

/** A value of a table; null where there is none. */
export type CellValue = string | number | boolean | null;
/** A row, with the same columns in the same order as the others of its table. */
export type Row = Readonly<Record<string, CellValue>>;

/** The tables of some runs. */
export interface Tables {
  /** One row a run. */
  readonly runs: readonly Row[];
  /** One row a measurement on held-out worlds. */
  readonly evaluations: readonly Row[];
  /** One row a span of training. */
  readonly training: readonly Row[];
}

/** A run with what tells it from others. */
export interface NamedRun {
  /** The variant; the pipeline's name for a run by itself. */
  readonly variant: string;
  /** The level. */
  readonly level: string;
  /** The run's seed. */
  readonly seed: number;
  /** What it came to. */
  readonly record: TrialRecord;
}

/** Runs as tables. */
export function tablesOf(named: readonly NamedRun[]): Tables {
  const rows = named.map(({ record, variant, level, seed }) => ({
    key: { variant, level, seed },
    record,
  }));
  return {
    runs: rows.map(({ key, record }) => ({ ...key, ...runRow(record) })),
    evaluations: rows.flatMap(({ key, record }) =>
      record.evaluations.map((at) => ({
        ...key,
        ...progressRow(at),
        success: at.success,
        score: scored(record, at.success),
        mean_reward: at.meanReward,
        mean_steps: at.meanSteps,
        guidance_accuracy: at.guidance,
      }))
    ),
    training: rows.flatMap(({ key, record }) =>
      record.training.map((span) => ({
        ...key,
        ...progressRow(span),
        ended: span.ended,
        solved: span.solved,
        mean_reward: span.meanReward,
        followed: span.followed,
        verdicts_positive: span.verdicts.positive,
        verdicts_negative: span.verdicts.negative,
        verdicts_abstained: span.verdicts.abstained,
      }))
    ),
  };
}

function runRow(record: TrialRecord): Row {
  const { summary } = record;
  const { success, guidanceAccuracy, verdicts, advice } = summary;
  return {
    device: summary.device,
    iterations: summary.iterations,
    env_steps: summary.envSteps,
    episodes: summary.episodes,
    wall_seconds: summary.wallSeconds,
    processor_seconds: summary.processorSeconds,
    training_seconds: summary.trainingSeconds,
    feedback_seconds: summary.feedbackSeconds,
    floor: summary.floor,
    ceiling: summary.ceiling,
    success_start: success.start,
    success_end: success.end,
    score_end: scored(record, success.end),
    no_score: summary.noScore ?? null,
    success_without_teacher: summary.withoutTeacher ?? advice?.withoutTeacher.rate ?? null,
    effect_mean: advice?.effects?.mean ?? null,
    guidance_start: guidanceAccuracy.start,
    guidance_end: guidanceAccuracy.end,
    verdicts_positive: verdicts.positive,
    verdicts_negative: verdicts.negative,
    verdicts_abstained: verdicts.abstained,
    teacher_calls: summary.teacher.calls,
    teacher_requests: summary.teacher.requests ?? null,
    teacher_unusable: summary.teacher.unusable ?? null,
    teacher_tokens: summary.teacher.tokens,
    teacher_dollars: summary.teacher.dollars ?? null,
    control: summary.control,
    test_plan: summary.test?.plan ?? null,
    test_success: summary.test?.success ?? null,
    test_success_without_teacher: summary.test?.withoutTeacher?.success ?? null,
    test_guidance: summary.test?.guidanceAccuracy.rate ?? null,
    digest: summary.digest,
  };
}

function progressRow(at: TrainingPosition): Row {
  return {
    iteration: at.iteration,
    env_steps: at.envSteps,
    episodes: at.episodes,
    seconds: at.seconds,
    feedback_seconds: at.feedbackSeconds,
    teacher_calls: at.teacher.calls,
    teacher_tokens: at.teacher.tokens,
  };
}
