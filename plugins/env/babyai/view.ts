/**
 * The agent's partial view, as Minigrid encodes it: what is hidden behind walls and shut doors is
 * unseen. Visibility spreads row by row from the agent upwards, as Minigrid's `Grid.process_vis`.
 */

import { DIRECTION_X, DIRECTION_Y, DOOR, isOpaque, OPEN, UNSEEN, WALL } from "./cells.ts";
import type { Worlds } from "./worlds.ts";

/**
 * How visibility spreads within one row and to the row before it.
 *
 * @param seen Bit i: cell i of the row is seen already.
 * @param clear Bit i: one sees past cell i.
 * @param size Cells of the row.
 * @returns The cells seen of this row, and `<< size` those seen of the next.
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

/** The places that the agent of a world sees now, its own included; for pictures and bots. */
export function visibleCells(worlds: Worlds, index: number, viewSize: number): number[] {
  const direction = worlds.direction[index]!;
  const forward = DIRECTION_Y[direction]! * worlds.stride + DIRECTION_X[direction]!;
  const right = DIRECTION_X[direction]! * worlds.stride - DIRECTION_Y[direction]!;
  const half = viewSize >> 1;
  const places: number[] = [];
  let seen = 1 << half;
  for (let ahead = 0; ahead < viewSize; ahead++) {
    const start = worlds.agent[index]! + ahead * forward - half * right;
    let clear = 0;
    for (let i = 0; i < viewSize; i++) {
      const cell = worlds.cells[index * worlds.size + start + i * right]!;
      if (!isOpaque(cell)) clear |= 1 << i;
    }
    const both = spread(seen, clear, viewSize);
    for (let i = 0; i < viewSize; i++) if (both >> i & 1) places.push(start + i * right);
    seen = both >> viewSize;
  }
  return places;
}
