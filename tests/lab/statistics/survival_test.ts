import assert from "node:assert/strict";
import type { Duration } from "../../../lab/statistics/curves.ts";
import {
  kaplanMeier,
  leastLogRankP,
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

Deno.test("leastLogRankP() is the least of all orders, ties and censorings", () => {
  const outcomes = [1, 2, 3].flatMap((time) => [[time, 1], [time, 0]] as const);
  /** All lists of so many outcomes. */
  const lists = (count: number): (readonly [number, number])[][] =>
    count === 0
      ? [[]]
      : lists(count - 1).flatMap((list) => outcomes.map((last) => [...list, last]));
  for (const [n, m] of [[1, 1], [2, 2], [1, 3], [3, 2], [3, 3]] as const) {
    const all = lists(n + m).map((rows) => durations(rows));
    const least = Math.min(...all.map((rows) => logRank(rows.slice(0, n), rows.slice(n))));
    near(leastLogRankP(n, m), least);
  }
  assert.ok(leastLogRankP(10, 10) < 1e-5);
});

Deno.test("the median is where half is left, and unknown where more never got there", () => {
  assert.equal(medianTime(kaplanMeier(U)), 15);
  assert.deepEqual(medianInterval(kaplanMeier(U)), [5, null]);
  const late = durations([[10, 1], [10, 0], [10, 0]]);
  assert.equal(medianTime(kaplanMeier(late)), null);
  assert.deepEqual(kaplanMeier(durations([[10, 0]])), []);
});
