import assert from "node:assert/strict";
import { Pcg64 } from "../../../core/kit/random.ts";
import {
  EXACT_PAIRS,
  holm,
  leastPairedP,
  mannWhitney,
  pairedPermutation,
  welch,
} from "../../../lab/statistics/hypothesis.ts";
import { golden, near } from "./golden.ts";

const { X, Y, T1, T2 } = golden;

Deno.test("welch() agrees with SciPy", () => {
  const { t, df, pValue, ci95 } = welch(X, Y);
  near([t, df, pValue, ...ci95], [
    golden.welch.t,
    golden.welch.df,
    golden.welch.p,
    ...golden.welch.ci,
  ]);
});

Deno.test("welch() of samples without spread is certain, and of single values impossible", () => {
  assert.equal(welch([1, 1], [1, 1]).pValue, 1);
  assert.equal(welch([1, 1], [2, 2]).pValue, 0);
  assert.equal(welch([1, 1], [2, 2]).t, -Infinity);
  assert.throws(() => welch([1], [2, 3]), RangeError);
});

Deno.test("mannWhitney() agrees with SciPy, counted and approximated, with ties and without", () => {
  const exact = mannWhitney(X, Y);
  near([exact.u, exact.pValue], [golden.mannWhitneyExact.u, golden.mannWhitneyExact.p]);
  const tied = mannWhitney(T1, T2);
  near([tied.u, tied.pValue], [golden.mannWhitneyExactTies.u, golden.mannWhitneyExactTies.p]);
  assert.ok(exact.exact && tied.exact);
  const { x, y, u, p } = golden.mannWhitneyTies;
  const large = mannWhitney(x, y);
  near([large.u, large.pValue], [u, p]);
  assert.ok(!large.exact);
});

Deno.test("mannWhitney() of equal samples finds nothing", () => {
  assert.equal(mannWhitney([1, 1, 1], [1, 1]).pValue, 1);
  const many = new Array<number>(40).fill(1);
  assert.equal(mannWhitney(many, many).pValue, 1);
});

Deno.test("pairedPermutation() agrees with SciPy's exact test", () => {
  const { difference, pValue, exact } = pairedPermutation(X, Y, new Pcg64(0));
  near([difference, pValue], [golden.pairedPermutation.difference, golden.pairedPermutation.p]);
  assert.ok(exact);
});

Deno.test("pairedPermutation() draws signs where they are too many, the same for one seed", () => {
  const x = Array.from({ length: EXACT_PAIRS + 2 }, (_, i) => 1 + Math.sin(i));
  const y = x.map((_, i) => 1 + Math.cos(3 * i));
  const drawn = pairedPermutation(x, y, new Pcg64(1));
  assert.ok(!drawn.exact);
  assert.equal(drawn.pValue, pairedPermutation(x, y, new Pcg64(1)).pValue);
  const fewer = pairedPermutation(x.slice(0, EXACT_PAIRS), y.slice(0, EXACT_PAIRS), new Pcg64(1));
  assert.ok(Math.abs(drawn.pValue - fewer.pValue) < 0.2);
});

Deno.test("pairedPermutation() gives 1 for no difference and refuses what is no pairs", () => {
  assert.equal(pairedPermutation([1, 2], [1, 2], new Pcg64(0)).pValue, 1);
  assert.throws(() => pairedPermutation([1, 2], [1], new Pcg64(0)), RangeError);
  assert.throws(() => pairedPermutation([], [], new Pcg64(0)), RangeError);
});

Deno.test("the least p of n pairs is 2 / 2^n", () => {
  assert.equal(leastPairedP(1), 1);
  assert.equal(leastPairedP(5), 0.0625);
  const apart = [1, 2, 3, 4, 5];
  assert.equal(pairedPermutation(apart, [0, 0, 0, 0, 0], new Pcg64(0)).pValue, leastPairedP(5));
});

Deno.test("holm() multiplies by what is left and never falls", () => {
  near(holm([0.04, 0.001, 0.03, 0.2]), [0.09, 0.004, 0.09, 0.2]);
  near(holm([0.6, 0.7]), [1, 1]);
  assert.deepEqual(holm([]), []);
});
