import assert from "node:assert/strict";
import { aggregatesOf, improvementsOf, scoresOf } from "../../../lab/comparison/aggregate.ts";
import { sampleResults } from "./sample.ts";

/** Scores by hand: alone 0.1 to 0.4 on A and 0.5 on B, better by 0.2 with the loop. */
const RESULTS = sampleResults(
  (variant, level, seed) => {
    const base = level === "A" ? 0.1 * (seed + 1) : 0.5;
    return { success: [0, base + (variant === "alone" ? 0 : 0.2)] };
  },
  { levels: ["A", "B"], seeds: 4 },
);

Deno.test("aggregates are rliable's, over all levels and seeds", () => {
  const [alone, loop] = aggregatesOf(RESULTS);
  const rounded = ({ value }: { value: number }) => Number(value.toFixed(6));
  // 0.1 0.2 0.3 0.4 0.5 0.5 0.5 0.5: the middle half is 0.3 0.4 0.5 0.5.
  assert.equal(rounded(alone!.aggregates.iqm), 0.425);
  assert.equal(rounded(alone!.aggregates.mean), 0.375);
  assert.equal(rounded(alone!.aggregates.median), 0.375);
  assert.equal(rounded(alone!.aggregates.optimalityGap), 0.625);
  assert.equal(rounded(loop!.aggregates.mean), 0.575);
  for (const { value, ci95: [low, high] } of Object.values(alone!.aggregates)) {
    assert.ok(low <= value && value <= high && low < high);
  }
  assert.equal(alone!.profile.find(({ tau }) => tau === 0.44)?.value, 0.5);
});

Deno.test("the chance of improvement counts pairs of runs level by level", () => {
  const [improvement] = improvementsOf(RESULTS);
  // On A 13 of 16 pairs and a tie's half twice; on B all 16.
  assert.ok(Math.abs(improvement!.value - ((13 + 2 * 0.5) / 16 + 1) / 2) < 0.07);
  assert.ok(improvement!.ci95[0] > 0.5 && improvement!.ci95[1] <= 1);
});

Deno.test("a variant with a missing run has no aggregate", () => {
  const results = sampleResults((variant, _, seed) =>
    variant === "alone" && seed === 1 ? undefined : { success: [0, 0.5] }
  );
  assert.equal(scoresOf(results, "alone"), undefined);
  assert.deepEqual(aggregatesOf(results).map(({ variant }) => variant), ["bidirectional"]);
  assert.deepEqual(improvementsOf(results), []);
});
