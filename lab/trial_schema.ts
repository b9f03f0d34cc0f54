/** What a record or a summary must be to be believed, wherever it was read from. */
import * as v from "valibot";
import type { LedgerRow } from "@tandem/core";
import type { RunSummary } from "./summary.ts";
import { TEST_SUMMARY } from "./test_summary.ts";
import { USAGE } from "./usage_schema.ts";
import { MOST_SPANS, type TrialRecord } from "./trial.ts";

const number = v.pipe(v.number(), v.finite());
const count = v.pipe(number, v.minValue(0));
const share = v.pipe(number, v.minValue(0), v.maxValue(1));
/** Longer texts, lists and episodes are none of Tandem's. */
const [TEXT, MEASUREMENTS, ROWS] = [1 << 20, 1 << 20, 1 << 16] as const;
const text = v.pipe(v.string(), v.maxLength(TEXT));

/** Numbers by name. A number that was not finite is null in JSON. */
export const NUMBERS_BY_NAME: v.GenericSchema<Readonly<Record<string, number>>> = v.custom<
  Readonly<Record<string, number>>
>(
  isNumbers,
);

function isNumbers(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.values(value).every((item) => item === null || Number.isFinite(item));
}

/** Verdicts by kind. */
export const VERDICTS = v.looseObject({
  positive: count,
  negative: count,
  abstained: count,
  earlier: v.optional(
    v.looseObject({ verdicts: count, stepsAgo: count, farthest: count, leftOut: count }),
  ),
});
const interval = v.tuple([share, share]);
/** Success on held-out worlds, of `core/stages/events.ts`. */
export const SUCCESS = v.looseObject({
  rate: share,
  ci95: interval,
  episodes: count,
  meanReward: number,
  meanSteps: count,
});
const calibration = v.array(v.looseObject({ confidence: share, states: count, right: count }));
const effects = v.looseObject({
  states: count,
  mean: number,
  deviation: count,
  helped: count,
  hurt: count,
});
/** What advice is worth. */
export const ADVICE = v.looseObject({
  withoutTeacher: SUCCESS,
  effects: v.nullable(effects),
  rightEffects: v.nullable(effects),
  wrongEffects: v.nullable(effects),
});

/** The shape of summary.json. */
const SUMMARY = v.looseObject({
  tandem: v.literal(1),
  pipeline: text,
  level: text,
  seed: v.pipe(count, v.integer()),
  device: text,
  iterations: count,
  stopped: v.boolean(),
  earlyEnd: v.optional(v.looseObject({ by: text, reason: text })),
  envSteps: count,
  episodes: count,
  wallSeconds: count,
  processorSeconds: v.nullish(count, null),
  success: v.looseObject({
    worlds: v.optional(v.literal("development")),
    start: share,
    end: share,
    ci95: interval,
    episodes: count,
  }),
  meanReward: v.looseObject({ start: number, end: number }),
  floor: v.nullable(share),
  ceiling: v.nullable(share),
  // Records that were made before these were told have none of them.
  referenceWorlds: v.nullish(count, null),
  normalised: v.nullable(number),
  noScore: v.nullish(text, null),
  guidanceAccuracy: v.looseObject({
    start: v.nullable(share),
    end: v.nullable(share),
    states: count,
  }),
  verdicts: VERDICTS,
  teacher: USAGE,
  stageSeconds: NUMBERS_BY_NAME,
  trainingSeconds: count,
  trainingDollars: v.optional(count),
  feedbackSeconds: count,
  advice: v.nullish(ADVICE, null),
  withoutTeacher: v.nullish(share, null),
  notReproducible: v.optional(v.looseObject({ iteration: count, step: count })),
  retention: v.nullish(
    v.looseObject({ iteration: count, withTeacher: share, alone: share }),
    null,
  ),
  test: v.optional(TEST_SUMMARY),
  metrics: NUMBERS_BY_NAME,
  control: v.nullable(text),
  digest: v.pipe(v.string(), v.regex(/^[0-9a-f]{1,64}$/)),
});

const progress = {
  iteration: count,
  envSteps: count,
  episodes: count,
  seconds: count,
  feedbackSeconds: count,
  teacherSeconds: count,
  teacher: USAGE,
} as const;
const tally = v.looseObject({
  given: count,
  followed: count,
  praised: count,
  blamed: count,
});

