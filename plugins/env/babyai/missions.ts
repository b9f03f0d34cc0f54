/**
 * Missions as the engine stores them: one row of 32 bytes, so that a step copies and a cache hashes
 * them without making a string. `readInstruction` turns a row into a tree.
 *
 * | bytes | |
 * | --- | --- |
 * | 0 | how the groups of actions 0, 1 and 2, 3 follow each other: ALONE, BEFORE or AFTER |
 * | 1 | bit d: description d matched more than one object when the episode started |
 * | 2 | bit a: action a is strict |
 * | 4 to 7 | kinds of the actions 0 to 3 |
 * | 8 to 31 | type, colour and place of the descriptions 0 to 7; action a speaks of 2a and 2a + 1 |
 */

import {
  type Action,
  type And,
  type Description,
  type Instruction,
  PLACES,
  sentence,
} from "./instructions.ts";

/** Bytes of a stored mission. */
export const MISSION_BYTES = 32;
/** The same in words of 32 bits. */
const WORDS = MISSION_BYTES / 4;

/** Actions an instruction is made of at most: two groups of two. */
export const MAX_ACTIONS = 4;

/** Where in a stored mission the order, plurals, strictness, kinds and descriptions lie. */
export const ORDER_AT = 0;
export const PLURAL_AT = 1;
export const STRICT_AT = 2;
export const KIND_AT = 4;
export const DESCRIPTION_AT = 8;

/** Kinds of actions as they are stored. */
export const NO_ACTION = 0;
export const GOTO = 1;
export const OPEN_DOOR = 2;
export const PICK_UP = 3;
export const PUT_NEXT = 4;

/** How two groups follow each other as it is stored. */
export const ALONE = 0;
export const BEFORE = 1;
export const AFTER = 2;

/** A property that a stored description leaves open. */
export const ANY = 255;

/** The tree of the mission stored at `row` of `missions`. */
export function readInstruction(missions: Uint8Array, row: number): Instruction {
  const order = missions[row + ORDER_AT]!;
  const first = readGroup(missions, row, 0);
  if (order === ALONE) return first;
  return { kind: order === AFTER ? "after" : "before", first, second: readGroup(missions, row, 2) };
}

/** The sentence of the mission stored at `row` of `missions`, as Minigrid says it. */
export function readMission(missions: Uint8Array, row: number): string {
  const plural = missions[row + PLURAL_AT]!;
  return sentence(readInstruction(missions, row), ({ slot }) => (plural >> slot & 1) === 1);
}

/** The sentences of a batch's missions, each put together once as long as its mission stays. */
export class Sentences {
  readonly #words: Uint32Array;
  /** The missions that the sentences are of. */
  readonly #known: Uint32Array;
  readonly #sentences: string[] = [];

  /** @param missions [N, MISSION_BYTES] the stored missions, which may change. */
  constructor(private readonly missions: Uint8Array) {
    this.#words = new Uint32Array(missions.buffer, missions.byteOffset, missions.length >> 2);
    this.#known = new Uint32Array(this.#words.length);
  }

  /** {@linkcode readMission} of row i. */
  read(i: number): string {
    const words = this.#words, known = this.#known, end = (i + 1) * WORDS;
    let at = i * WORDS;
    while (at < end && words[at] === known[at]) at++;
    const sentence = this.#sentences[i];
    if (at === end && sentence !== undefined) return sentence;
    for (at = i * WORDS; at < end; at++) known[at] = words[at]!;
    return this.#sentences[i] = readMission(this.missions, i * MISSION_BYTES);
  }
}

function readGroup(missions: Uint8Array, row: number, from: number): Action | And {
  const first = readAction(missions, row, from);
  if (missions[row + KIND_AT + from + 1] === NO_ACTION) return first;
  return { kind: "and", first, second: readAction(missions, row, from + 1) };
}

function readAction(missions: Uint8Array, row: number, number: number): Action {
  const kind = missions[row + KIND_AT + number]!;
  const target = readDescription(missions, row, 2 * number);
  const strict = (missions[row + STRICT_AT]! >> number & 1) === 1;
  if (kind === GOTO) return { kind: "goto", target };
  if (kind === OPEN_DOOR) return { kind: "open", target, strict };
  if (kind === PICK_UP) return { kind: "pickup", target, strict };
  return { kind: "putnext", moved: target, fixed: readDescription(missions, row, 2 * number + 1) };
}

function readDescription(missions: Uint8Array, row: number, slot: number): Description {
  const at = row + DESCRIPTION_AT + 3 * slot;
  const type = missions[at]!, color = missions[at + 1]!, place = missions[at + 2]!;
  return {
    type: type === ANY ? null : type,
    color: color === ANY ? null : color,
    place: place === ANY ? null : PLACES[place]!,
    slot,
  };
}
