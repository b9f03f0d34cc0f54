import assert from "node:assert/strict";
import { aggregatesOf } from "../../../lab/comparison/aggregate.ts";
import { equalCostOf } from "../../../lab/comparison/equal_cost.ts";
import { decisionOf, lookLine, stoppingText } from "../../../lab/comparison/decision.ts";
import type { Finding } from "../../../lab/comparison/claims.ts";
import type { Reached } from "../../../lab/comparison/results.ts";
import type { MeasureId } from "../../../lab/plan.ts";
import { climb, sampleResults } from "./sample.ts";

const LOOKS = [5, 9, 12];

/** "strong" is better and "equal" is not; "unsure" goes up and down. */
function results(
  variants: readonly string[],
  seeds: number,
  primary: MeasureId = "final",
  reached?: Reached,
) {
  return sampleResults((variant, _, seed) => {
    const unsure = variant === "unsure" ? (seed % 2 === 0 ? 0.2 : -0.2) : 0;
    return climb((variant === "strong" ? 0.9 : 0.5) + unsure, seed);
  }, { variants: ["alone", ...variants], seeds, looks: LOOKS, reached, question: { primary } });
}

Deno.test("a plan is decided when each pair is better, worse or the same by the primary measure", () => {
  assert.ok(!decisionOf(results(["strong", "equal"], 5)).isDecided, "too few seeds");
  const { isDecided, claims } = decisionOf(results(["strong", "equal"], 12));
  assert.ok(isDecided);
  assert.deepEqual(claims.map(({ verdict }) => verdict), ["better", "same"]);
  assert.ok(!decisionOf(results(["strong", "unsure"], 12)).isDecided);
  assert.ok(!decisionOf(results([], 12)).isDecided, "there is nothing to decide");
});

Deno.test("a look says what it shows, and a report how the plan came to its end", () => {
  const line = (variants: readonly string[], seeds: number) => {
    const looked = results(variants, seeds);
    return lookLine(looked, decisionOf(looked)).replaceAll("\u00a0", " ");
  };
  assert.equal(
    line(["strong"], 5),
    "Look at 5 of at most 12 seeds: strong against alone not yet; 1 of 1 open.",
  );
  assert.match(
    line(["strong"], 9),
    /: strong against alone better \(p = 0.007., floor 0.007.\); all is decided\.$/,
  );
  assert.match(
    line(["unsure"], 12),
    /unsure against alone open \(p = [\d.]+, floor < 0.001\); the bound is reached\.$/,
  );
  assert.equal(
    stoppingText(results(["strong"], 9)),
    "Looked at after 5, 9 and 12 seeds; stopped after 9 of at most 12, when all was decided.",
  );
  assert.match(
    stoppingText(results(["unsure"], 12))!,
    /the bound of 12 was reached and not all is decided/,
  );
  assert.match(
    stoppingText(results(["unsure"], 9))!,
    /stopped after 9 of at most 12 before all was decided/,
  );
  assert.equal(stoppingText(sampleResults(() => undefined)), undefined);
});

Deno.test("a variant all of whose pairs are decided takes no more seeds, and what it showed stays", () => {
  const names = ["strong", "unsure"];
  const nine = decisionOf(results(names, 9));
  assert.deepEqual([...nine.open].sort(), ["alone", "unsure"]);
  const reached = new Map([["alone", 12], ["strong", 9], ["unsure", 12]]);
  const uneven = results(names, 12, "final", reached);
  assert.equal(uneven.cell("strong", "A").runs.length, 9);
  const { claims, open } = decisionOf(uneven);
  assert.deepEqual(claims.map((claim) => "seeds" in claim && claim.seeds), [9, 12]);
  // Its test stands where it stopped; Holm's correction may leave it more when others find something.
  const [then, now] = [nine.claims[0] as Finding, claims[0] as Finding];
  assert.deepEqual([now.pValue, now.verdict], [then.pValue, "better"]);
  assert.ok(now.corrected <= then.corrected);
  assert.deepEqual([...open].sort(), ["alone", "unsure"]);
  assert.match(
    stoppingText(uneven)!,
    /9 and 12 seeds; decided before the others: strong after 9; the/,
  );
  assert.deepEqual(aggregatesOf(uneven).map(({ variant }) => variant), ["alone", ...names]);
  assert.equal(equalCostOf(uneven).length, 2);
});
