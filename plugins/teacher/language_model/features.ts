import type { StateFeatures } from "@tandem/core";
import { ARTICLES, NAMELESS, NUMBER, withoutMarks } from "./words.ts";

/** How features name things: as they are, or by what they are to the mission. */
export type FeatureNames = "named" | "relative";

/**
 * The features of a state in words.
 *
 * "relative" names a thing that the mission names by its place in the mission, and the mission by its
 * verb: "You see a red ball 2 steps left" under "go to the red ball" is "You see a {2} {3} 2 steps
 * left" under "go", and so is a green key under "go to the green key". What is learned of one mission
 * then holds for others (deictic features: Agre & Chapman, Pengi, 1987). A word that the mission says twice has the
 * places of the things that a sentence names wholly: under "put the red ball next to the red key" a red
 * ball is "{1} {2}", a red key "{5} {6}", and a red box, which is neither, "{1,5} box". Words that say where a thing is,
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

function relativeTo(mission: string, seen: readonly string[]): [string, readonly string[]] {
  const [verb = "", ...rest] = mission.split(" ").map(withoutMarks)
    .filter((word) => !ARTICLES.has(word));
  const things = thingsIn(rest);
  if (things.length === 0) return [verb, seen];
  return [verb, seen.map((line) => placed(line.split(" "), things).join(" "))];
}

/** A thing that a mission names: its words by their places, counted from 1. */
type NamedThing = ReadonlyMap<number, string>;

function thingsIn(words: readonly string[]): NamedThing[] {
  const things: Map<number, string>[] = [];
  for (const [index, word] of words.entries()) {
    if (NAMELESS.has(word.toLowerCase()) || NUMBER.test(word)) continue;
    const before = things.at(-1);
    if (before?.has(index)) before.set(index + 1, word);
    else things.push(new Map([[index + 1, word]]));
  }
  return things;
}

/** A sentence's words, those of the mission's things by their places there. */
function placed(line: readonly string[], things: readonly NamedThing[]): string[] {
  const told = new Set(line);
  const whole = things.filter((thing) => thing.values().every((word) => told.has(word)));
  return line.map((word) => {
    const places = placesOf(word, whole);
    const named = places.length > 0 ? places : placesOf(word, things);
    return named.length > 0 ? `{${named.join(",")}}` : word;
  });
}

function placesOf(word: string, things: readonly NamedThing[]): number[] {
  return things.flatMap((thing) =>
    [...thing].flatMap(([place, name]) => name === word ? place : [])
  );
}
