/** Comparisons made by hand: what the tests of statements and reports read. */
import type { AdviceWorth, EffectSummary } from "../../../core/stages/events.ts";
import {
  type Question,
  type Reached,
  Results,
  type TrialResult,
} from "../../../lab/comparison/results.ts";
import { definePlan, trialsOf } from "../../../lab/plan.ts";
import type { RunSummary } from "../../../lab/summary.ts";
import {
  type AdviceTally,
  type Evaluation,
  NO_ADVICE,
  type TrainingSpan,
  type TrialRecord,
} from "../../../lab/trial.ts";
import { CONFIG, row, SUMMARY } from "../sample.ts";

/** What a run of the sample is like; the rest is dull. */
export interface SampleRun {
  /** Held-out success, measurement by measurement, every 10 iterations. */
  readonly success: readonly number[];
  readonly guidance?: number;
  /** Advice by thirds of training. */
  readonly advice?: readonly AdviceTally[];
  readonly worth?: AdviceWorth;
  readonly seconds?: number;
  readonly feedbackSeconds?: number;
  readonly summary?: Partial<RunSummary>;
  readonly warnings?: readonly string[];
}

/** 100 environment steps, 5 episodes and 1 second an iteration. */
export function sampleRecord(run: SampleRun): TrialRecord {
  const { success, guidance = null, advice = [], worth = null, seconds = 1 } = run;
  const feedbackSeconds = run.feedbackSeconds ?? 0.1;
  const at = (iteration: number) => ({
    iteration,
    envSteps: 100 * iteration,
    episodes: 5 * iteration,
    seconds: seconds * iteration,
    feedbackSeconds: feedbackSeconds * iteration,
    teacherSeconds: 0.2 * iteration,
    teacher: { calls: guidance === null ? 0 : 100 * iteration, cacheHits: 0, tokens: 0 },
  });
  const evaluations: Evaluation[] = success.map((rate, k) => ({
    ...at(10 * k),
    success: rate,
    meanReward: rate,
    meanSteps: 10,
    worlds: 100,
    guidance,
    calibration: guidance === null
      ? []
      : [{ confidence: 0.5, states: 50, right: Math.round(50 * guidance) }],
  }));
  const iterations = 10 * (success.length - 1);
  const training: TrainingSpan[] = [0, 1, 2].map((third) => ({
    ...at(Math.round(iterations * (third + 1) / 3)),
    ended: 10,
    solved: 5,
    meanReward: 0.5,
    followed: guidance,
    verdicts: { positive: 5, negative: 5, abstained: 0 },
    advice: advice[third] ?? NO_ADVICE,
  }));
  const summary: RunSummary = {
    ...SUMMARY,
    iterations,
    success: { start: success[0]!, end: success.at(-1)!, ci95: [0, 1], episodes: 100 },
    floor: 0,
    ceiling: 1,
    guidanceAccuracy: { start: guidance, end: guidance, states: 50 },
    trainingSeconds: seconds * iterations,
    feedbackSeconds: feedbackSeconds * iterations,
    advice: worth,
    ...run.summary,
  };
  const steps = Array.from({ length: 5 }, (_, step) =>
    row({
      step,
      guidance: guidance === null ? null : "go forward",
      ended: step === 4,
      reward: step === 4 ? 0.9 : 0,
    }));
  return { summary, evaluations, training, episode: steps, warnings: run.warnings };
}

/** What a sample comparison is made of. */
export interface SamplePlan {
  readonly variants?: readonly string[];
  readonly levels?: readonly string[];
  readonly seeds?: number;
  readonly question?: Partial<Question>;
  /** Seed counts at which the plan looks; the seeds are those of one of them. */
  readonly looks?: readonly number[];
  /** Seeds by variant, where some were decided before others. */
  readonly reached?: Reached;
}

/**
 * Results in which each run is what `run` makes of it: a run, an error's message, or undefined where
 * it has not ended.
 */
export function sampleResults(
  run: (variant: string, level: string, seed: number) => SampleRun | string | undefined,
  { variants = ["alone", "bidirectional"], levels = ["A"], seeds = 8, question, looks, reached }:
    SamplePlan = {},
): Results {
  const plan = definePlan({
    pipeline: CONFIG.pipeline,
    variants: variants.map((name) => ({
      name,
      settings: name === "bidirectional" ? [] : [`feedback=${name}`],
      about: `what ${name} is`,
    })),
    levels,
    seeds: Array.from({ length: looks?.at(-1) ?? seeds }, (_, seed) => seed),
    looks,
  });
  const trials = trialsOf(plan).map((trial): TrialResult => {
    const made = run(trial.variant.name, trial.level!, trial.seed);
    const key = JSON.stringify([trial.variant.name, trial.level, trial.seed]);
    if (made === undefined) return { ...trial, key };
    if (typeof made === "string") {
      return { ...trial, key, outcome: { error: { code: "E_NUMERIC", message: made } } };
    }
    return { ...trial, key, outcome: { record: sampleRecord(made) } };
  });
  return new Results(
    plan,
    { baseline: "alone", threshold: 0.9, ...question },
    trials,
    reached ?? seeds,
  );
}

/** Learning that ends at a height, with some spread over seeds. */
export function climb(to: number, seed: number): SampleRun {
  const end = Math.min(1, to + 0.004 * ((seed * 7) % 5));
  return { success: [0.2, (0.2 + end) / 2, end, end], guidance: 0.6 };
}

const effect = (mean: number): EffectSummary => ({
  states: 100,
  mean,
  deviation: 0.1,
  helped: 10,
  hurt: 5,
});

/** What advice is worth, by success without it and the mean effect of a word. */
export function worth(without: number, mean: number): AdviceWorth {
  return {
    withoutTeacher: { rate: without, ci95: [0, 1], episodes: 100, meanReward: 0, meanSteps: 5 },
    effects: effect(mean),
    rightEffects: effect(2 * mean),
    wrongEffects: null,
  };
}
