/** Tests of whether two samples differ. All are two-sided. */
import { normalCdf, studentQuantile, studentTwoSided } from "./distributions.ts";
import { mean, ranks, variance } from "./sample.ts";
import type { Pcg64 } from "@tandem/core/kit";

/** Up to so many pairs every assignment of signs is counted; beyond, signs are drawn. */
export const EXACT_PAIRS = 18;
/** So many draws stand for all assignments where those are too many. */
const DRAWS = 20_000;
/** Mann-Whitney's distribution is counted up to so many values in both samples together. */
const EXACT_RANKS = 60;

/** What a paired permutation test finds. */
export interface PermutationResult {
  /** Mean of the differences x - y. */
  readonly difference: number;
  readonly pValue: number;
  /** Whether every assignment of signs was counted. */
  readonly exact: boolean;
}

/**
 * Paired permutation test of the mean difference (Fisher 1935): the share of sign assignments whose
 * mean difference is at least as far from 0 as the observed one. Up to {@linkcode EXACT_PAIRS}
 * pairs all 2^n are counted; beyond, 20,000 are drawn and the observed one is counted among them.
 *
 * @param x,y Paired values: x[i] and y[i] share a seed.
 * @param random Draws the signs where they are too many to be counted.
 * @throws RangeError where the samples are empty or of different lengths.
 * @example Of the 8 assignments, only all plus and all minus are as extreme.
 * ```ts
 * import { pairedPermutation } from "@tandem/lab/statistics";
 * import { Pcg64 } from "@tandem/core/kit";
 * import assert from "node:assert/strict";
 * assert.equal(pairedPermutation([2, 3, 4], [1, 1, 1], new Pcg64(0)).pValue, 0.25);
 * ```
 */
export function pairedPermutation(
  x: readonly number[],
  y: readonly number[],
  random: Pcg64,
): PermutationResult {
  if (x.length !== y.length || x.length === 0) {
    throw new RangeError(`Pairs need two samples of one length: ${x.length} and ${y.length}.`);
  }
  const differences = x.map((value, i) => value - y[i]!);
  const difference = mean(differences);
  const observed = Math.abs(sumOf(differences));
  // Sums that are equal but for rounding count as equal.
  const bound = observed - 1e-12 * Math.max(observed, ...differences.map(Math.abs));
  const exact = differences.length <= EXACT_PAIRS;
  const extreme = exact
    ? countExtreme(differences, bound)
    : drawExtreme(differences, bound, random);
  const pValue = exact ? extreme / 2 ** differences.length : (extreme + 1) / (DRAWS + 1);
  return { difference, pValue, exact };
}

/** The least p-value that {@linkcode pairedPermutation} can give for n pairs. */
export function leastPairedP(pairs: number): number {
  return pairs <= EXACT_PAIRS ? Math.min(1, 2 ** (1 - pairs)) : 1 / (DRAWS + 1);
}

/** The sign assignments whose sum is at least `bound` from 0. */
function countExtreme(differences: readonly number[], bound: number): number {
  let count = 0;
  const visit = (i: number, sum: number): void => {
    if (i === differences.length) {
      if (Math.abs(sum) >= bound) count++;
      return;
    }
    visit(i + 1, sum + differences[i]!);
    visit(i + 1, sum - differences[i]!);
  };
  visit(0, 0);
  return count;
}

function drawExtreme(differences: readonly number[], bound: number, random: Pcg64): number {
  let count = 0;
  for (let draw = 0; draw < DRAWS; draw++) {
    let sum = 0;
    for (const value of differences) sum += random.random() < 0.5 ? value : -value;
    if (Math.abs(sum) >= bound) count++;
  }
  return count;
}

/** What Welch's test finds. */
export interface WelchResult {
  readonly t: number;
  /** Degrees of freedom by Welch and Satterthwaite. */
  readonly df: number;
  readonly pValue: number;
  /** mean(x) - mean(y) and its 95 % interval. */
  readonly difference: number;
  readonly ci95: readonly [number, number];
}

/**
 * Welch's t-test: means of two samples whose variances may differ (B. L. Welch, Biometrika 34,
 * 1947). Two samples without any spread give p = 1 where they are equal and 0 where not.
 *
 * @throws RangeError where a sample has fewer than two values.
 */
