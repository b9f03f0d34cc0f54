import assert from "node:assert/strict";
import { decisionOf, lookLine, stoppingText } from "../../../lab/comparison/decision.ts";
import type { MeasureId } from "../../../lab/plan.ts";
import { climb, sampleResults } from "./sample.ts";

const LOOKS = [5, 9, 12];

/** "strong" is better and "equal" is not; "unsure" goes up and down. */
function results(variants: readonly string[], seeds: number, primary: MeasureId = "final") {
  return sampleResults((variant, _, seed) => {
    const unsure = variant === "unsure" ? (seed % 2 === 0 ? 0.2 : -0.2) : 0;
    return climb((variant === "strong" ? 0.9 : 0.5) + unsure, seed);
  }, { variants: ["alone", ...variants], seeds, looks: LOOKS, question: { primary } });
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
