import assert from "node:assert/strict";
import type { Duration } from "../../../lab/statistics/curves.ts";
import {
  kaplanMeier,
  logRank,
  medianInterval,
  medianTime,
} from "../../../lab/statistics/survival.ts";
import { golden, near } from "./golden.ts";

const durations = (rows: readonly (readonly number[])[]): Duration[] =>
  rows.map(([time, reached]) => ({ time: time!, reached: reached === 1 }));
const U = durations(golden.survival.U);
const V = durations(golden.survival.V);

Deno.test("kaplanMeier() and its intervals agree with SciPy", () => {
  const points = kaplanMeier(U).map(({ time, share, ci95 }) => [time, share, ...ci95!]);
  near(points.flat(), golden.survival.points.flat());
});

Deno.test("logRank() agrees with SciPy and finds nothing between a group and itself", () => {
  near(logRank(U, V), golden.survival.logRank);
  near(logRank(U, U), 1);
});

Deno.test("the median is where half is left, and unknown where more never got there", () => {
  assert.equal(medianTime(kaplanMeier(U)), 15);
  assert.deepEqual(medianInterval(kaplanMeier(U)), [5, null]);
  const late = durations([[10, 1], [10, 0], [10, 0]]);
  assert.equal(medianTime(kaplanMeier(late)), null);
  assert.deepEqual(kaplanMeier(durations([[10, 0]])), []);
});