const EVALUATION = v.looseObject({
  ...progress,
  success: share,
  meanReward: number,
  meanSteps: count,
  worlds: count,
  guidance: v.nullable(share),
  calibration,
});

const SPAN = v.looseObject({
  ...progress,
  ended: count,
  solved: count,
  meanReward: v.nullable(number),
  followed: v.nullable(share),
  verdicts: VERDICTS,
  advice: v.looseObject({ advised: count, confidence: count, right: tally, wrong: tally }),
});

/** The shape of a {@linkcode TrialRecord}. What it does not name is kept: a record may come to say more. */
export const TRIAL_RECORD = v.looseObject({
  summary: SUMMARY,
  evaluations: v.pipe(v.array(EVALUATION), v.maxLength(MEASUREMENTS)),
  training: v.pipe(v.array(SPAN), v.maxLength(MOST_SPANS)),
  episode: v.nullable(v.pipe(v.array(v.custom<LedgerRow>(isLedgerRow)), v.maxLength(ROWS))),
  warnings: v.optional(v.pipe(v.array(text), v.maxLength(1000))),
});

/** Whether a value is a row of the ledger. A run has millions, so no schema is walked for each. */
export function isLedgerRow(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const row = value as Readonly<Record<string, unknown>>;
  return PLACES.every((name) => Number.isSafeInteger(row[name])) &&
    NUMBERS.every((name) => row[name] === null || Number.isFinite(row[name])) &&
    TEXTS.every((name) => typeof row[name] === "string") &&
    (row.guidance === null || typeof row.guidance === "string") &&
    (row.right === null || typeof row.right === "boolean") &&
    typeof row.ended === "boolean" &&
    ["string", "undefined"].includes(typeof row.author) &&
    ["string", "undefined"].includes(typeof row.snapshot) &&
    VERDICT_KINDS.includes(row.verdict as string) &&
    Array.isArray(row.state) && row.state.every((words) => typeof words === "string") &&
    (row.later === undefined || (Array.isArray(row.later) && row.later.every(isLaterVerdict))) &&
    // Nothing else that goes deep: rows are written out when they are compared.
    Object.entries(row).every(([name, item]) =>
      name === "state" || name === "later" || typeof item !== "object" || item === null
    );
}

/** Whether a value is a verdict that a row of the ledger got later. */
function isLaterVerdict(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { step, iteration, verdict, words, right, mission } = value as Record<string, unknown>;
  return Number.isSafeInteger(step) &&
    (iteration === undefined || Number.isSafeInteger(iteration)) &&
    VERDICT_KINDS.includes(verdict as string) && typeof words === "string" &&
    ["string", "undefined"].includes(typeof mission) &&
    (right === undefined ||
      (Array.isArray(right) && right.every((name) => typeof name === "string")));
}

/** Whether a value is a later verdict on a row that was told before. */
export function isLedgerAmendment(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const amendment = value as Record<string, unknown>;
  return PLACES.every((name) => Number.isSafeInteger(amendment[name])) &&
    isLaterVerdict(amendment.later);
}

const PLACES = ["iteration", "step", "env"];
/** One that was not finite is null in JSON. */
const NUMBERS = ["probability", "reward", "advantage", "before"];
const VERDICT_KINDS = ["positive", "negative", "abstain"];
const TEXTS = ["mission", "action", "words"];

/** The summary that a value is, or where it is none. */
export function readSummary(value: unknown): Read<RunSummary> {
  return read(SUMMARY, value) as Read<RunSummary>;
}

/** The record that a value is, or where it is none. */
export function readRecord(value: unknown): Read<TrialRecord> {
  return read(TRIAL_RECORD, value) as Read<TrialRecord>;
}

/** What was read, or the first part that is not right, such as "summary.success.end". */
export type Read<T> = { readonly value: T } | { readonly wrong: string };

function read(schema: v.GenericSchema, value: unknown): Read<unknown> {
  const parsed = v.safeParse(schema, value, { abortEarly: true });
  if (parsed.success) return { value: parsed.output };
  return { wrong: v.getDotPath(parsed.issues[0]) ?? "whole" };
}
