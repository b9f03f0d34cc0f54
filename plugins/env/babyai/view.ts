/**
 * The agent's partial view, as Minigrid encodes it: what is hidden behind walls and shut doors is
 * unseen. Visibility spreads row by row away from the agent, as in Minigrid's `Grid.process_vis`.
 */

import {
  COLOR_NAMES,
  DIRECTION_X,
  DIRECTION_Y,
  EMPTY,
  isOpaque,
  STATE_NAMES,
  TYPE_NAMES,
  UNSEEN,
} from "./cells.ts";
import type { Observer, Rows } from "./rows.ts";
import { MAX_OBJECTS, type Worlds } from "./worlds.ts";

/** Minigrid's three channels of each packed cell, least significant byte first. */
const CHANNELS = Uint32Array.from(
  { length: 256 },
  (_, cell) => (cell & 7) | (cell >> 3 & 7) << 8 | cell >> 6 << 16,
);

/** Categories of a cell: type, colour and state. */
export const CELL: readonly number[] = [
  TYPE_NAMES.length,
  COLOR_NAMES.length,
  STATE_NAMES.length,
];

/** 1 for each packed cell that one sees past. */
const CLEAR = Uint8Array.from({ length: 256 }, (_, cell) => isOpaque(cell) ? 0 : 1);

/**
 * How visibility spreads within one row of a view and to the row after it.
 *
 * @param seen Bit i: cell i of the row is seen already.
 * @param clear Bit i: one sees past cell i.
 * @param size Cells of the row.
 * @returns The cells seen of this row, and shifted left by `size` those seen of the next.
 */
export function spread(seen: number, clear: number, size: number): number {
  let next = 0;
  for (let i = 0; i < size - 1; i++) {
    if ((seen & clear) >> i & 1) {
      seen |= 2 << i;
      next |= 3 << i;
    }
  }
  for (let i = size - 1; i > 0; i--) {
    if ((seen & clear) >> i & 1) {
      seen |= 1 << (i - 1);
      next |= 3 << (i - 1);
    }
  }
  return seen | next << size;
}

/** {@linkcode spread} of seven cells by `clear << 7 | seen`. */
const SPREAD_SEVEN = Uint16Array.from(
  { length: 1 << 14 },
  (_, key) => spread(key & 127, key >> 7, 7),
);

/** Writes what the agents of one batch see. */
export class View implements Observer {
  readonly categories: readonly number[];
  readonly channels = CELL.length;
  /** Bytes of an observation: the image [size, size, 3] and the direction. */
  readonly bytes: number;
  /** Packed cells in the image's order: [from the left][from the far end]. */
  readonly #codes: Uint8Array;

  /** @param size Cells along a side, odd. */
  constructor(readonly size: number) {
    this.bytes = 3 * size * size + 1;
    this.categories = [...Array.from({ length: size * size }, () => CELL).flat(), 4];
    this.#codes = new Uint8Array(size * size);
  }

  /** Writes the observation of world `index` into its row. */
  write(worlds: Worlds, index: number, rows: Rows): void {
    this.writeRow(worlds, index, rows, index);
  }

  /** Writes the observation of world `index` into any row. */
  writeRow(worlds: Worlds, index: number, { words }: Rows, row: number): void {
    this.#look(worlds, index);
    const codes = this.#codes, last = codes.length - 1;
    let at = row * this.bytes >> 2;
    // Four cells of three bytes are three words, whose first byte is the least significant one.
    for (let k = 0; k < last; k += 4, at += 3) {
      const b = CHANNELS[codes[k + 1]!]!, c = CHANNELS[codes[k + 2]!]!;
      words[at] = CHANNELS[codes[k]!]! | b << 24;
      words[at + 1] = b >>> 8 | c << 16;
      words[at + 2] = c >>> 16 | CHANNELS[codes[k + 3]!]! << 8;
    }
    words[at] = CHANNELS[codes[last]!]! | worlds.direction[index]! << 24;
  }

