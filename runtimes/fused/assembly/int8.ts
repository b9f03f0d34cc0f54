// @ts-nocheck AssemblyScript: its own compiler checks the types.
/**
 * Products of 8-bit matrices with 32-bit sums. Weights are signed, each column with a scale of its
 * own; activations have 7 bits, 1 to 127 about 64, each row with a scale of its own: relaxed SIMD
 * multiplies eight bits by seven in one instruction.
 *
 * Rows of activations are as long as `depth`, a multiple of 16, and there is room for a multiple of
 * six of them. Weights lie in panels of eight columns: for four numbers of depth, four bytes of each column.
 */
import { madd } from "./simd.ts";

/** Adds, to four sums, four products of w (8 bits, signed) and x (7 bits) each. */
export function dot(w: v128, x: v128, sums: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(w, x, sums);
  const low = i32x4.extadd_pairwise_i16x8_s(i16x8.extmul_low_i8x16_s(w, x));
  const high = i32x4.extadd_pairwise_i16x8_s(i16x8.extmul_high_i8x16_s(w, x));
  const even = v128.shuffle<i32>(low, high, 0, 2, 4, 6);
  const odd = v128.shuffle<i32>(low, high, 1, 3, 5, 7);
  return i32x4.add(sums, i32x4.add(even, odd));
}

/**
 * Packs weights W[n, k] for {@linkcode product}: n columns of the product, in panels from column
 * `at` on, which is a multiple of 8.
 *
 * @param scales [n] what 127 stands for, divided by 127. @param sums [n] 64 times the sum of a column.
 */
export function pack(
  w: usize,
  n: i32,
  k: i32,
  depth: i32,
  packed: usize,
  scales: usize,
  sums: usize,
): void {
  for (let j = 0; j < n; j++) {
    const row = w + <usize> j * k * 4;
    let most: f32 = 0;
    for (let p = 0; p < k; p++) most = max(most, abs(load<f32>(row + p * 4)));
    const scale: f32 = most > 0 ? most / 127 : 1;
    store<f32>(scales + j * 4, scale);
    const panel = packed + <usize> (j >> 3) * depth * 8 + ((j & 7) << 2);
    let total = 0;
    for (let p = 0; p < k; p++) {
      const value = <i32> nearest(load<f32>(row + p * 4) / scale);
      total += value;
      store<i8>(panel + <usize> (p >> 2) * 32 + (p & 3), <i8> value);
    }
    store<i32>(sums + j * 4, 64 * total);
  }
}

/** Four numbers as whole ones about 64: 1.5 x 2^23 leaves no room for a fraction, the low byte is it. */
function scaled(x: usize, factor: v128): v128 {
  const shifted = madd(v128.load(x), factor, f32x4.splat(12582912 + 64));
  return v128.and(shifted, i32x4.splat(255));
}

/** Quantises the row x[k] to q[depth] and returns its scale. */
export function quantiseRow(x: usize, k: i32, q: usize): f32 {
  let m0 = f32x4.splat(0), m1 = m0, m2 = m0, m3 = m0, p = 0;
  for (; p + 16 <= k; p += 16) {
    const at = x + p * 4;
    m0 = f32x4.pmax(m0, f32x4.abs(v128.load(at)));
    m1 = f32x4.pmax(m1, f32x4.abs(v128.load(at, 16)));
    m2 = f32x4.pmax(m2, f32x4.abs(v128.load(at, 32)));
    m3 = f32x4.pmax(m3, f32x4.abs(v128.load(at, 48)));
  }
  for (; p < k; p += 4) m0 = f32x4.pmax(m0, f32x4.abs(v128.load(x + p * 4)));
  const most = f32x4.pmax(f32x4.pmax(m0, m1), f32x4.pmax(m2, m3));
  const greatest = max(
    max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  );
  if (!(greatest > 0)) {
    memory.fill(q, 64, k);
    return 0;
  }
  const factor = f32x4.splat(63 / greatest);
  for (p = 0; p + 16 <= k; p += 16) {
    const low = i16x8.narrow_i32x4_s(scaled(x + p * 4, factor), scaled(x + p * 4 + 16, factor));
    const high = i16x8.narrow_i32x4_s(
      scaled(x + p * 4 + 32, factor),
      scaled(x + p * 4 + 48, factor),
    );
    v128.store(q + p, i8x16.narrow_i16x8_u(low, high));
  }
  for (; p < k; p += 4) {
    const low = i16x8.narrow_i32x4_s(scaled(x + p * 4, factor), factor);
    store<u32>(q + p, i32x4.extract_lane(i8x16.narrow_i16x8_u(low, low), 0));
  }
  return greatest / 63;
}

