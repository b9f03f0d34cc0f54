// @ts-nocheck AssemblyScript: its own compiler checks the types.
/** What the instructions of a running program share. */

/** Rows of the call, B. */
export let count: i32 = 0;
/** Rows of the chunk at hand. */
export let rows: i32 = 0;
/** The chunk's first row in the call. */
let first: i32 = 0;
/** Address of the call's row numbers, or 0 for 0, 1, 2, ... */
let order: usize = 0;

/** Begins a call on `length` rows. */
export function begin(at: usize, length: i32): void {
  order = at;
  count = length;
  moveTo(0, length);
}

/** Moves to the chunk of `length` rows from `from`. */
export function moveTo(from: i32, length: i32): void {
  first = from;
  rows = length;
}

/** The place in the data of row i of the chunk, `shift` rows on. */
export function rowOf(i: i32, shift: i32): i32 {
  const at = first + i;
  return (order ? load<i32>(order + (<usize> at << 2)) : at) + shift;
}

/** The place of row i of the chunk in the call itself. */
export function placeOf(i: i32): i32 {
  return first + i;
}