  /** Fills the codes with what the agent sees; unseen cells are 0. */
  #look(worlds: Worlds, index: number): void {
    const { size } = this, { cells, stride } = worlds, codes = this.#codes;
    const direction = worlds.direction[index]!;
    const forward = DIRECTION_Y[direction]! * stride + DIRECTION_X[direction]!;
    const right = DIRECTION_X[direction]! * stride - DIRECTION_Y[direction]!;
    const start = index * worlds.size + worlds.agent[index]! - (size >> 1) * right;
    if (size === 7) lookSeven(cells, codes, start, forward, right);
    else look(cells, codes, size, start, forward, right);
    const carried = worlds.carrying[index]!;
    codes[(size >> 1) * size + size - 1] = carried === 0
      ? EMPTY
      : worlds.objectCell[index * MAX_OBJECTS + carried]!;
  }
}

/** Looks row by row, from the agent's on; `start` is the place of a row's leftmost cell. */
function look(
  cells: Uint8Array,
  codes: Uint8Array,
  size: number,
  start: number,
  forward: number,
  right: number,
): void {
  let seen = 1 << (size >> 1);
  for (let row = size - 1; row >= 0; row--, start += forward) {
    let clear = 0;
    for (let i = 0; i < size; i++) clear |= CLEAR[cells[start + i * right]!]! << i;
    const both = spread(seen, clear, size);
    for (let i = 0; i < size; i++) {
      codes[i * size + row] = both >> i & 1 ? cells[start + i * right]! : UNSEEN;
    }
    seen = both >> size;
  }
}

/** {@linkcode look} for Minigrid's size, its rows spelled out and looked up: half the time. */
function lookSeven(
  cells: Uint8Array,
  codes: Uint8Array,
  start: number,
  forward: number,
  right: number,
): void {
  let seen = 8;
  for (let row = 6; row >= 0; row--, start += forward) {
    let place = start;
    const a = cells[place]!, b = cells[place += right]!, c = cells[place += right]!;
    const d = cells[place += right]!, e = cells[place += right]!, f = cells[place += right]!;
    const g = cells[place + right]!;
    const clear = CLEAR[a]! | CLEAR[b]! << 1 | CLEAR[c]! << 2 | CLEAR[d]! << 3 | CLEAR[e]! << 4 |
      CLEAR[f]! << 5 | CLEAR[g]! << 6;
    const both = SPREAD_SEVEN[clear << 7 | seen]!;
    codes[row] = a & -(both & 1);
    codes[row + 7] = b & -(both >> 1 & 1);
    codes[row + 14] = c & -(both >> 2 & 1);
    codes[row + 21] = d & -(both >> 3 & 1);
    codes[row + 28] = e & -(both >> 4 & 1);
    codes[row + 35] = f & -(both >> 5 & 1);
    codes[row + 42] = g & -(both >> 6 & 1);
    seen = both >> 7;
  }
}

/** The places that the agent of a world sees now, its own included; for pictures and bots. */
export function visibleCells(worlds: Worlds, index: number, viewSize: number): number[] {
  const direction = worlds.direction[index]!;
  const forward = DIRECTION_Y[direction]! * worlds.stride + DIRECTION_X[direction]!;
  const right = DIRECTION_X[direction]! * worlds.stride - DIRECTION_Y[direction]!;
  const places: number[] = [];
  let seen = 1 << (viewSize >> 1);
  for (let ahead = 0; ahead < viewSize; ahead++) {
    const start = worlds.agent[index]! + ahead * forward - (viewSize >> 1) * right;
    let clear = 0;
    for (let i = 0; i < viewSize; i++) {
      clear |= CLEAR[worlds.cells[index * worlds.size + start + i * right]!]! << i;
    }
    const both = viewSize === 7 ? SPREAD_SEVEN[clear << 7 | seen]! : spread(seen, clear, viewSize);
    for (let i = 0; i < viewSize; i++) if (both >> i & 1) places.push(start + i * right);
    seen = both >> viewSize;
  }
  return places;
}