/**
 * C[rows, n] = (A W) by the scales of rows and columns, added to C where `add` is set.
 *
 * @param n Columns, a multiple of 8. @param cRow Bytes from a row of C to the next.
 */
export function product(
  a: usize,
  rowScales: usize,
  rows: i32,
  depth: i32,
  w: usize,
  scales: usize,
  sums: usize,
  n: i32,
  c: usize,
  cRow: i32,
  add: bool,
): void {
  for (let j = 0; j < n; j += 8) {
    const panel = w + <usize> (j >> 3) * depth * 8;
    for (let i = 0; i < rows; i += 6) {
      const a0 = a + <usize> i * depth, a1 = a0 + depth, a2 = a1 + depth;
      const a3 = a2 + depth, a4 = a3 + depth, a5 = a4 + depth;
      let c00 = i32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00;
      let c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
      let y = panel;
      for (let p: usize = 0; p < <usize> depth; p += 4) {
        const w0 = v128.load(y), w1 = v128.load(y, 16);
        y += 32;
        let r = v128.load32_splat(a0 + p);
        c00 = dot(w0, r, c00), c01 = dot(w1, r, c01);
        r = v128.load32_splat(a1 + p);
        c10 = dot(w0, r, c10), c11 = dot(w1, r, c11);
        r = v128.load32_splat(a2 + p);
        c20 = dot(w0, r, c20), c21 = dot(w1, r, c21);
        r = v128.load32_splat(a3 + p);
        c30 = dot(w0, r, c30), c31 = dot(w1, r, c31);
        r = v128.load32_splat(a4 + p);
        c40 = dot(w0, r, c40), c41 = dot(w1, r, c41);
        r = v128.load32_splat(a5 + p);
        c50 = dot(w0, r, c50), c51 = dot(w1, r, c51);
      }
      // Scales are loaded anew: held through the loop they would push sums out of the registers.
      const t = rowScales + i * 4, s = scales + j * 4, z = sums + j * 4;
      const o = c + <usize> i * cRow + j * 4;
      finish(c00, c01, t, s, z, o, add);
      if (i + 1 < rows) finish(c10, c11, t + 4, s, z, o + cRow, add);
      if (i + 2 < rows) finish(c20, c21, t + 8, s, z, o + 2 * cRow, add);
      if (i + 3 < rows) finish(c30, c31, t + 12, s, z, o + 3 * cRow, add);
      if (i + 4 < rows) finish(c40, c41, t + 16, s, z, o + 4 * cRow, add);
      if (i + 5 < rows) finish(c50, c51, t + 20, s, z, o + 5 * cRow, add);
    }
  }
}

/** Turns sums of eight columns into numbers. */
function finish(
  low: v128,
  high: v128,
  rowScale: usize,
  scales: usize,
  sums: usize,
  to: usize,
  add: bool,
): void {
  const scale = v128.load32_splat(rowScale);
  const first = f32x4.convert_i32x4_s(i32x4.sub(low, v128.load(sums)));
  const second = f32x4.convert_i32x4_s(i32x4.sub(high, v128.load(sums, 16)));
  let x = f32x4.mul(first, f32x4.mul(scale, v128.load(scales)));
  let y = f32x4.mul(second, f32x4.mul(scale, v128.load(scales, 16)));
  if (add) {
    x = f32x4.add(x, v128.load(to));
    y = f32x4.add(y, v128.load(to, 16));
  }
  v128.store(to, x);
  v128.store(to, y, 16);
}
