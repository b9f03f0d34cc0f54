// @ts-nocheck AssemblyScript: its own compiler checks the types.
/**
 * Maps of a grid's cells, by a mission and without; the equations are those of MapFunction's
 * implementation in plugins/student/neural/match.ts. A cell is a few categories, each a byte. Its score
 * against a query is a sum over them, so queries are multiplied with the table of categories alone and
 * not with cells.
 *
 * K and F are multiples of 4: numbers of one cell or query stand side by side, so that one vector holds
 * four of them. A network's shape is words at an address, in the order below.
 */
import { rowOf, rows } from "./frame.ts";
import { exp, madd } from "./simd.ts";

// Words of a shape; the first row of each channel's categories follows.
const CELLS: usize = 0, CHANNELS: usize = 4, CATEGORIES: usize = 8, MATCHED: usize = 12;
const PLAIN: usize = 16, WIDTH: usize = 20, PLACES: usize = 24, BYTES: usize = 28;
const FIRSTS: usize = 32;

const SHARPNESS: f32 = 3, LOUDNESS: f32 = 5;

/** Bytes of a row of so many numbers. */
function strideOf(numbers: i32): i32 {
  return ((numbers + 7) & ~7) << 2;
}

/** q [d, K] += the sum over the mission's words of word x gate; from zeros where `fresh`. */
export function queries(
  shape: usize,
  slots: usize,
  word: usize,
  gate: usize,
  q: usize,
  fresh: bool,
  shift: i32,
): void {
  const places = load<i32>(shape, PLACES), width = load<i32>(shape, WIDTH);
  const four = load<i32>(shape, MATCHED) << 2, size = width * four;
  const wordRow = strideOf(width), gateRow = strideOf(four >> 2);
  for (let i = 0; i < rows; i++) {
    const own = q + i * size, said = slots + rowOf(i, shift) * places;
    if (fresh) memory.fill(own, 0, size);
    for (let p = 0; p < places; p++) {
      const w = <i32> load<u8>(said + p);
      if (!w) continue;
      const e = word + (w - 1) * wordRow, g = gate + p * gateRow;
      for (let k = 0; k < four; k += 16) {
        const open = v128.load(g + k);
        let to = own + k;
        for (let d = 0; d < width; d++) {
          v128.store(to, madd(v128.load_splat<f32>(e + (d << 2)), open, v128.load(to)));
          to += four;
        }
      }
    }
  }
}

/** What dq [d, K] says to the tables of words and gates; `turned` has room for a row of q. */
export function queryGrads(
  shape: usize,
  slots: usize,
  word: usize,
  gate: usize,
  dq: usize,
  dWord: usize,
  dGate: usize,
  turned: usize,
  shift: i32,
): void {
  const places = load<i32>(shape, PLACES), width = load<i32>(shape, WIDTH);
  const matched = load<i32>(shape, MATCHED), four = matched << 2, size = width * four;
  const wordRow = strideOf(width), gateRow = strideOf(matched);
  for (let i = 0; i < rows; i++) {
    const own = dq + i * size, said = slots + rowOf(i, shift) * places;
    turn(own, width, matched, turned);
    for (let p = 0; p < places; p++) {
      const w = <i32> load<u8>(said + p);
      if (!w) continue;
      const e = word + (w - 1) * wordRow, g = gate + p * gateRow;
      for (let k = 0; k < four; k += 16) {
        let sum = v128.load(dGate + p * gateRow + k), from = own + k;
        for (let d = 0; d < width; d++) {
          sum = madd(v128.load_splat<f32>(e + (d << 2)), v128.load(from), sum);
          from += four;
        }
        v128.store(dGate + p * gateRow + k, sum);
      }
      addRows(g, turned, matched, width, dWord + (w - 1) * wordRow);
    }
  }
}

/** to [K, d] = from [d, K]. */
function turn(from: usize, width: i32, matched: i32, to: usize): void {
  for (let d = 0; d < width; d++) {
    for (let k = 0; k < matched; k++) {
      store<f32>(to + (k * width + d << 2), load<f32>(from + (d * matched + k << 2)));
    }
  }
}

