import { BoundedMap } from "@tandem/core/internal";
import {
  ANYTHING,
  ARTICLES,
  CONDITIONS,
  HOLDING,
  NAMELESS,
  NUMBER,
  PLACES,
  wordsOf,
} from "../../words.ts";

/** What a mission means, of which its features are made. */
export interface Meaning {
  /** The things that it names, in order, each as the words that it gives it. */
  readonly things: readonly (readonly string[])[];
  /** Its verb and the places that it names, as features. */
  readonly features: readonly string[];
}

/** A sentence around the thing that it tells of. */
export interface Sentence {
  readonly before: string;
  readonly thing: readonly string[];
  readonly after: string;
  readonly isHeld: boolean;
}

/** Most missions and sentences whose readings are remembered; those not met for longest go first. */
const MOST_READINGS = 8192;

/** How missions and sentences were read, so that the same words are read once. */
export class Readings {
  readonly #missions = new BoundedMap<string, Meaning>(MOST_READINGS);
  readonly #lines = new BoundedMap<string, Sentence | "none">(MOST_READINGS);

  ofMission(mission: string): Meaning {
    const known = this.#missions.get(mission);
    if (known) return known;
    const meaning = meaningOf(mission);
    this.#missions.set(mission, meaning);
    return meaning;
  }

  ofLine(line: string): Sentence | undefined {
    let known = this.#lines.get(line);
    if (!known) {
      known = sentenceOf(line) ?? "none";
      this.#lines.set(line, known);
    }
    return known === "none" ? undefined : known;
  }
}

/**
 * The features of a state by role, as texts: every sentence with the thing in it replaced by what it is to
 * the mission, {1} where the first thing that the mission names can be meant, {2} for the second, {other}
 * where it names none such. A thing that can be meant twice is told of twice. Beside them stand the mission's verb and places,
 * which of its things are in sight, and a bias. With the first thing in hands all is told once more, for
 * then most of it asks for something else. What is learned of one mission so holds for all of its kind.
 *
 * A sentence that names no thing, or one thing of one word that the mission does not name (a wall), is a
 * feature as it stands; so the words of any environment have features, if not always the best.
 *
 * @param readings Remembers how words were read, for whoever calls this often.
 * @example
 * ```ts
 * import { roleFeatures } from "./role_features.ts";
 * import assert from "node:assert/strict";
 * const seen = ["You see a red ball 2 steps left", "You see a grey box 1 step forward"];
 * assert.deepEqual(roleFeatures("go to the red ball", seen), [
 *   "You see {1} 2 steps left",
 *   "You see {other} 1 step forward",
 *   "verb go",
 *   "sees {1}",
 *   "bias",
 * ]);
 * ```
 */
export function roleFeatures(
  mission: string,
  seen: readonly string[],
  readings: Readings = new Readings(),
): string[] {
  const { things, features: ofMission } = readings.ofMission(mission);
  const features = new Set<string>();
  const inSight = new Set<string>();
  let holdsFirst = false;
  for (const line of seen) {
    const sentence = readings.ofLine(line);
    if (!sentence) {
      features.add(line);
      continue;
    }
    const roles = rolesOf(sentence.thing, things);
    if (roles.length === 0 && sentence.thing.length === 1) {
      features.add(line);
      continue;
    }
    const told = sentence.isHeld ? roles.slice(0, 1) : roles;
    holdsFirst ||= sentence.isHeld && told[0] === 1;
    for (const role of told.length > 0 ? told : ["other"]) {
      features.add(`${sentence.before} ${roleIn(role, sentence)} ${sentence.after}`.trim());
      if (!sentence.isHeld && role !== "other") inSight.add(`sees {${role}}`);
    }
  }
  const all = [...features, ...ofMission, ...inSight, "bias"];
  return holdsFirst ? [...all, ...all.map((feature) => `holding {1}: ${feature}`)] : all;
}

function roleIn(role: number | string, { thing }: Sentence): string {
  return `{${[role, ...thing.filter((word) => CONDITIONS.has(word))].join(" ")}}`;
}

/** Which of the mission's things this one can be, from 1. */
function rolesOf(thing: readonly string[], meant: Meaning["things"]): number[] {
  return meant.flatMap((words, index) =>
    words.every((word) => ANYTHING.has(word) || thing.includes(word)) ? [index + 1] : []
  );
}

/** What a mission names. */
export function meaningOf(mission: string): Meaning {
  const words = wordsOf(mission);
  const things: string[][] = [];
  const named = new Set<number>();
  for (const [index, word] of words.entries()) {
    if (!ARTICLES.has(word)) continue;
    const thing = thingAt(words, index + 1, false);
    if (thing.length > 0) things.push(thing);
    for (let k = 0; k < thing.length; k++) named.add(index + 1 + k);
  }
  const places = words.filter((word, index) => index > 0 && !named.has(index) && PLACES.has(word));
  const verb = words.slice(0, 1).map((word) => `verb ${word}`);
  return { things, features: [...verb, ...places.map((word) => `place ${word}`)] };
}

/** The words of the thing that begins at an index. @param withConditions Whether they belong to it. */
function thingAt(words: readonly string[], from: number, withConditions: boolean): string[] {
  const isPart = (word: string) =>
    withConditions && CONDITIONS.has(word) ||
    !NAMELESS.has(word.toLowerCase()) && !NUMBER.test(word) && !ARTICLES.has(word);
  const end = words.findIndex((word, index) => index >= from && !isPart(word));
  return words.slice(from, end < 0 ? words.length : end);
}

/** A sentence that says of a thing where it is or that it is held; undefined for any other. */
export function sentenceOf(line: string): Sentence | undefined {
  const words = wordsOf(line);
  const article = words.findIndex((word, index) => index > 0 && ARTICLES.has(word));
  if (article < 0) return undefined;
  const thing = thingAt(words, article + 1, true);
  if (thing.length === 0) return undefined;
  const before = words.slice(0, article);
  return {
    ...{ before: before.join(" "), thing },
    after: words.slice(article + 1 + thing.length).join(" "),
    isHeld: before.some((word) => HOLDING.has(word)),
  };
}
