/** Things in sight, and where: what a teacher chooses from at the grain "reference". */
import { sentenceOf } from "./channels/classifier/role_features.ts";
import { SURROUNDINGS } from "./words.ts";

/** A thing that is told of. */
export interface Thing {
  /** Which of the K candidates is its place. */
  readonly candidate: number;
  /** Its words, lower case. */
  readonly words: readonly string[];
}

/**
 * Finds things by the words for places that sentences end with.
 *
 * @param places [K] words for places, the candidates.
 * @example
 * ```ts
 * import { thingsAmong } from "./things.ts";
 * import assert from "node:assert/strict";
 * const thingsIn = thingsAmong(["2 steps forward", "1 step left and 2 steps forward"]);
 * const seen = ["You carry a grey key", "You see a wall 2 steps forward", "You see a red ball 1 step left and 2 steps forward"];
 * assert.deepEqual(thingsIn(seen), [{ candidate: 1, words: ["red", "ball"] }]);
 * ```
 */
export function thingsAmong(
  places: readonly string[],
): (seen: readonly string[]) => readonly Thing[] {
  const candidates = new Map(places.map((words, candidate) => [words, candidate]));
  return (seen) =>
    seen.flatMap((line) => {
      const sentence = sentenceOf(line);
      if (!sentence || sentence.isHeld) return [];
      const words = sentence.thing.map((word) => word.toLowerCase());
      const candidate = candidates.get(sentence.after);
      const isThing = candidate !== undefined && !words.every((word) => SURROUNDINGS.has(word));
      return isThing ? [{ candidate, words }] : [];
    });
}
