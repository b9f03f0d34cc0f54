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
  const places = placesOf(things);
  return [verb, seen.map((line) => placed(line, things, places))];
}

/** A thing that a mission names: its words by their places, counted from 1. */
type NamedThing = ReadonlyMap<number, string>;

/** Places by word. */
type Places = ReadonlyMap<string, readonly number[]>;

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

/** A sentence with the words of the mission's things replaced by their places there. */
function placed(line: string, things: readonly NamedThing[], places: Places): string {
  const words = line.split(" ");
  if (!words.some((word) => places.has(word))) return line; // as most are
  const whole = things.filter((thing) => thing.values().every((word) => words.includes(word)));
  const own = whole.length > 0 && whole.length < things.length ? placesOf(whole) : places;
  return words.map((word) => {
    const named = own.get(word) ?? places.get(word);
    return named ? `{${named.join(",")}}` : word;
  }).join(" ");
}

function placesOf(things: readonly NamedThing[]): Places {
  const places = new Map<string, number[]>();
  for (const thing of things) {
    for (const [place, word] of thing) places.set(word, [...places.get(word) ?? [], place]);
  }
  return places;
}
