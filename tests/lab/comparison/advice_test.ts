import assert from "node:assert/strict";
import {
  budgetCurve,
  calibrationError,
  calibrationOf,
  effectOf,
  retentionOf,
} from "../../../lab/comparison/advice.ts";
import { effortOf, iterationCost } from "../../../lab/comparison/costs.ts";
import { sampleResults, worth } from "./sample.ts";

const RESULTS = sampleResults((variant, _, seed) => ({
  success: [0.2, 0.5, seed < 3 ? 0.9 : 0.8],
  ...(variant === "alone" ? {} : { guidance: 0.6, worth: worth(0.6, 0.01 * (seed + 1)) }),
}), { seeds: 4 });
const LOOP = RESULTS.cell("bidirectional", "A");
const ALONE = RESULTS.cell("alone", "A");

Deno.test("calibration pools states of all runs by confidence", () => {
  const [point, ...more] = calibrationOf([LOOP], "end");
  assert.deepEqual(point, { confidence: 0.5, right: { hits: 120, of: 200 } });
  assert.deepEqual(more, []);
  assert.ok(Math.abs(calibrationError([point!])! - 0.1) < 1e-12);
  assert.equal(calibrationError(calibrationOf([ALONE], "end")), null);
});

Deno.test("the advice budget curve is success against what was spent", () => {
  assert.deepEqual(budgetCurve(LOOP, "calls").map(({ spent, success }) => [spent, success]), [
    [0, 0.2],
    [1000, 0.5],
    [2000, 0.875],
  ]);
});

Deno.test("retention compares the same students with and without their teacher", () => {
  const { withTeacher, without, added, later } = retentionOf(LOOP)!;
  assert.equal(later, undefined, "it stayed");
  assert.deepEqual(withTeacher, { hits: 350, of: 400 });
  assert.deepEqual(without, { hits: 240, of: 400 });
  assert.ok(added[0] > 0.2 && added[1] < 0.35);
  assert.equal(retentionOf(ALONE), undefined);
});

Deno.test("retention of teachers that left is of that moment, and of what came later", () => {
  const results = sampleResults((_, __, seed) => ({
    success: [0.2, 0.5, 0.9],
    guidance: 0.6,
    worth: worth(0.1, 0),
    summary: { retention: { iteration: 10, withTeacher: 0.5, alone: seed < 2 ? 0.25 : 0.35 } },
  }), { seeds: 4 });
  const { withTeacher, without, later, added } = retentionOf(results.cell("alone", "A"))!;
  assert.deepEqual([withTeacher, without], [{ hits: 200, of: 400 }, { hits: 120, of: 400 }]);
  assert.deepEqual(later, { hits: 360, of: 400 });
  assert.ok(added[0] > 0.1 && added[1] < 0.3);
});

Deno.test("the effect of a suggestion is a mean over runs with its t interval", () => {
  const { mean, ci95, states, helped } = effectOf(LOOP, "effects")!;
  // Means 0.01 0.02 0.03 0.04: deviation 0.01291, standard error 0.00645, t(3) = 3.182.
  assert.ok(Math.abs(mean - 0.025) < 1e-12);
  assert.deepEqual(ci95!.map((end) => end.toFixed(4)), ["0.0045", "0.0455"]);
  assert.deepEqual([states, helped], [400, 40]);
  assert.equal(effectOf(LOOP, "wrongEffects"), undefined);
});

Deno.test("effort is the median over runs, those that never got there among them", () => {
  assert.deepEqual(effortOf(LOOP, 0.9, "episodes"), {
    median: 100,
    ci95: [100, null],
    reached: 3,
    runs: 4,
  });
  assert.equal(effortOf(LOOP, 0.95, "episodes").median, null);
});

Deno.test("the feedback edge's share is of the training time", () => {
  const cost = iterationCost([LOOP])!;
  assert.ok(Math.abs(cost.seconds - 1) < 1e-12);
  assert.ok(Math.abs(cost.feedbackShare - 0.1) < 1e-12);
});
