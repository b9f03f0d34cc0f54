import assert from "node:assert/strict";
import { cliffsDelta, cohensD, hedgesG, superiority } from "../../../lab/statistics/effects.ts";
import { golden, near } from "./golden.ts";

Deno.test("Cohen's d and Hedges' g", () => {
  near(cohensD(golden.X, golden.Y), golden.cohensD);
  near(hedgesG(golden.X, golden.Y), golden.cohensD * (1 - 3 / 55));
  assert.ok(Number.isNaN(cohensD([1, 1], [2, 2])));
});

Deno.test("superiority and Cliff's delta count pairs, ties half", () => {
  near(superiority(golden.T1, golden.T2), golden.superiority);
  near(cliffsDelta(golden.T1, golden.T2), 2 * golden.superiority - 1);
  assert.equal(cliffsDelta([3, 4], [1, 2]), 1);
  assert.equal(cliffsDelta([1, 2], [1, 2]), 0);
});
