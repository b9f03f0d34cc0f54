/** A small sample of `deno task simulate:sequential`: the whole stands in docs/results/sequential.md. */
import assert from "node:assert/strict";
import { falseClaims, upperBound } from "../../bench/sequential/false_claims.ts";
import { METHODS } from "../../bench/sequential/methods.ts";
import { fixedPairs, savingsAt } from "../../bench/sequential/savings.ts";

Deno.test("a comparison that stops when it likes claims no more than it may, where uncorrected tests do", () => {
  const { primary, planWide, single, uncorrected } = falseClaims(60, 5);
  // With 5 % each, 8 or more of 60 come once in 100 times.
  for (const { hits } of [primary, planWide, single]) assert.ok(hits < 8, `${hits}`);
  assert.ok(uncorrected.hits >= 8, `${uncorrected.hits}`);
});

Deno.test("at one standard deviation it takes fewer runs than a fixed number of equal power", () => {
  const { power, mean } = savingsAt(Object.values(METHODS)[0]!, 1, 60);
  const fixed = fixedPairs(power, 1, 60)!;
  assert.ok(mean <= 0.85 * fixed, `${mean} against ${fixed}`);
});

Deno.test("upperBound() is Clopper and Pearson's", () => {
  // No hit in n: 1 - 0.01^(1/n).
  assert.ok(Math.abs(upperBound({ hits: 0, of: 50 }) - (1 - 0.01 ** (1 / 50))) < 1e-9);
  assert.ok(Math.abs(upperBound({ hits: 500, of: 10_000 }) - 0.0553) < 2e-4);
});
