/** The form of a trial's record, for one that comes from another machine. */
import * as v from "valibot";
import { STAGE_KINDS } from "../core/stages.ts";
import type { TrialRecord } from "./trial.ts";
import { MOST_SPANS } from "./trial.ts";

/** Longest texts, most measurements and most rows of an episode that a record may hold. */
const [TEXT, MEASUREMENTS, ROWS] = [4000, 10_000, 10_000] as const;

const text = v.pipe(v.string(), v.maxLength(TEXT));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const seconds = v.pipe(v.number(), v.finite(), v.minValue(0));
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const number = v.pipe(v.number(), v.finite());
/** What was NaN or infinite is null in JSON. */
const anyNumber = v.nullable(number);

const usage = v.looseObject({ calls: count, cacheHits: count, tokens: count });
const verdicts = v.looseObject({ positive: count, negative: count, abstained: count });
const success = v.looseObject({ rate: share });
const effects = v.nullable(
  v.looseObject({ states: count, mean: number, deviation: number, helped: count, hurt: count }),
);
const startAndEnd = { start: number, end: number };

const SUMMARY = v.looseObject({
  tandem: v.literal(1),
  pipeline: text,
  level: text,
  seed: count,
  device: text,
  iterations: count,
  stopped: v.boolean(),
  envSteps: count,
  episodes: count,
  wallSeconds: seconds,
  success: v.looseObject({
    start: share,
    end: share,
    ci95: v.tuple([number, number]),
    episodes: count,
  }),
  meanReward: v.looseObject(startAndEnd),
  floor: anyNumber,
  ceiling: anyNumber,
  normalised: anyNumber,
  guidanceAccuracy: v.looseObject({ start: anyNumber, end: anyNumber, states: count }),
  verdicts,
  teacher: usage,
  stageSeconds: v.looseObject(Object.fromEntries(STAGE_KINDS.map((kind) => [kind, seconds]))),
  trainingSeconds: seconds,
  feedbackSeconds: seconds,
  advice: v.nullable(v.looseObject({
    withoutTeacher: success,
    effects,
    rightEffects: effects,
    wrongEffects: effects,
  })),
  retention: v.nullable(v.looseObject({ iteration: count, withTeacher: share, alone: share })),
  metrics: v.record(text, anyNumber),
  control: v.nullable(text),
  digest: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});

const progress = {
  iteration: count,
  envSteps: count,
  episodes: count,
  seconds,
  feedbackSeconds: seconds,
  teacherSeconds: seconds,
  teacher: usage,
};

const EVALUATION = v.looseObject({
  ...progress,
  success: share,
  meanReward: number,
  meanSteps: anyNumber,
  worlds: count,
  guidance: v.nullable(share),
  calibration: v.pipe(
    v.array(v.looseObject({ confidence: number, states: count, right: count })),
    v.maxLength(1000),
  ),
});

const advice = v.looseObject({ given: count, followed: count, praised: count, blamed: count });

const SPAN = v.looseObject({
  ...progress,
  ended: count,
  solved: count,
  meanReward: anyNumber,
  followed: anyNumber,
  verdicts,
  advice: v.looseObject({ advised: count, confidence: number, right: advice, wrong: advice }),
});

const ROW = v.looseObject({
  iteration: count,
  step: count,
  env: count,
  mission: text,
  state: v.pipe(v.array(text), v.maxLength(1000)),
  snapshot: v.optional(v.pipe(v.string(), v.maxLength(64 * TEXT))),
  guidance: v.nullable(text),
  author: v.optional(text),
  probability: anyNumber,
  right: v.nullable(v.boolean()),
  action: text,
  reward: anyNumber,
  ended: v.boolean(),
  advantage: anyNumber,
  before: anyNumber,
  verdict: v.picklist(["positive", "negative", "abstain"]),
  words: text,
});

/**
 * The form of a {@linkcode TrialRecord}. What it does not name is kept: a record may come to say more.
 */
export const TRIAL_RECORD = v.pipe(
  v.looseObject({
    summary: SUMMARY,
    evaluations: v.pipe(v.array(EVALUATION), v.maxLength(MEASUREMENTS)),
    training: v.pipe(v.array(SPAN), v.maxLength(MOST_SPANS)),
    episode: v.nullable(v.pipe(v.array(ROW), v.maxLength(ROWS))),
    warnings: v.optional(v.pipe(v.array(text), v.maxLength(100))),
  }),
  // The schema reads what JSON can hold, in which a type of ours has no more to it.
  v.transform((record) => record as unknown as TrialRecord),
);
