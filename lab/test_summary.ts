/** What summary.json says of a plan's test worlds. */
import * as v from "valibot";
import type { TeacherAccuracy, TeacherUsage, TestResult } from "@tandem/core";
import { USAGE } from "./usage_schema.ts";

/** What a trial came to on the test worlds of its plan. Rates are shares from 0 to 1. */
export interface TestSummary {
  /** The hash of the plan: its worlds were drawn by this and the seed. */
  readonly plan: string;
  /** Share of test worlds solved, 0 to 1. */
  readonly success: number;
  /** The 95 % Wilson interval of the success. */
  readonly ci95: readonly [number, number];
  /** Test worlds. */
  readonly episodes: number;
  /** Mean return of an episode. */
  readonly meanReward: number;
  /** World by world, "1" where it was solved and "0" where not. */
  readonly solved: string;
  /** The same while the teacher is silent; null where it has said nothing. */
  readonly withoutTeacher: { readonly success: number; readonly solved: string } | null;
  /** How often the teacher was right. */
  readonly guidanceAccuracy: { readonly rate: number | null; readonly states: number };
  /** How often the teacher is right in three kinds of states; absent in what was written before that was told. */
  readonly accuracy?: readonly TeacherAccuracy[];
  /** What the teacher has cost here. */
  readonly teacher: TeacherUsage;
}

/** The summary of what was measured on test worlds. */
export function summariseTest(result: TestResult): TestSummary {
  const { plan, success, solved, withoutTeacher, guidanceAccuracy, teacher } = result;
  return {
    plan,
    success: success.rate,
    ci95: success.ci95,
    episodes: success.episodes,
    meanReward: success.meanReward,
    solved: solved.join(""),
    withoutTeacher: withoutTeacher
      ? { success: withoutTeacher.success.rate, solved: withoutTeacher.solved.join("") }
      : null,
    guidanceAccuracy: { rate: guidanceAccuracy.rate, states: guidanceAccuracy.states },
    ...result.accuracy.length > 0 && { accuracy: result.accuracy },
    teacher,
  };
}

/** More worlds are none of Tandem's. */
const WORLDS = 100_000;
const number = v.pipe(v.number(), v.finite());
const count = v.pipe(number, v.minValue(0));
const share = v.pipe(number, v.minValue(0), v.maxValue(1));
const solved = v.pipe(v.string(), v.regex(/^[01]+$/), v.maxLength(WORLDS));

const text = v.pipe(v.string(), v.maxLength(1000));

const ACCURACY = v.looseObject({
  states: v.picklist(["walk", "student", "erring expert"]),
  judged: count,
  rate: share,
  constant: v.looseObject({ action: text, rate: share }),
  perfectCredit: share,
  byAction: v.pipe(
    v.array(v.looseObject({
      ...{ action: text, kind: text },
      ...{ wanted: count, right: count, constant: count, perfectCredit: count, said: count },
    })),
    v.maxLength(10_000),
  ),
});

/** SHA-256 of a plan, in hexadecimal. */
export const PLAN_HASH = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

/**
 * The shape of a {@linkcode TestSummary}: intervals are made of the single worlds, so these must be as
 * many as it says and solved as often.
 */
export const TEST_SUMMARY = v.pipe(
  v.looseObject({
    plan: PLAN_HASH,
    success: share,
    ci95: v.tuple([share, share]),
    episodes: count,
    meanReward: number,
    solved,
    withoutTeacher: v.nullable(v.looseObject({ success: share, solved })),
    guidanceAccuracy: v.looseObject({ rate: v.nullable(share), states: count }),
    accuracy: v.optional(v.pipe(v.array(ACCURACY), v.maxLength(3))),
    teacher: USAGE,
  }),
  v.check(({ episodes, success, solved, withoutTeacher: alone }) =>
    fits(solved, success, episodes) &&
    (alone === null || fits(alone.solved, alone.success, episodes))
  ),
);

function fits(solved: string, success: number, episodes: number): boolean {
  const hits = solved.split("1").length - 1;
  return solved.length === episodes && Math.abs(hits / episodes - success) < 1e-9;
}
