/** How large a difference is, apart from whether it is certain. */
import { mean, variance } from "./sample.ts";

/**
 * Cohen's d: the difference of the means in units of the pooled standard deviation (J. Cohen,
 * Statistical Power Analysis, 1988). NaN where neither sample has any spread.
 */
export function cohensD(x: readonly number[], y: readonly number[]): number {
  const df = x.length + y.length - 2;
  const pooled = ((x.length - 1) * variance(x) + (y.length - 1) * variance(y)) / df;
  return pooled > 0 ? (mean(x) - mean(y)) / Math.sqrt(pooled) : NaN;
}

/**
 * Hedges' g: d freed of its bias in small samples, d (1 - 3 / (4 df - 1)) (L. V. Hedges, Journal of
 * Educational Statistics 6, 1981).
 */
export function hedgesG(x: readonly number[], y: readonly number[]): number {
  const df = x.length + y.length - 2;
  return cohensD(x, y) * (1 - 3 / (4 * df - 1));
}

/**
 * The chance that a value of x exceeds one of y, ties counting half: U / (n m).
 *
 * @example
 * ```ts
 * import { superiority } from "@tandem/lab/statistics";
 * import assert from "node:assert/strict";
 * assert.equal(superiority([2, 3], [1, 3]), (1 + 0 + 1 + 0.5) / 4);
 * ```
 */
export function superiority(x: readonly number[], y: readonly number[]): number {
  let won = 0;
  for (const a of x) for (const b of y) won += a > b ? 1 : a === b ? 0.5 : 0;
  return won / (x.length * y.length);
}

/**
 * Cliff's delta: the chance that x exceeds y less the chance that y exceeds x (N. Cliff,
 * Psychological Bulletin 114, 1993), -1 to 1.
 */
export function cliffsDelta(x: readonly number[], y: readonly number[]): number {
  return 2 * superiority(x, y) - 1;
}