/** to [d] += the sum over k of factors[k] x from[k]. */
function addRows(factors: usize, from: usize, number: i32, width: i32, to: usize): void {
  const row = width << 2;
  for (let j = 0; j < row; j += 16) {
    let sum = v128.load(to + j), x = from + j;
    for (let k = 0; k < number; k++) {
      sum = madd(v128.load_splat<f32>(factors + (k << 2)), v128.load(x), sum);
      x += row;
    }
    v128.store(to + j, sum);
  }
}

/** to [n, K] = factor x table [n, d] x q [d, K]. */
function score(
  table: usize,
  number: i32,
  q: usize,
  width: i32,
  four: i32,
  factor: f32,
  to: usize,
): void {
  const row = strideOf(width), scale = f32x4.splat(factor);
  for (let k = 0; k < four; k += 16) {
    let n = 0;
    for (; n + 4 <= number; n += 4) {
      let a = table + n * row, from = q + k;
      let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0;
      for (let d = 0; d < width; d++) {
        const x = v128.load(from);
        c0 = madd(v128.load_splat<f32>(a), x, c0);
        c1 = madd(v128.load_splat<f32>(a + row), x, c1);
        c2 = madd(v128.load_splat<f32>(a + 2 * row), x, c2);
        c3 = madd(v128.load_splat<f32>(a + 3 * row), x, c3);
        a += 4;
        from += four;
      }
      const out = to + n * four + k;
      v128.store(out, f32x4.mul(c0, scale));
      v128.store(out + four, f32x4.mul(c1, scale));
      v128.store(out + 2 * four, f32x4.mul(c2, scale));
      v128.store(out + 3 * four, f32x4.mul(c3, scale));
    }
    for (; n < number; n++) {
      let a = table + n * row, from = q + k;
      let c = f32x4.splat(0);
      for (let d = 0; d < width; d++) {
        c = madd(v128.load_splat<f32>(a), v128.load(from), c);
        a += 4;
        from += four;
      }
      v128.store(to + n * four + k, f32x4.mul(c, scale));
    }
  }
}

/** dq [d, K] += factor x table^T [d, n] x dScores [n, K], and dTable [n, d] += factor x dScores x turned. */
function scoreGrads(
  table: usize,
  number: i32,
  dScores: usize,
  turned: usize,
  width: i32,
  matched: i32,
  dq: usize,
  dTable: usize,
): void {
  const row = strideOf(width), four = matched << 2;
  for (let k = 0; k < four; k += 16) {
    for (let d = 0; d < width; d += 4) {
      const to = dq + d * four + k;
      let c0 = v128.load(to), c1 = v128.load(to + four);
      let c2 = v128.load(to + 2 * four), c3 = v128.load(to + 3 * four);
      let a = table + (d << 2), from = dScores + k;
      for (let n = 0; n < number; n++) {
        const x = v128.load(from);
        c0 = madd(v128.load_splat<f32>(a), x, c0);
        c1 = madd(v128.load_splat<f32>(a, 4), x, c1);
        c2 = madd(v128.load_splat<f32>(a, 8), x, c2);
        c3 = madd(v128.load_splat<f32>(a, 12), x, c3);
        a += row;
        from += four;
      }
      v128.store(to, c0);
      v128.store(to + four, c1);
      v128.store(to + 2 * four, c2);
      v128.store(to + 3 * four, c3);
    }
  }
  for (let n = 0; n < number; n++) {
    addRows(dScores + n * four, turned, matched, width, dTable + n * row);
  }
}

/**
 * The maps of each row: relu(m) [C, K], 5 softmax over cells of 3 s m [C, K], relu(plain) [C, F], one
 * behind the other; and m, which gradients need.
 *
 * @param match s, and b behind it. @param place 0 where cells have no vectors of their own.
 * @param scores Room for [R + C, K].
 */
