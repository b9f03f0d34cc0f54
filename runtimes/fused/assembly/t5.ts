// @ts-nocheck AssemblyScript: its own compiler checks the types.
/** What a T5 computes between its embeddings and its logits; rows are tokens, lengths are in numbers. */
import { pack, product, quantiseRow } from "./int8.ts";
import { exp, held, madd, nothing, sigmoid, sum } from "./simd.ts";

export { nothing, pack, product };

/** Quantises rows x[rows, k]. */
export function quantise(
  x: usize,
  rows: i32,
  k: i32,
  q: usize,
  depth: i32,
  scales: usize,
): void {
  for (let i = 0; i < rows; i++) {
    const scale = quantiseRow(x + <usize> i * k * 4, k, q + <usize> i * depth);
    store<f32>(scales + i * 4, scale);
  }
}

/** out[rows, k] = x / sqrt(mean x^2 + epsilon) * weight * factor. */
export function norm(
  x: usize,
  weight: usize,
  rows: i32,
  k: i32,
  epsilon: f32,
  factor: f32,
  out: usize,
): void {
  for (let i = 0; i < rows; i++) {
    const row = x + <usize> i * k * 4, to = out + <usize> i * k * 4;
    let squares = f32x4.splat(0);
    for (let p = 0; p < k; p += 4) {
      const v = v128.load(row + p * 4);
      squares = madd(v, v, squares);
    }
    const scale = f32x4.splat(factor / sqrt(sum(squares) / <f32> k + epsilon));
    for (let p = 0; p < k; p += 4) {
      const v = f32x4.mul(v128.load(row + p * 4), scale);
      v128.store(to + p * 4, f32x4.mul(v, v128.load(weight + p * 4)));
    }
  }
}

/** out[rows, n] = gelu(x[rows, 0 .. n)) x[rows, n .. 2n), the tanh form. */
export function gatedGelu(x: usize, rows: i32, n: i32, out: usize): void {
  const grad = held(2 * 0.7978845608028654), cubic = held(2 * 0.7978845608028654 * 0.044715);
  for (let i = 0; i < rows; i++) {
    const row = x + <usize> i * n * 8, to = out + <usize> i * n * 4;
    for (let p = 0; p < n; p += 4) {
      // (1 + tanh(u)) / 2 = sigmoid(2 u).
      const v = v128.load(row + p * 4);
      const share = sigmoid(f32x4.mul(v, madd(f32x4.mul(v, v), cubic, grad)));
      v128.store(to + p * 4, f32x4.mul(f32x4.mul(v, share), v128.load(row + (n + p) * 4)));
    }
  }
}

/** x = max(x, 0) for a multiple of 4 numbers. */
export function relu(x: usize, length: i32): void {
  const zero = f32x4.splat(0);
  for (let p = 0; p < length; p += 4) {
    v128.store(x + p * 4, f32x4.max(v128.load(x + p * 4), zero));
  }
}

/**
 * out[queries, heads x d] = softmax(Q K^T + bias) V, head by head. Rows of Q, of K and V, and of the
 * output are `qRow`, `kRow` and `outRow` bytes apart.
 *
 * @param d A multiple of 8. @param bias [heads, biasRows, biasColumns], or 0 for none.
 * @param weights Room for twice `keys` + 3 numbers.
 */
export function attend(
  q: usize,
  qRow: i32,
  queries: i32,
  k: usize,
  v: usize,
  kRow: i32,
  keys: i32,
  heads: i32,
  d: i32,
  bias: usize,
  biasRows: i32,
  biasColumns: i32,
  weights: usize,
  out: usize,
  outRow: i32,
): void {
  const room = <usize> ((keys + 3) & ~3) * 4;
  for (let h = 0; h < heads; h++) {
    const at = h * d * 4;
    for (let i = 0; i < queries; i += 2) {
      // Two queries share what is loaded of keys and values; the last may be done twice.
      const next = min(i + 1, queries - 1);
      const q0 = q + <usize> i * qRow + at, q1 = q + <usize> next * qRow + at;
      weigh(q0, q1, k + at, kRow, keys, d, weights, room);
      if (bias) {
        const head = bias + <usize> (h * biasRows * biasColumns) * 4;
        addTo(weights, head + <usize> (i * biasColumns) * 4, keys);
        addTo(weights + room, head + <usize> (next * biasColumns) * 4, keys);
      }
      softmax(weights, keys);
      softmax(weights + room, keys);
      const o0 = out + <usize> i * outRow + at, o1 = out + <usize> next * outRow + at;
      mix(weights, room, v + at, kRow, keys, d, o0, o1);
    }
  }
}

