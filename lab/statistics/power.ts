/** How many pairs a difference needs to be seen. */
import { studentQuantile } from "./distributions.ts";

/**
 * Pairs with which a paired test finds a difference: the fewest n with
 * n >= (t(1 - alpha / 2) + t(power))^2 spread^2 / difference^2, both quantiles of Student's t with n - 1
 * degrees of freedom (J. Cohen, Statistical Power Analysis, 1988, chapter 2).
 *
 * @param difference That is to be found.
 * @param spread Standard deviation of the differences between pairs.
 * @param alpha Of a two-sided test; default 0.05.
 * @param power The chance to find it, above 0.5; default 0.8.
 * @throws RangeError where difference or spread is not above 0.
 * @example One standard deviation takes ten pairs.
 * ```ts
 * import { pairsNeeded } from "./power.ts";
 * import assert from "node:assert/strict";
 * assert.equal(pairsNeeded(0.1, 0.1), 10);
 * ```
 */
export function pairsNeeded(difference: number, spread: number, alpha = 0.05, power = 0.8): number {
  if (!(difference > 0 && spread > 0)) {
    throw new RangeError(`Difference and spread are above 0: "${difference}", "${spread}".`);
  }
  const isEnough = (pairs: number) => {
    // P(T <= t) = power is P(|T| <= t) = 2 power - 1.
    const quantiles = studentQuantile(1 - alpha, pairs - 1) +
      studentQuantile(2 * power - 1, pairs - 1);
    return pairs >= (quantiles * spread / difference) ** 2;
  };
  let [low, high] = [1, 2];
  while (!isEnough(high)) [low, high] = [high, 2 * high];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}
