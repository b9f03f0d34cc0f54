/** What a line of events.jsonl must be to be believed. */
import * as v from "valibot";
import type { TandemEvent } from "@tandem/core";
import {
  ADVICE,
  isLedgerAmendment,
  isLedgerRow,
  NUMBERS_BY_NAME,
  SUCCESS,
  VERDICTS,
} from "./trial_schema.ts";
import { USAGE } from "./usage_schema.ts";

const number = v.pipe(v.number(), v.finite());
const count = v.pipe(number, v.minValue(0));
/** Steps and iterations: a chart and an export count by them. */
const step = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const share = v.pipe(number, v.minValue(0), v.maxValue(1));
const text = v.string();

const cost = v.looseObject({
  seconds: count,
  stageSeconds: NUMBERS_BY_NAME,
  feedbackSeconds: count,
  teacher: USAGE,
});
const guidanceAccuracy = v.looseObject({
  rate: v.nullable(share),
  states: count,
  calibration: v.array(v.looseObject({ confidence: share, states: count, right: count })),
});

/** Every kind of event; what is not listed here is passed over when a file is read. */
const EVENTS: Readonly<Record<TandemEvent["type"], v.GenericSchema>> = {
  "run.started": v.looseObject({ iterations: step, device: text }),
  "run.resumed": v.looseObject({ iteration: step, iterations: step, device: text }),
  "run.fell-back": v.looseObject({ iteration: step, message: text }),
  "evaluated": v.looseObject({ iteration: step, success: SUCCESS, guidanceAccuracy }),
  "iteration.ended": v.looseObject({
    iteration: v.pipe(step, v.minValue(1)),
    envSteps: step,
    episodes: step,
    ended: step,
    solved: step,
    meanReward: v.nullable(number),
    followed: v.nullable(share),
    verdicts: VERDICTS,
    metrics: NUMBERS_BY_NAME,
    seconds: count,
    cost,
  }),
  "advice.measured": v.looseObject({ iteration: step, worth: ADVICE }),
  "teacher.left": v.looseObject({
    iteration: step,
    why: v.picklist(["schedule", "calls", "tokens"]),
    withTeacher: SUCCESS,
    alone: SUCCESS,
  }),
  "ledger": v.looseObject({
    rows: v.array(v.custom(isLedgerRow)),
    amendments: v.optional(v.array(v.custom(isLedgerAmendment))),
  }),
  "feedback.ended": v.looseObject({ iteration: step, step }),
  "stage.failed": v.looseObject({ stage: text, message: text }),
  "warning": v.looseObject({ code: text, message: text }),
  "run.ended-early": v.looseObject({ iteration: step, by: text, reason: text }),
  "run.stopped": v.looseObject({ iteration: step }),
};

/** The event that a line holds; undefined where it holds none. */
export function eventOf(line: string): TandemEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { type } = value as { type?: unknown };
  if (typeof type !== "string" || !Object.hasOwn(EVENTS, type)) return undefined;
  return v.is(EVENTS[type as TandemEvent["type"]], value) ? value as TandemEvent : undefined;
}
