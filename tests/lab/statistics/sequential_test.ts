import assert from "node:assert/strict";
import fc from "fast-check";
import { Pcg64 } from "../../../core/kit/random.ts";
import { equivalenceP, leastEquivalenceP } from "../../../lab/statistics/equivalence.ts";
import { leastPairedP, pairedPermutation } from "../../../lab/statistics/hypothesis.ts";
import { leastSequentialP, sequentialPaired } from "../../../lab/statistics/sequential.ts";

const EACH = { looks: Array.from({ length: 26 }, (_, k) => 5 + k) };

function normal(count: number, seed: number, shift = 0): number[] {
  const random = new Pcg64(seed);
  return Array.from({ length: count }, () => random.gaussian() + shift);
}

/** p of one look, as the test that counts all assignments has it, rounded up in the second digit. */
function isRoundedUp(p: number, exact: number): boolean {
  return p >= exact - 1e-12 && p <= 1.1 * exact;
}

Deno.test("one look is the paired permutation test, up to the digits that are told", () => {
  for (let seed = 0; seed < 20; seed++) {
    const differences = normal(10, seed, 0.4);
    const zeros = differences.map(() => 0);
    const { pValue } = pairedPermutation(differences, zeros, new Pcg64(0));
    const { pValue: told } = sequentialPaired(differences, { looks: [10] });
    assert.ok(isRoundedUp(told, pValue), `${told} for ${pValue}`);
  }
});

Deno.test("p never rises while seeds are added, and does not know what comes", () => {
  const differences = normal(30, 3, 0.6);
  const at = EACH.looks.map((pairs) => sequentialPaired(differences.slice(0, pairs), EACH).pValue);
  assert.deepEqual(at, at.toSorted((a, b) => b - a));
  assert.ok(at[0]! > at.at(-1)!);
  const others = [...differences.slice(0, 12), ...normal(18, 4)];
  assert.equal(sequentialPaired(others.slice(0, 12), EACH).pValue, at[12 - 5]);
});

Deno.test("a hand-computed boundary: 2 of 32 by half of the bound and a quarter of alpha, 2 of 1,024 at the end", () => {
  const design = { looks: [5, 10] };
  const p = (count: number) => sequentialPaired(normal(count, 0).map(Math.abs), design).pValue;
  // At the first look a level of 2/32 / (5/10)^2 is needed, at the second one of 2/1024.
  assert.ok(isRoundedUp(p(5), 0.25));
  assert.ok(isRoundedUp(p(10), 2 / 1024));
  assert.equal(p(7), p(5), "between two looks nothing is looked at");
});

Deno.test("the least p is what differences of one sign come to", () => {
  for (const pairs of [5, 8, 12, 20]) {
    const differences = normal(pairs, 1).map(Math.abs);
    assert.equal(
      sequentialPaired(differences, EACH).pValue,
      leastSequentialP(pairs, EACH),
      `${pairs}`,
    );
  }
  assert.equal(leastSequentialP(4, EACH), 1);
  assert.ok(isRoundedUp(leastSequentialP(9, { looks: [9] }), leastPairedP(9)));
  assert.equal(sequentialPaired([1, 2], EACH).pValue, 1, "before the first look");
});

Deno.test("neither sign nor unit of the differences matters", () => {
  const numbers = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 5, maxLength: 14 });
  fc.assert(
    fc.property(numbers, (differences) => {
      const design = { looks: [5, 8, 14] };
      const p = (scale: number) =>
        sequentialPaired(differences.map((value) => scale * value), design).pValue;
      assert.equal(p(-1), p(1));
      assert.equal(p(1024), p(1));
    }),
    { numRuns: 25 },
  );
});

Deno.test("no difference at all is no finding, and surely equivalent", () => {
  const zeros = new Array<number>(12).fill(0);
  assert.equal(sequentialPaired(zeros, EACH).pValue, 1);
  assert.equal(equivalenceP(zeros, 0.05), leastEquivalenceP(12));
  assert.equal(equivalenceP(zeros, 0.05, EACH.looks), leastEquivalenceP(12, EACH.looks));
});

Deno.test("a difference as large as the margin is not shown to be within it", () => {
  const near = normal(12, 2).map((value) => 0.001 * value);
  assert.ok(equivalenceP(near, 0.05) < 0.01);
  assert.ok(equivalenceP(near.map((value) => value + 0.05), 0.05) > 0.05);
  assert.ok(equivalenceP(near.map((value) => value - 0.05), 0.05) > 0.05);
  assert.throws(() => equivalenceP(near, 0), RangeError);
});

Deno.test("looks that do not ascend, and no pairs, are no test", () => {
  for (const looks of [[], [0, 3], [5, 5], [6, 4], [2.5]]) {
    assert.throws(() => sequentialPaired([1, 2, 3], { looks }), RangeError, `${looks}`);
  }
  assert.throws(() => sequentialPaired([], EACH), RangeError);
});