/** Scores of two queries, four keys at a time: what stands behind the last key is not defined. */
function weigh(
  q0: usize,
  q1: usize,
  k: usize,
  kRow: i32,
  keys: i32,
  d: i32,
  weights: usize,
  room: usize,
): void {
  for (let j = 0; j < keys; j += 4) {
    const k0 = k + <usize> j * kRow, last = keys - 1 - j;
    const k1 = k0 + min(1, last) * kRow, k2 = k0 + min(2, last) * kRow;
    const k3 = k0 + min(3, last) * kRow;
    let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
    for (let p: usize = 0; p < <usize> d * 4; p += 16) {
      const x = v128.load(q0 + p), y = v128.load(q1 + p);
      let z = v128.load(k0 + p);
      a0 = madd(x, z, a0), b0 = madd(y, z, b0);
      z = v128.load(k1 + p);
      a1 = madd(x, z, a1), b1 = madd(y, z, b1);
      z = v128.load(k2 + p);
      a2 = madd(x, z, a2), b2 = madd(y, z, b2);
      z = v128.load(k3 + p);
      a3 = madd(x, z, a3), b3 = madd(y, z, b3);
    }
    v128.store(weights + j * 4, sums(a0, a1, a2, a3));
    v128.store(weights + room + j * 4, sums(b0, b1, b2, b3));
  }
}

/** The sums of four vectors. */
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const low = f32x4.add(
    v128.shuffle<f32>(a, b, 0, 4, 1, 5),
    v128.shuffle<f32>(a, b, 2, 6, 3, 7),
  );
  const high = f32x4.add(
    v128.shuffle<f32>(c, d, 0, 4, 1, 5),
    v128.shuffle<f32>(c, d, 2, 6, 3, 7),
  );
  return f32x4.add(
    v128.shuffle<f32>(low, high, 0, 1, 4, 5),
    v128.shuffle<f32>(low, high, 2, 3, 6, 7),
  );
}

/** x += y, in fours: what stands behind the last number is not defined. */
function addTo(x: usize, y: usize, n: i32): void {
  for (let p: usize = 0; p < <usize> n * 4; p += 16) {
    v128.store(x + p, f32x4.add(v128.load(x + p), v128.load(y + p)));
  }
}

/** Makes weights of scores. */
function softmax(x: usize, n: i32): void {
  const most = greatest(x, n);
  // What lies behind the last becomes 0.
  for (let p = n; p & 3; p++) store<f32>(x + p * 4, most - 1000);
  const from = f32x4.splat(most), end = <usize> n * 4;
  let total = f32x4.splat(0);
  for (let p: usize = 0; p < end; p += 16) {
    const distance = f32x4.sub(v128.load(x + p), from);
    // Nothing rather than numbers so small that the processor takes a hundred times as long.
    const e = v128.and(exp(distance), f32x4.gt(distance, f32x4.splat(-80)));
    v128.store(x + p, e);
    total = f32x4.add(total, e);
  }
  const scale = f32x4.splat(1 / sum(total));
  for (let p: usize = 0; p < end; p += 16) {
    v128.store(x + p, f32x4.mul(v128.load(x + p), scale));
  }
}

/** o0 = sum_j weights[j] v_j, and o1 by the weights `room` bytes on; eight columns at a time. */
function mix(
  weights: usize,
  room: usize,
  v: usize,
  vRow: i32,
  keys: i32,
  d: i32,
  o0: usize,
  o1: usize,
): void {
  for (let p: usize = 0; p < <usize> d * 4; p += 32) {
    let a0 = f32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, row = v + p;
    for (let j = weights, end = weights + keys * 4; j < end; j += 4, row += vRow) {
      const x = v128.load32_splat(j), y = v128.load32_splat(j + room);
      let z = v128.load(row);
      a0 = madd(x, z, a0), b0 = madd(y, z, b0);
      z = v128.load(row, 16);
      a1 = madd(x, z, a1), b1 = madd(y, z, b1);
    }
    v128.store(o0 + p, a0);
    v128.store(o0 + p, a1, 16);
    v128.store(o1 + p, b0);
    v128.store(o1 + p, b1, 16);
  }
}

/** Sum of e to the distance of x[n] from the greatest of them, which is `greatest(x, n)`. */
export function sumOfExp(x: usize, n: i32): f64 {
  const most = greatest(x, n), from = f32x4.splat(most);
  let total = f32x4.splat(0), rest: f64 = 0, p = 0;
  for (; p + 4 <= n; p += 4) {
    total = f32x4.add(total, exp(f32x4.sub(v128.load(x + p * 4), from)));
  }
  for (; p < n; p++) {
    const e = exp(f32x4.splat(load<f32>(x + p * 4) - most));
    rest += f32x4.extract_lane(e, 0);
  }
  return <f64> sum(total) + rest;
}

/** The greatest of x[n]. */
export function greatest(x: usize, n: i32): f32 {
  let most = f32x4.splat(load<f32>(x)), p = 0;
  for (; p + 4 <= n; p += 4) most = f32x4.pmax(most, v128.load(x + p * 4));
  let one = max(
    max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  );
  for (; p < n; p++) one = max(one, load<f32>(x + p * 4));
  return one;
}
