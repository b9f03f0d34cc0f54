/** What a sample of numbers says by itself. */

/** The arithmetic mean; NaN for an empty sample. */
export function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** The unbiased variance, divided by n - 1; NaN for fewer than two values. */
export function variance(values: readonly number[]): number {
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return values.length < 2 ? NaN : squares / (values.length - 1);
}

/** The standard deviation, the root of {@linkcode variance}. */
export function deviation(values: readonly number[]): number {
  return Math.sqrt(variance(values));
}

/** The values in ascending order. */
function ascending(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/**
 * The p-quantile with linear interpolation between order statistics (type 7 of Hyndman & Fan 1996,
 * NumPy's default).
 *
 * @param p 0 to 1.
 */
export function quantile(values: readonly number[], p: number): number {
  return sortedQuantile(ascending(values), p);
}

/** {@linkcode quantile} of values that are in ascending order already. */
export function sortedQuantile(sorted: ArrayLike<number>, p: number): number {
  if (sorted.length === 0) return NaN;
  const at = p * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (at - below) * (high - low);
}

/**
 * The interquartile mean: the mean of what is left when a quarter, rounded down, is cut from either
 * end (Agarwal et al., arXiv 2108.13264; SciPy's `trim_mean(x, 0.25)`).
 *
 * @example
 * ```ts
 * import { interquartileMean } from "@tandem/lab/statistics";
 * import assert from "node:assert/strict";
 * assert.equal(interquartileMean([0, 1, 2, 3, 100]), 2);
 * ```
 */
export function interquartileMean(values: readonly number[]): number {
  const cut = Math.floor(0.25 * values.length);
  return mean(ascending(values).slice(cut, values.length - cut));
}

/**
 * Ranks from 1; equal values share the mean of their ranks.
 *
 * @example
 * ```ts
 * import { ranks } from "@tandem/lab/statistics";
 * import assert from "node:assert/strict";
 * assert.deepEqual(ranks([30, 10, 10, 20]), [4, 1.5, 1.5, 3]);
 * ```
 */
export function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const result = new Array<number>(values.length);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (const i of order.slice(from, to)) result[i] = (from + 1 + to) / 2;
    from = to;
  }
  return result;
}
