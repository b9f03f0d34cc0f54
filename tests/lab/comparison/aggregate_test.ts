import assert from "node:assert/strict";
import { claimsOf } from "../../../lab/comparison/claims.ts";
import { renderMarkdown } from "../../../lab/comparison/markdown.ts";
import { scored, scoredLevels } from "../../../lab/comparison/measures.ts";
import { claimsTable } from "../../../lab/comparison/terminal.ts";
import { tablesOf } from "../../../lab/export/rows.ts";
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

/** On B the expert solves nothing and chance a tenth; the loop is better on both levels. */
const HALF_SCORED = sampleResults(
  (variant, level, seed) => ({
    success: [0.1, (variant === "alone" ? 0.4 : 0.8) + 0.001 * seed],
    summary: level === "B" ? { floor: 0.1, ceiling: 0 } : { floor: 0, ceiling: 1 },
  }),
  { levels: ["A", "B"], seeds: 8 },
);
const REASON = "the expert is no better than chance (0 % against 10.0 %)";

Deno.test("a level without a score has no part in aggregates", () => {
  assert.deepEqual(scoredLevels(HALF_SCORED), ["A"]);
  assert.deepEqual(scoresOf(HALF_SCORED, "alone")!.levels, ["A"]);
  assert.ok(Math.abs(aggregatesOf(HALF_SCORED)[0]!.aggregates.mean.value - 0.4035) < 1e-9);
  const none = sampleResults(() => ({ success: [0, 0.5], summary: { floor: 0.1, ceiling: 0 } }));
  assert.deepEqual([aggregatesOf(none), improvementsOf(none)], [[], []]);
});

Deno.test("a level without a score is compared by success, and never pooled with scores", () => {
  const claims = claimsOf(HALF_SCORED).filter(({ measure }) => measure.id === "final");
  const [all, a, b] = claims.map((claim) => claim.verdict === "refused" ? undefined : claim);
  assert.deepEqual(
    [all, a, b].map((claim) => claim!.measure.name),
    ["score at the end", "score at the end", "success at the end"],
  );
  assert.equal(all!.difference, a!.difference, "over all levels that have a score");
  assert.ok(claims.every(({ verdict }) => verdict === "better"));
});

Deno.test("tables and exports say no score and why", () => {
  const markdown = renderMarkdown(HALF_SCORED, {
    version: "1.0.0",
    device: "cpu",
    command: "deno task compare",
  });
  assert.match(markdown, /^\| alone \| 40\.4 % \| no score \| no score \|/m);
  assert.ok(markdown.includes(`No score on B: ${REASON}.`), markdown);
  assert.ok(claimsTable(HALF_SCORED).includes(`B (random 10.0 %; no score: ${REASON})`));
  const { record } = HALF_SCORED.cell("alone", "B").runs[0]!;
  assert.equal(scored(record, 0.5), null);
  const { runs, evaluations } = tablesOf([{ variant: "alone", level: "B", seed: 0, record }]);
  assert.equal(runs[0]!.score_end, null);
  assert.deepEqual(evaluations.map(({ score }) => score), [null, null]);
});
