/** Whether a difference is too small to matter, which is more than that none was found. */
import {
  leastSequentialP,
  type SequentialDesign,
  sequentialPaired,
  SignFlips,
} from "./sequential.ts";

/**
 * The p-value of two one-sided tests (D. J. Schuirmann, Journal of Pharmacokinetics and
 * Biopharmaceutics 15, 1987) that the mean difference lies between -margin and margin: the larger of
 * two sign-flip tests, each valid at any look of the design as
 * {@linkcode sequentialPaired} is.
 *
 * @param differences Of pairs that share a seed, in the order in which they came.
 * @param margin What is too small to matter, above 0.
 * @param looks Pairs at each look; default one look at all of them.
 * @param flips As of a {@linkcode SequentialDesign}.
 * @throws RangeError as {@linkcode sequentialPaired}, and for a margin that is not above 0.
 * @example
 * ```ts
 * import { equivalenceP } from "./equivalence.ts";
 * import assert from "node:assert/strict";
 * const differences = [0.01, -0.01, 0.02, 0, -0.02, 0.01];
 * assert.equal(equivalenceP(differences, 0.05), 0.016); // 1 of 64
 * assert.ok(equivalenceP(differences, 0.005) > 0.05);
 * ```
 */
export function equivalenceP(
  differences: readonly number[],
  margin: number,
  looks: SequentialDesign["looks"] = [differences.length],
  flips: SignFlips = new SignFlips(looks.at(-1)!),
): number {
  if (!(margin > 0)) throw new RangeError(`A margin is above 0, and this one is "${margin}".`);
  const design = { looks, side: "greater", flips } as const;
  const above = sequentialPaired(differences.map((value) => value + margin), design);
  const below = sequentialPaired(differences.map((value) => margin - value), design);
  return Math.max(above.pValue, below.pValue);
}

/** The least p-value that {@linkcode equivalenceP} can give by some number of pairs. */
export function leastEquivalenceP(
  pairs: number,
  looks: SequentialDesign["looks"] = [pairs],
): number {
  return leastSequentialP(pairs, { looks, side: "greater" });
}
