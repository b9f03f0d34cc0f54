// @ts-nocheck AssemblyScript: its own compiler checks the types.
/**
 * The first layer over categorical columns: y = b + the sum over columns c of W[r(c, x_c)], where
 * r(c, v) is the row of W that stands for value v of column c.
 *
 * Most columns of a view show the same value most of the time: their base value. With D[r] =
 * W[r] - W[r(c, base_c)] and s = b + the sum of the base rows, y = s + the sum of D[r(c, x_c)] over the
 * few columns that differ; and the gradient of a base row is the gradient of b less those of its column's
 * other rows. Both say the same as the sum over all columns, at a fraction of its work.
 *
 * A column is four words: its first row, its number of rows, whether its value 0 has no row (a word
 * that is absent), and its base value. A layer's shape, in the order of the operands: columns, their
 * number, W, D, bytes of a row, b, s.
 */
import { rowOf, rows } from "./frame.ts";
import { endOf, firstOf, lane, lanes } from "./lanes.ts";
import { copyRow } from "./layers.ts";

/** Rows that a column's base value stands for, or -1 where value 0 has none. */
function baseRow(column: usize): i32 {
  return load<i32>(column, 8) ? -1 : load<i32>(column) + load<i32>(column, 12);
}

/** D and s from W and b. */
export function prepareColumns(
  columns: usize,
  number: i32,
  w: usize,
  d: usize,
  width: i32,
  b: usize,
  s: usize,
): void {
  sumBases(columns, number, w, width, b, s);
  for (let c = firstOf(number), end = endOf(number); c < end; c++) {
    const column = columns + (c << 4);
    const base = baseRow(column);
    const from = load<i32>(column) * width, length = load<i32>(column, 4) * width;
    if (base < 0) {
      copyRow(w + from, d + from, length);
      continue;
    }
    const center = w + base * width;
    for (let k = 0; k < width; k += 16) {
      const value = v128.load(center + k);
      for (let r = from + k; r < from + length; r += width) {
        v128.store(d + r, f32x4.sub(v128.load(w + r), value));
      }
    }
  }
}

/** s = b + the sum of the base rows; each lane has some entries of it. */
function sumBases(columns: usize, number: i32, w: usize, width: i32, b: usize, s: usize): void {
  for (let k = firstOf(width >> 5) << 5, end = endOf(width >> 5) << 5; k < end; k += 16) {
    let sum = v128.load(b + k);
    for (let column = columns, last = columns + (number << 4); column < last; column += 16) {
      const base = baseRow(column);
      if (base >= 0) sum = f32x4.add(sum, v128.load(w + base * width + k));
    }
    v128.store(s + k, sum);
  }
}

/**
 * y = start + the sum of D over a group's columns of each row that differ from their base values, where
 * the start is s (`startRow` 0) or what another group's columns left. What was found is kept for the
 * gradients: `found`, offsets into D, and `starts` [rows, lanes], and one more, where in it those of each
 * lane's columns begin.
 *
 * @param data Rows of `number` bytes, readable up to 63 bytes beyond the last.
 * @param base The columns' base values as bytes, padded to a multiple of 64.
 * @param zeros The offset of each column's value 0.
 * @param shown A bit a column, set where a row shows the base value; 0 where nobody asks.
 * @param bytes Of a row: other data may stand before a group's columns.
 */
export function columns(
  data: usize,
  number: i32,
  base: usize,
  zeros: usize,
  d: usize,
  width: i32,
  start: usize,
  startRow: i32,
  y: usize,
  starts: usize,
  found: usize,
  shown: usize,
  bytes: i32,
): void {
  let last = found;
  for (let i = 0; i < rows; i++) {
    const begin = last, row = data + rowOf(i, 0) * bytes;
    last = find(row, number, base, zeros, width, last, shown, starts + (i * lanes << 2));
    addFound(start + i * startRow, d, begin, last, y + i * width, width);
  }
  store<i32>(starts + (rows * lanes << 2), <i32> last);
}

/**
 * Writes the offsets of the columns that differ, 64 columns at a time, and where those of each lane's
 * columns begin; gives the address after the last. Few long loops mispredict less often than many
 * short ones.
 */
function find(
  data: usize,
  number: i32,
  base: usize,
  zeros: usize,
  width: i32,
  to: usize,
  shown: usize,
  starts: usize,
): usize {
  store<i32>(starts, <i32> to);
  let next = 1, border = number / lanes;
  for (let c = 0; c < number; c += 64) {
    let differs = differing(data + c, base + c) | differing(data + c + 16, base + c + 16) << 16 |
      differing(data + c + 32, base + c + 32) << 32 | differing(data + c + 48, base + c + 48) << 48;
    if (shown) store<u64>(shown + (c >> 3), load<u64>(shown + (c >> 3)) | ~differs);
    if (number - c < 64) differs &= (<u64> 1 << (number - c)) - 1;
    for (; next < lanes && border < c + 64; border = number * ++next / lanes) {
      const before = border <= c ? 0 : differs & ((<u64> 1 << (border - c)) - 1);
      store<i32>(starts + (next << 2), <i32> to + (<i32> popcnt(before) << 2));
    }
    while (differs) {
      const at = c + <i32> ctz(differs);
      const value = <i32> load<u8>(data + at);
      store<i32>(to, load<i32>(zeros + (at << 2)) + value * width);
      to += 4;
      differs &= differs - 1;
    }
  }
  return to;
}

