import { ARTICLES, wordsOf } from "../../words.ts";
import { roleFeatures } from "./role_features.ts";

/** What role features tell twice, with the first thing in hands: pairs tell that, too. */
const TOLD_TWICE = "holding {1}: ";

/**
 * The features of a state by its words: those by role, every word of the mission, and every pair of these.
 * A pair tells what a sum does not: that the thing meant lies in the drawer and the agent is where the
 * drawer is; and the words themselves tell which of several actions names the thing that is meant ("take
 * the key"). What is learned of words so holds for those words alone, what is learned of roles for all.
 *
 * @example
 * ```ts
 * import { wordFeatures } from "./word_features.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(wordFeatures("wash the cup", ["There is a cup in the hall"]), [
 *   "There is {1} in the hall",
 *   "verb wash",
 *   "sees {1}",
 *   "bias",
 *   "cup",
 *   "There is {1} in the hall & verb wash",
 *   "There is {1} in the hall & sees {1}",
 *   "There is {1} in the hall & cup",
 *   "verb wash & sees {1}",
 *   "verb wash & cup",
 *   "sees {1} & cup",
 * ]);
 * ```
 */
export function wordFeatures(mission: string, seen: readonly string[]): string[] {
  const [verb, ...words] = wordsOf(mission).filter((word) => !ARTICLES.has(word));
  const roles = roleFeatures(mission, seen).filter((feature) => !feature.startsWith(TOLD_TWICE));
  const single = [...new Set([...roles, ...words.filter((word) => word !== verb)])];
  const paired = single.filter((feature) => feature !== "bias");
  const pairs = paired.flatMap((one, index) =>
    paired.slice(index + 1).map((other) => `${one} & ${other}`)
  );
  return [...single, ...pairs];
}
