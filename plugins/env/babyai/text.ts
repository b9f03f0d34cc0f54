/**
 * An observation in words, as BabyAI-Text says them (flowersteam, gym_minigrid/minigrid.py,
 * `gen_graph`), its quirks included: "a open red door", walls told only in straight lines.
 */

import {
  COLOR_NAMES,
  colorOf,
  DOOR,
  EMPTY,
  packCell,
  STATE_NAMES,
  stateOf,
  TYPE_NAMES,
  typeOf,
  UNSEEN,
  WALL,
} from "./cells.ts";

/** The languages that BabyAI-Text speaks. */
export type Language = "english" | "french";

interface Words {
  readonly colors: readonly string[];
  readonly types: readonly string[];
  readonly states: readonly string[];
  readonly sides: readonly [forward: string, left: string, right: string];
  readonly and: string;
  carry(color: string, type: string): string;
  wall(steps: number, side: string): string;
  see(type: string, color: string, state: string | undefined): string;
  distance(steps: number, side: string): string;
}

const steps = (count: number) => `${count} step${count > 1 ? "s" : ""}`;

const WORDS: Record<Language, Words> = {
  english: {
    colors: COLOR_NAMES,
    types: TYPE_NAMES,
    states: STATE_NAMES,
    sides: ["forward", "left", "right"],
    and: " and ",
    carry: (color, type) => `You carry a ${color} ${type}`,
    wall: (count, side) => `You see a wall ${steps(count)} ${side}`,
    see: (type, color, state) => `You see a ${state ? `${state} ` : ""}${color} ${type} `,
    distance: (count, side) => `${steps(count)} ${side}`,
  },
  french: {
    colors: ["rouge", "verte", "bleue", "violette", "jaune", "grise"],
    types: ["non visible", "vide", "mur", "sol", "porte", "clef", "balle", "boîte"],
    states: ["ouverte", "fermée", "fermée à clef"],
    sides: ["devant", "à gauche", "à droite"],
    and: " et ",
    carry: (color, type) => `Tu portes une ${type} ${color}`,
    wall: (count, side) => `Tu vois un mur à ${count} pas ${side}`,
    see: (type, color, state) => `Tu vois une ${type} ${color} ${state ? `${state} ` : ""}`,
    distance: (count, side) => `${count} pas ${side}`,
  },
};

/** Packed cells there are, and more cells than a view has along a side. */
const [CELLS, MOST] = [256, 16];

/** Sentences on things seen, by where they are and what they look like: there are few of them. */
export type KnownSentences = Record<Language, Map<number, string>>;

/** No sentences yet. */
export function noSentences(): KnownSentences {
  return { english: new Map(), french: new Map() };
}

/**
 * What the agent carries and sees, one sentence each.
 *
 * @param image [size, size, 3] bytes of an observation from `at` on: [from the left][from the far
 * end][type, colour, state].
 * @param at Where the image starts.
 * @param size Cells along a side.
 * @param language English as default.
 * @param carried The packed cell carried, or EMPTY; the image's own word on it as default.
 * @param known What was put into words before, and is not again.
 */
export function describeView(
  image: Uint8Array,
  at = 0,
  size = 7,
  language: Language = "english",
  carried?: number,
  { [language]: known }: KnownSentences = noSentences(),
): string[] {
  const words = WORDS[language], half = size >> 1, last = size - 1;
  const entry = (i: number, j: number) => at + 3 * (i * size + j);
  const typeAt = (i: number, j: number) => image[entry(i, j)]!;
  const sentences: string[] = [];
  const own = entry(half, last);
  const inHands = carried ?? packCell(image[own]!, image[own + 1]!);
  if (inHands !== EMPTY) {
    // The original looks these two up among its English words in either language.
    sentences.push(words.carry(COLOR_NAMES[colorOf(inHands)]!, TYPE_NAMES[typeOf(inHands)]!));
  }
  const tellWall = (side: number, di: number, dj: number) => {
    let i = half + di, j = last + dj, count = 1;
    const isInside = () => i >= 0 && i < size && j >= 0;
    while (isInside() && (typeAt(i, j) === UNSEEN || typeAt(i, j) === EMPTY)) {
      i += di;
      j += dj;
      count++;
    }
    if (isInside() && typeAt(i, j) === WALL) sentences.push(words.wall(count, words.sides[side]!));
  };
  tellWall(0, 0, -1);
  tellWall(1, -1, 0);
  tellWall(2, 1, 0);
  for (let i = 0, k = at; i < size; i++) {
    for (let j = 0; j < size; j++, k += 3) {
      if (image[k]! <= WALL || k === own) continue;
      const cell = packCell(image[k]!, image[k + 1]!, image[k + 2]!);
      const key = ((i - half) * MOST + last - j) * CELLS + cell;
      let sentence = known.get(key);
      if (!sentence) known.set(key, sentence = describeThing(words, cell, i - half, last - j));
      sentences.push(sentence);
    }
  }
  return sentences;
}

/** A thing `aside` cells to the right (negative to the left) and `ahead` cells before the agent. */
function describeThing(words: Words, cell: number, aside: number, ahead: number): string {
  const type = typeOf(cell);
  const state = type === DOOR ? words.states[stateOf(cell)] : undefined;
  return words.see(words.types[type]!, words.colors[colorOf(cell)]!, state) +
    placeWords(words, aside, ahead);
}

function placeWords(words: Words, aside: number, ahead: number): string {
  const ways: string[] = [];
  if (aside !== 0) ways.push(words.distance(Math.abs(aside), words.sides[aside < 0 ? 1 : 2]!));
  if (aside === 0 || ahead > 0) ways.push(words.distance(ahead, words.sides[0]));
  return ways.join(words.and);
}

/** The words for each place of a view, by which sentences on things seen there end, and where it is. */
export interface ViewPlaces {
  readonly words: readonly string[];
  readonly places: readonly (readonly [right: number, ahead: number])[];
}

/**
 * All places of a view in the order of its cells: [from the left][from the far end].
 *
 * @param size Cells along a side.
 * @example
 * ```ts
 * import { viewPlaces } from "./text.ts";
 * import assert from "node:assert/strict";
 * const { words, places } = viewPlaces(3);
 * assert.equal(words[0], "1 step left and 2 steps forward");
 * assert.deepEqual(places[0], [-1, 2]);
 * ```
 */
export function viewPlaces(size: number, language: Language = "english"): ViewPlaces {
  const half = size >> 1;
  const places = Array.from(
    { length: size * size },
    (_, cell) => [Math.floor(cell / size) - half, size - 1 - cell % size] as const,
  );
  return { places, words: places.map((place) => placeWords(WORDS[language], ...place)) };
}