export function maps(
  shape: usize,
  data: usize,
  q: usize,
  cell: usize,
  place: usize,
  match: usize,
  plain: usize,
  scores: usize,
  m: usize,
  out: usize,
  shift: i32,
): void {
  const cells = load<i32>(shape, CELLS), categories = load<i32>(shape, CATEGORIES);
  const width = load<i32>(shape, WIDTH), bytes = load<i32>(shape, BYTES);
  const matched = load<i32>(shape, MATCHED), four = matched << 2, size = cells * four;
  const fourPlain = load<i32>(shape, PLAIN) << 2;
  const mRow = strideOf(cells * matched), outRow = strideOf((2 * size + cells * fourPlain) >> 2);
  const factor: f32 = 1 / sqrt(<f32> width);
  const there = scores + categories * four;
  for (let i = 0; i < rows; i++) {
    const own = q + i * width * four, seen = data + rowOf(i, shift) * bytes;
    const mAt = m + i * mRow, outAt = out + i * outRow;
    score(cell, categories, own, width, four, factor, scores);
    if (place) score(place, cells, own, width, four, factor, there);
    for (let k = 0; k < four; k += 16) {
      const bias = v128.load(match + strideOf(matched) + k);
      sumCells(shape, seen, scores + k, four, bias, place ? there + k : 0, four, mAt + k, four);
      attend(mAt + k, cells, four, v128.load(match + k), outAt + k, outAt + size + k);
    }
    const plainAt = outAt + 2 * size;
    for (let k = 0; k < fourPlain; k += 16) {
      const none = f32x4.splat(0), to = plainAt + k;
      sumCells(shape, seen, plain + k, strideOf(fourPlain >> 2), none, 0, 0, to, fourPlain);
      for (let c = 0; c < cells; c++) {
        v128.store(to + c * fourPlain, f32x4.pmax(v128.load(to + c * fourPlain), none));
      }
    }
  }
}

/** to[c] = start + the sum of the table's rows that cell c names (+ more[c]); four numbers a cell. */
function sumCells(
  shape: usize,
  seen: usize,
  table: usize,
  row: i32,
  start: v128,
  more: usize,
  moreRow: i32,
  to: usize,
  toRow: i32,
): void {
  const cells = load<i32>(shape, CELLS), channels = load<i32>(shape, CHANNELS);
  if (channels == 3) {
    const first = table + load<i32>(shape, FIRSTS) * row;
    const second = table + load<i32>(shape, FIRSTS + 4) * row;
    const third = table + load<i32>(shape, FIRSTS + 8) * row;
    for (let c = 0; c < cells; c++) {
      let sum = more ? f32x4.add(start, v128.load(more + c * moreRow)) : start;
      sum = f32x4.add(sum, v128.load(first + <i32> load<u8>(seen) * row));
      sum = f32x4.add(sum, v128.load(second + <i32> load<u8>(seen, 1) * row));
      v128.store(to, f32x4.add(sum, v128.load(third + <i32> load<u8>(seen, 2) * row)));
      seen += 3;
      to += toRow;
    }
    return;
  }
  for (let c = 0; c < cells; c++) {
    let sum = more ? f32x4.add(start, v128.load(more + c * moreRow)) : start;
    for (let h = 0; h < channels; h++) {
      const r = load<i32>(shape + FIRSTS + (h << 2)) + <i32> load<u8>(seen++);
      sum = f32x4.add(sum, v128.load(table + r * row));
    }
    v128.store(to, sum);
    to += toRow;
  }
}

/** relu and softmax of m [C] in steps of `row` bytes, four maps at a time. */
function attend(m: usize, cells: i32, row: i32, s: v128, relu: usize, softmax: usize): void {
  const zero = f32x4.splat(0), sharp = f32x4.mul(s, f32x4.splat(SHARPNESS));
  const end = cells * row;
  let most = f32x4.mul(v128.load(m), sharp);
  for (let c = 0; c < end; c += row) {
    const x = v128.load(m + c);
    v128.store(relu + c, f32x4.pmax(x, zero));
    most = f32x4.pmax(most, f32x4.mul(x, sharp));
  }
  let sum = zero;
  for (let c = 0; c < end; c += row) {
    const e = exp(f32x4.sub(f32x4.mul(v128.load(m + c), sharp), most));
    v128.store(softmax + c, e);
    sum = f32x4.add(sum, e);
  }
  const share = f32x4.div(f32x4.splat(LOUDNESS), sum);
  for (let c = 0; c < end; c += row) {
    v128.store(softmax + c, f32x4.mul(v128.load(softmax + c), share));
  }
}

/**
 * The gradients of {@linkcode maps}: dq of each row, and what is added to those of the tables.
 *
 * @param scratch Room for [R + C, K], and a row of q behind it.
 */
