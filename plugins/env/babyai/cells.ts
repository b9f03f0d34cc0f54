/**
 * What a cell of a world holds, packed into one byte: Minigrid's object index in bits 0 to 2, its
 * colour in bits 3 to 5 and its door state in bits 6 and 7. BabyAI needs no type above `BOX`, so
 * every cell of every level fits, and the three channels of an observation are three shifts.
 */

/** Object types, with Minigrid's numbers. `UNSEEN` occurs in observations only. */
export const UNSEEN = 0;
export const EMPTY = 1;
export const WALL = 2;
export const DOOR = 4;
export const KEY = 5;
export const BALL = 6;
export const BOX = 7;
/** The type that full observations give the agent's cell; it does not occur in a packed cell. */
export const AGENT = 10;

/** Colours, with Minigrid's numbers. */
export const RED = 0;
const GREEN = 1;
export const BLUE = 2;
const PURPLE = 3;
const YELLOW = 4;
export const GREY = 5;

/** Door states, with Minigrid's numbers; every other object has state 0. */
export const OPEN = 0;
export const CLOSED = 1;
export const LOCKED = 2;

/** Actions, with Minigrid's numbers. */
export const LEFT = 0;
export const RIGHT = 1;
export const FORWARD = 2;
export const PICKUP = 3;
export const DROP = 4;
export const TOGGLE = 5;
export const DONE = 6;

/** The words for the actions, by number. */
export const ACTION_NAMES = [
  "left",
  "right",
  "forward",
  "pickup",
  "drop",
  "toggle",
  "done",
] as const;

/** The words for the types, by number. */
export const TYPE_NAMES = [
  "unseen",
  "empty",
  "wall",
  "floor",
  "door",
  "key",
  "ball",
  "box",
] as const;

/** The words for the colours, by number. */
export const COLOR_NAMES = ["red", "green", "blue", "purple", "yellow", "grey"] as const;

/** The words for the door states, by number. */
export const STATE_NAMES = ["open", "closed", "locked"] as const;

/** The colours in alphabetical order, which is the order Minigrid draws them in. */
export const COLORS_BY_NAME = [BLUE, GREEN, GREY, PURPLE, RED, YELLOW] as const;

/** The step along x for each direction: right, down, left, up. */
export const DIRECTION_X = [1, 0, -1, 0] as const;

/** The step along y for each direction: right, down, left, up. */
export const DIRECTION_Y = [0, 1, 0, -1] as const;

/**
 * One byte for a cell.
 *
 * @example
 * ```ts
 * import { colorOf, DOOR, GREY, LOCKED, packCell, stateOf, typeOf } from "./cells.ts";
 * import assert from "node:assert/strict";
 * const cell = packCell(DOOR, GREY, LOCKED);
 * assert.deepEqual([typeOf(cell), colorOf(cell), stateOf(cell)], [4, 5, 2]);
 * ```
 */
export function packCell(type: number, color = 0, state = 0): number {
  return type | (color << 3) | (state << 6);
}

/** The type in a packed cell. */
export function typeOf(cell: number): number {
  return cell & 7;
}

/** The colour in a packed cell. */
export function colorOf(cell: number): number {
  return (cell >> 3) & 7;
}

/** The door state in a packed cell. */
export function stateOf(cell: number): number {
  return cell >> 6;
}

/** The packed cell of a wall. */
export const WALL_CELL: number = packCell(WALL, GREY);

/** Whether one cannot see past a cell: a wall, or a door that is not open. */
export function isOpaque(cell: number): boolean {
  const type = cell & 7;
  return type === WALL || (type === DOOR && cell >> 6 !== OPEN);
}

/** Whether the agent can step onto a cell: an empty one, or an open door. */
export function isPassable(cell: number): boolean {
  const type = cell & 7;
  return type === EMPTY || (type === DOOR && cell >> 6 === OPEN);
}

/** Whether a cell holds something to pick up: a key, a ball or a box. */
export function isPortable(cell: number): boolean {
  return (cell & 7) >= KEY;
}