/** A bit for each of 16 bytes that differ. */
function differing(data: usize, base: usize): u64 {
  return <u64> (~i8x16.bitmask(i8x16.eq(v128.load(data), v128.load(base))) & 0xffff);
}

/** y = s + the sum of the rows of D found; 32 numbers at a time stay in registers. */
function addFound(s: usize, d: usize, from: usize, to: usize, y: usize, width: i32): void {
  let k: usize = 0;
  const end = <usize> width;
  for (; k + 128 <= end; k += 128) {
    let y0 = v128.load(s + k), y1 = v128.load(s + k, 16);
    let y2 = v128.load(s + k, 32), y3 = v128.load(s + k, 48);
    let y4 = v128.load(s + k, 64), y5 = v128.load(s + k, 80);
    let y6 = v128.load(s + k, 96), y7 = v128.load(s + k, 112);
    for (let f = from; f < to; f += 4) {
      const row = d + k + load<u32>(f);
      y0 = f32x4.add(y0, v128.load(row));
      y1 = f32x4.add(y1, v128.load(row, 16));
      y2 = f32x4.add(y2, v128.load(row, 32));
      y3 = f32x4.add(y3, v128.load(row, 48));
      y4 = f32x4.add(y4, v128.load(row, 64));
      y5 = f32x4.add(y5, v128.load(row, 80));
      y6 = f32x4.add(y6, v128.load(row, 96));
      y7 = f32x4.add(y7, v128.load(row, 112));
    }
    v128.store(y + k, y0);
    v128.store(y + k, y1, 16);
    v128.store(y + k, y2, 32);
    v128.store(y + k, y3, 48);
    v128.store(y + k, y4, 64);
    v128.store(y + k, y5, 80);
    v128.store(y + k, y6, 96);
    v128.store(y + k, y7, 112);
  }
  for (; k < end; k += 16) {
    let y0 = v128.load(s + k);
    for (let f = from; f < to; f += 4) {
      y0 = f32x4.add(y0, v128.load(d + k + load<u32>(f)));
    }
    v128.store(y + k, y0);
  }
}

/**
 * Adds dy to the gradients of the rows found. Lanes have columns side by side, here and wherever W or its
 * gradients are written: entries of the same rows would be neighbours in memory, and processors would
 * fetch each other's.
 */
export function columnsGrads(
  dy: usize,
  width: i32,
  starts: usize,
  dw: usize,
): void {
  for (let i = 0; i < rows; i++) {
    const at = starts + (i * lanes + lane << 2);
    addToFound(dy + i * width, dw, load<u32>(at), load<u32>(at, 4), width);
  }
}

/** Adds a row to the rows of dW found. */
function addToFound(at: usize, dw: usize, from: usize, to: usize, width: i32): void {
  const end = <usize> width;
  let k: usize = 0;
  for (; k + 128 <= end; k += 128) {
    const s0 = v128.load(at + k), s1 = v128.load(at + k, 16);
    const s2 = v128.load(at + k, 32), s3 = v128.load(at + k, 48);
    const s4 = v128.load(at + k, 64), s5 = v128.load(at + k, 80);
    const s6 = v128.load(at + k, 96), s7 = v128.load(at + k, 112);
    for (let f = from; f < to; f += 4) {
      const row = dw + k + load<u32>(f);
      v128.store(row, f32x4.add(v128.load(row), s0));
      v128.store(row, f32x4.add(v128.load(row, 16), s1), 16);
      v128.store(row, f32x4.add(v128.load(row, 32), s2), 32);
      v128.store(row, f32x4.add(v128.load(row, 48), s3), 48);
      v128.store(row, f32x4.add(v128.load(row, 64), s4), 64);
      v128.store(row, f32x4.add(v128.load(row, 80), s5), 80);
      v128.store(row, f32x4.add(v128.load(row, 96), s6), 96);
      v128.store(row, f32x4.add(v128.load(row, 112), s7), 112);
    }
  }
  for (; k < end; k += 16) {
    const s0 = v128.load(at + k);
    for (let f = from; f < to; f += 4) {
      const row = dw + k + load<u32>(f);
      v128.store(row, f32x4.add(v128.load(row), s0));
    }
  }
}

/**
 * The gradients of the base rows: db less the gradients of their columns' other rows. Where no row showed the
 * base value the gradient is 0, and what rounding leaves of the difference must not become a step.
 */
export function finishColumns(
  columns: usize,
  number: i32,
  dw: usize,
  width: i32,
  db: usize,
  shown: usize,
): void {
  for (let c = firstOf(number), end = endOf(number); c < end; c++) {
    const column = columns + (c << 4);
    const base = baseRow(column);
    if (base < 0 || !(load<u64>(shown + (c >> 6 << 3)) >> (c & 63) & 1)) continue;
    const from = load<i32>(column) * width, length = load<i32>(column, 4) * width;
    const to = dw + base * width;
    for (let k = 0; k < width; k += 16) {
      v128.store(to + k, f32x4.splat(0)); // A program before this one may have left its part here.
      let rest = v128.load(db + k);
      for (let r = from + k; r < from + length; r += width) {
        rest = f32x4.sub(rest, v128.load(dw + r));
      }
      v128.store(to + k, rest);
    }
  }
}
