import type { StateFeatures } from "@tandem/core";

/** How features name things: as they are, or by what they are to the mission. */
export type FeatureNames = "named" | "relative";

/**
 * The features of a state in words.
 *
 * "relative" names a thing that the mission names by its place in the mission, and the mission by its
 * verb: "You see a red ball 2 steps left" under "go to the red ball" is "You see a {2} {3} 2 steps
 * left" under "go", and so is a green key under "go to the green key". What is learned of one mission
 * then holds for others (deictic features: Agre & Chapman, Pengi, 1987). Words that say where a thing is,
 * or what is to be done with it, name nothing: "2 steps left" stays what it is under a mission that ends
 * in "on your left".
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

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

const ARTICLES = words("a an the un une le la les");

/** Words of missions that name no thing: directions, places, deeds, and what joins them. */
const NAMELESS = words(
  `left right forward forwards backward backwards straight front back behind ahead beside near far above
  below over under up down north south east west here there top bottom middle corner
  gauche droite devant derrière avant arrière haut bas
  to of on in at from with into onto by for off out away around through between next and or then after
  before until not you your yours it its your's is are one step steps
  à de du des sur dans avec et ou puis après vers pas votre ta ton tes vous tu
  go get walk move turn see open close opened closed locked unlock lock pick take grab put place drop
  carry hold find reach use push pull toggle
  aller va prends pose ouvre ouverte fermée`,
);

const NUMBER = /^\d+$/;

const PUNCTUATION = /[.,;:!?]+$/;

function relativeTo(mission: string, seen: readonly string[]): [string, readonly string[]] {
  const [verb = "", ...rest] = mission.split(" ").map((word) => word.replace(PUNCTUATION, ""))
    .filter((word) => !ARTICLES.has(word));
  const names = rest.map((word, index) => [word, `{${index + 1}}`] as const)
    .filter(([word]) => !NAMELESS.has(word.toLowerCase()) && !NUMBER.test(word));
  const places = new Map(names);
  const name = (word: string) => places.get(word) ?? word;
  return [verb, seen.map((line) => line.split(" ").map(name).join(" "))];
}