export function mapGrads(
  shape: usize,
  data: usize,
  q: usize,
  cell: usize,
  place: usize,
  match: usize,
  m: usize,
  out: usize,
  dOut: usize,
  scratch: usize,
  dq: usize,
  dCell: usize,
  dPlace: usize,
  dMatch: usize,
  dPlain: usize,
  shift: i32,
): void {
  const cells = load<i32>(shape, CELLS), categories = load<i32>(shape, CATEGORIES);
  const width = load<i32>(shape, WIDTH), bytes = load<i32>(shape, BYTES);
  const matched = load<i32>(shape, MATCHED), four = matched << 2, size = cells * four;
  const fourPlain = load<i32>(shape, PLAIN) << 2, plainRow = strideOf(fourPlain >> 2);
  const mRow = strideOf(cells * matched), outRow = strideOf((2 * size + cells * fourPlain) >> 2);
  const there = scratch + categories * four, turned = there + size, qRow = width * four;
  const factor: f32 = 1 / sqrt(<f32> width);
  for (let i = 0; i < rows; i++) {
    const seen = data + rowOf(i, shift) * bytes;
    const mAt = m + i * mRow, outAt = out + i * outRow, dAt = dOut + i * outRow;
    memory.fill(scratch, 0, categories * four);
    for (let k = 0; k < four; k += 16) {
      attendGrads(
        mAt + k,
        cells,
        four,
        match + k,
        outAt + k,
        dAt + k,
        size,
        factor,
        there + k,
        dMatch + k,
        strideOf(matched),
      );
      addCells(shape, seen, there + k, four, scratch + k, four);
    }
    turn(q + i * qRow, width, matched, turned);
    memory.fill(dq + i * qRow, 0, qRow);
    scoreGrads(cell, categories, scratch, turned, width, matched, dq + i * qRow, dCell);
    if (place) scoreGrads(place, cells, there, turned, width, matched, dq + i * qRow, dPlace);
    for (let k = 2 * size; k < 2 * size + fourPlain; k += 16) {
      const y = outAt + k, dy = dAt + k;
      for (let c = 0; c < cells * fourPlain; c += fourPlain) {
        const on = f32x4.gt(v128.load(y + c), f32x4.splat(0));
        v128.store(dy + c, v128.and(v128.load(dy + c), on));
      }
      addCells(shape, seen, dy, fourPlain, dPlain + k - 2 * size, plainRow);
    }
  }
}

/** What relu and softmax say to m, times the factor, at `to`; and to s and b. Four maps at a time. */
function attendGrads(
  m: usize,
  cells: i32,
  row: i32,
  s: usize,
  out: usize,
  dOut: usize,
  size: i32,
  factor: f32,
  to: usize,
  ds: usize,
  toBias: i32,
): void {
  const zero = f32x4.splat(0), three = f32x4.splat(SHARPNESS), end = cells * row;
  const sharp = f32x4.mul(v128.load(s), three), scale = f32x4.splat(factor);
  let dot = zero;
  for (let c = size; c < size + end; c += row) {
    dot = madd(v128.load(out + c), v128.load(dOut + c), dot);
  }
  dot = f32x4.mul(dot, f32x4.splat(<f32> 1 / LOUDNESS));
  let sumS = zero, sumB = zero;
  for (let c = 0; c < end; c += row) {
    const x = v128.load(m + c);
    const dz = f32x4.mul(v128.load(out + size + c), f32x4.sub(v128.load(dOut + size + c), dot));
    const through = v128.and(v128.load(dOut + c), f32x4.gt(x, zero));
    const dm = madd(dz, sharp, through);
    sumS = madd(dz, x, sumS);
    sumB = f32x4.add(sumB, dm);
    v128.store(to + c, f32x4.mul(dm, scale));
  }
  v128.store(ds, madd(sumS, three, v128.load(ds)));
  v128.store(ds + toBias, f32x4.add(v128.load(ds + toBias), sumB));
}

/** Adds from[c] to the table's rows that cell c names; four numbers a cell. */
function addCells(
  shape: usize,
  seen: usize,
  from: usize,
  fromRow: i32,
  table: usize,
  row: i32,
): void {
  const cells = load<i32>(shape, CELLS), channels = load<i32>(shape, CHANNELS);
  for (let h = 0; h < channels; h++) {
    const first = table + load<i32>(shape + FIRSTS + (h << 2)) * row;
    let byte = seen + h, x = from;
    for (let c = 0; c < cells; c++) {
      const to = first + <i32> load<u8>(byte) * row;
      v128.store(to, f32x4.add(v128.load(to), v128.load(x)));
      byte += channels;
      x += fromRow;
    }
  }
}
