/** The features of a state by name: the whole of it, and each thing seen in it. */
export interface StateFeatures {
  readonly whole: string;
  readonly parts: readonly string[];
}

/** How features name things: as they are, or by what they are to the mission. */
export type FeatureNames = "named" | "relative";

/**
 * The features of a state in words.
 *
 * "relative" names a thing that the mission names by its place in the mission, and the mission by its
 * verb: "You see a red ball 2 steps left" under "go to the red ball" is "You see a {2} {3} 2 steps
 * left" under "go", and so is a green key under "go to the green key". What is learned of one mission
 * then holds for others (deictic features: Agre & Chapman, Pengi, 1987).
 *
 * @example
 * ```ts
 * import { featuresOf } from "./features.ts";
 * import assert from "node:assert/strict";
 * const seen = ["You see a red ball 2 steps left"];
 * const { parts } = featuresOf("go to the red ball", seen, "relative");
 * assert.deepEqual(parts, ["go||You see a {2} {3} 2 steps left"]);
 * ```
 */
export function featuresOf(
  mission: string,
  seen: readonly string[],
  names: FeatureNames = "named",
): StateFeatures {
  const [task, things] = names === "named" ? [mission, seen] : relativeTo(mission, seen);
  return {
    whole: [task, ...things].join("|"),
    // Told apart from a state in which the thing is all that is seen.
    parts: things.map((line) => `${task}||${line}`),
  };
}

/** Words that name nothing. */
const ARTICLES: ReadonlySet<string> = new Set(["a", "an", "the", "un", "une", "le", "la", "les"]);

function relativeTo(mission: string, seen: readonly string[]): [string, readonly string[]] {
  const [verb = "", ...words] = mission.split(" ").filter((word) => !ARTICLES.has(word));
  const places = new Map(words.map((word, index) => [word, `{${index + 1}}`]));
  const name = (word: string) => places.get(word) ?? word;
  return [verb, seen.map((line) => line.split(" ").map(name).join(" "))];
}
