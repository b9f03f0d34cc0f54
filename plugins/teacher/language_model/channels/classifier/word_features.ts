import { ARTICLES, wordsOf } from "../../words.ts";
import { type Readings, roleFeatures } from "./role_features.ts";

/** What role features tell twice, with the first thing in hands: pairs tell that, too. */
const TOLD_TWICE = "holding {1}: ";

/** A feature that tells of a thing that the mission names. */
const OF_THING = /\{\d/;

/**
 * The features of a state by its words: those by role, every word of the mission, and every pair of these
 * of which one has to do with the mission. A pair tells what a sum does not: that the thing meant lies in
 * the drawer and the agent is where the drawer is; and the words themselves tell which of several actions
 * names the thing that is meant ("take the key"). What is learned of words so holds for those words alone,
 * what is learned of roles for all.
 *
 * @param readings As in {@linkcode roleFeatures}.
 * @example
 * ```ts
 * import { wordFeatures } from "./word_features.ts";
 * import assert from "node:assert/strict";
 * const seen = ["You are in the hall", "There is a cup in the hall", "There is a key in the box"];
 * assert.deepEqual(wordFeatures("wash the cup", seen), [
 *   ...["You are in the hall", "There is {1} in the hall", "There is a key in the box"],
 *   ...["verb wash", "sees {1}", "bias", "cup"],
 *   "There is {1} in the hall & verb wash",
 *   "There is {1} in the hall & cup",
 *   "There is {1} in the hall & You are in the hall",
 *   "There is {1} in the hall & There is a key in the box",
 *   "verb wash & cup",
 *   "verb wash & You are in the hall",
 *   "verb wash & There is a key in the box",
 *   "cup & You are in the hall",
 *   "cup & There is a key in the box",
 * ]);
 * ```
 */
export function wordFeatures(
  mission: string,
  seen: readonly string[],
  readings?: Readings,
): string[] {
  const roles = roleFeatures(mission, seen, readings).filter((feature) =>
    !feature.startsWith(TOLD_TWICE)
  );
  const [, ...words] = new Set(wordsOf(mission).filter((word) => !ARTICLES.has(word)));
  // Where a thing of the mission is in sight, a sentence says so.
  const sentences = roles.filter((role) => role !== "bias" && !role.startsWith("sees {"));
  const isMeant = (role: string) => role.startsWith("verb ") || OF_THING.test(role);
  const meant = [...sentences.filter(isMeant), ...words];
  const others = sentences.filter((role) => !isMeant(role));
  const pairs = meant.flatMap((one, index) =>
    [...meant.slice(index + 1), ...others].map((other) => `${one} & ${other}`)
  );
  return [...roles, ...words, ...pairs];
}