export function welch(x: readonly number[], y: readonly number[]): WelchResult {
  if (Math.min(x.length, y.length) < 2) {
    throw new RangeError("Welch's test needs two values in each sample.");
  }
  const [vx, vy] = [variance(x) / x.length, variance(y) / y.length];
  const difference = mean(x) - mean(y);
  const error = Math.sqrt(vx + vy);
  if (error === 0) {
    const pValue = difference === 0 ? 1 : 0;
    const t = difference === 0 ? 0 : Infinity * difference;
    return { t, df: x.length + y.length - 2, pValue, difference, ci95: [difference, difference] };
  }
  const t = difference / error;
  const df = (vx + vy) ** 2 / (vx ** 2 / (x.length - 1) + vy ** 2 / (y.length - 1));
  const half = studentQuantile(0.95, df) * error;
  const ci95 = [difference - half, difference + half] as const;
  return { t, df, pValue: studentTwoSided(t, df), difference, ci95 };
}

/** What Mann and Whitney's test finds. */
export interface MannWhitneyResult {
  /** Pairs in which x is greater, ties counting half. */
  readonly u: number;
  readonly pValue: number;
  readonly exact: boolean;
}

/**
 * Mann and Whitney's U test (Annals of Mathematical Statistics 18, 1947). Up to 60 values in all
 * the distribution of the rank sum is counted, ties included; beyond, the normal approximation with
 * corrections for ties and continuity.
 */
export function mannWhitney(x: readonly number[], y: readonly number[]): MannWhitneyResult {
  const [n, m] = [x.length, y.length];
  const rank = ranks([...x, ...y]);
  const u = sumOf(rank.slice(0, n)) - n * (n + 1) / 2;
  const exact = n + m <= EXACT_RANKS;
  const pValue = exact ? countedRankP(rank, n, u) : normalRankP(rank, n, m, u);
  return { u, pValue, exact };
}

/** P(U at least as far from its mean), by counting the subsets of n ranks by their sum. */
function countedRankP(rank: readonly number[], n: number, u: number): number {
  const doubled = rank.map((value) => Math.round(2 * value)); // ranks of ties end in .5
  const total = sumOf(doubled);
  // ways[k][s]: subsets of k ranks whose doubled ranks sum to s.
  const ways = Array.from({ length: n + 1 }, () => new Float64Array(total + 1));
  ways[0]![0] = 1;
  for (const value of doubled) {
    for (let k = n; k > 0; k--) {
      for (let s = total; s >= value; s--) ways[k]![s]! += ways[k - 1]![s - value]!;
    }
  }
  const middle = n * total / rank.length; // the mean of the doubled sum
  const far = Math.abs(2 * (u + n * (n + 1) / 2) - middle) - 1e-9;
  let [extreme, all] = [0, 0];
  for (const [s, count] of ways[n]!.entries()) {
    all += count;
    if (Math.abs(s - middle) >= far) extreme += count;
  }
  return extreme / all;
}

function normalRankP(rank: readonly number[], n: number, m: number, u: number): number {
  const size = n + m;
  const ties = new Map<number, number>();
  for (const value of rank) ties.set(value, (ties.get(value) ?? 0) + 1);
  const tied = sumOf([...ties.values()].map((t) => t ** 3 - t));
  const spread = Math.sqrt(n * m / 12 * (size + 1 - tied / (size * (size - 1))));
  if (spread === 0) return 1;
  const z = Math.max(0, Math.abs(u - n * m / 2) - 0.5) / spread;
  return Math.min(1, 2 * (1 - normalCdf(z)));
}

/**
 * Holm's correction for several tests (S. Holm, Scandinavian Journal of Statistics 6, 1979): the
 * adjusted p-values, in the order given. Rejecting those at most alpha keeps the chance of any
 * false rejection at alpha.
 *
 * @example
 * ```ts
 * import { holm } from "@tandem/lab/statistics";
 * import assert from "node:assert/strict";
 * assert.deepEqual(holm([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]);
 * ```
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).sort((i, j) => pValues[i]! - pValues[j]!);
  const adjusted = new Array<number>(pValues.length);
  let largest = 0;
  for (const [place, i] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - place) * pValues[i]!));
    adjusted[i] = largest;
  }
  return adjusted;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
