// @ts-nocheck AssemblyScript: its own compiler checks the types.
/** Elementwise layers and the sums beside the matrix products. Lengths are multiples of 4. */
import { endOf, firstOf } from "./lanes.ts";
import { exp, held, madd, sigmoid, tanh } from "./simd.ts";

/** to = from; `width` in bytes, a multiple of 16. */
export function copyRow(from: usize, to: usize, width: i32): void {
  for (let k = 0; k < width; k += 16) v128.store(to + k, v128.load(from + k));
}

/** to += from, `length` bytes. Lanes share them by the cache line. */
export function addGrads(from: usize, to: usize, length: i32): void {
  const lines = (length + 63) >> 6;
  for (let k = firstOf(lines) << 6, end = min(endOf(lines) << 6, length); k < end; k += 16) {
    v128.store(to + k, f32x4.add(v128.load(to + k), v128.load(from + k)));
  }
}

/** to += from, doubles; from becomes 0. */
export function addSums(from: usize, to: usize, length: i32): void {
  for (let k = 0; k < length << 3; k += 8) {
    store<f64>(to + k, load<f64>(to + k) + load<f64>(from + k));
    store<f64>(from + k, 0);
  }
}

/** to |= from, `length` bytes, a multiple of 8; from becomes 0. */
export function addBits(from: usize, to: usize, length: i32): void {
  for (let k = 0; k < length; k += 8) {
    store<u64>(to + k, load<u64>(to + k) | load<u64>(from + k));
    store<u64>(from + k, 0);
  }
}

/** to[n, m] = from[m, n] transposed; both steps in bytes. */
export function transpose(from: usize, fromRow: i32, m: i32, n: i32, to: usize, toRow: i32): void {
  for (let i = 0; i < m; i += 4) {
    for (let j = 0; j < n; j += 4) {
      const x = from + i * fromRow + (j << 2), y = to + j * toRow + (i << 2);
      if (i + 4 <= m && j + 4 <= n) transposeFour(x, fromRow, y, toRow);
      else transposeFew(x, fromRow, min(4, m - i), min(4, n - j), y, toRow);
    }
  }
}

function transposeFour(x: usize, xRow: i32, y: usize, yRow: i32): void {
  const a = v128.load(x), b = v128.load(x + xRow);
  const c = v128.load(x + 2 * xRow), d = v128.load(x + 3 * xRow);
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const AB = v128.shuffle<f32>(a, b, 2, 6, 3, 7), CD = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(y, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
  v128.store(y + yRow, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
  v128.store(y + 2 * yRow, v128.shuffle<f32>(AB, CD, 0, 1, 4, 5));
  v128.store(y + 3 * yRow, v128.shuffle<f32>(AB, CD, 2, 3, 6, 7));
}

function transposeFew(x: usize, xRow: i32, m: i32, n: i32, y: usize, yRow: i32): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      store<f32>(y + j * yRow + (i << 2), load<f32>(x + i * xRow + (j << 2)));
    }
  }
}

/** sums[n] += the sum of the rows of x[m, n], or = where they are `fresh`; n a multiple of 8. */
export function addRows(x: usize, row: i32, m: i32, n: i32, sums: usize, fresh: bool): void {
  for (let j = 0; j < n; j += 8) {
    let at = x + (j << 2);
    let even0 = f32x4.splat(0), even1 = even0;
    if (!fresh) {
      even0 = v128.load(sums + (j << 2));
      even1 = v128.load(sums + (j << 2), 16);
    }
    let odd0 = f32x4.splat(0), odd1 = odd0;
    let i = 0;
    for (; i + 1 < m; i += 2) {
      even0 = f32x4.add(even0, v128.load(at));
      even1 = f32x4.add(even1, v128.load(at, 16));
      odd0 = f32x4.add(odd0, v128.load(at + row));
      odd1 = f32x4.add(odd1, v128.load(at + row, 16));
      at += 2 * row;
    }
    if (i < m) {
      even0 = f32x4.add(even0, v128.load(at));
      even1 = f32x4.add(even1, v128.load(at, 16));
    }
    v128.store(sums + (j << 2), f32x4.add(even0, odd0));
    v128.store(sums + (j << 2), f32x4.add(even1, odd1), 16);
  }
}

/**
 * y = tanh(x) in place: x P(x^2) / Q(x^2) up to |x| = 9, where it has become 1. P and Q are a minimax fit
 * of the relative error (2e-8) of degree 4; with rounding, errors stay below 4e-7.
 */
export function tanhAll(x: usize, length: i32): void {
  const most = held(9), least = held(-9), one = held(1);
  const p4 = held(1.3354638747668e-8), q4 = held(7.776548485969e-7);
  const p3 = held(2.060906421918574e-5), q3 = held(3.285632957476744e-4);
  const p2 = held(0.003495586963802168), q2 = held(0.025876977724036722);
  const p1 = held(0.13381024647445505), q1 = held(0.46714340244796737);
  for (const end = x + (length << 2); x < end; x += 16) {
    const bounded = f32x4.pmax(f32x4.pmin(v128.load(x), most), least);
    const t = f32x4.mul(bounded, bounded);
    let p = madd(t, p4, p3), q = madd(t, q4, q3);
    p = madd(t, p, p2);
    q = madd(t, q, q2);
    p = madd(t, p, p1);
    q = madd(t, q, q1);
    v128.store(x, f32x4.div(f32x4.mul(bounded, madd(t, p, one)), madd(t, q, one)));
  }
}

/** dy becomes dx = dy (1 - y^2). */
export function tanhGrads(y: usize, dy: usize, length: i32): void {
  const one = held(1);
  for (const end = y + (length << 2); y < end; y += 16, dy += 16) {
    const value = v128.load(y);
    v128.store(dy, f32x4.mul(v128.load(dy), f32x4.sub(one, f32x4.mul(value, value))));
  }
}

/** y = max(x, 0) in place. */
export function reluAll(x: usize, length: i32): void {
  for (const end = x + (length << 2); x < end; x += 16) {
    v128.store(x, f32x4.pmax(v128.load(x), f32x4.splat(0)));
  }
}

/** dy becomes dx = dy where y is positive. */
export function reluGrads(y: usize, dy: usize, length: i32): void {
  for (const end = y + (length << 2); y < end; y += 16, dy += 16) {
    v128.store(dy, v128.and(v128.load(dy), f32x4.gt(v128.load(y), f32x4.splat(0))));
  }
}

/**
 * A row of a gated recurrent unit (Cho et al., arXiv 1406.1078, as PyTorch and cuDNN have it). With
 * a = W x + b and u = U h + c in three parts of `width` bytes each (r, z, n):
 *
 * r = sigmoid(a_r + u_r); z = sigmoid(a_z + u_z); n = tanh(a_n + r u_n); h' = (1 - z) n + z h.
 *
 * r, z and n take the place of a.
 */
export function gruRow(a: usize, u: usize, h: usize, next: usize, width: i32): void {
  const one = f32x4.splat(1);
  for (let k: usize = 0, end = <usize> width; k < end; k += 16) {
    const rAt = a + k, zAt = rAt + width, nAt = zAt + width;
    const r = sigmoid(f32x4.add(v128.load(rAt), v128.load(u + k)));
    const z = sigmoid(f32x4.add(v128.load(zAt), v128.load(u + k + width)));
    const n = tanh(f32x4.add(v128.load(nAt), f32x4.mul(r, v128.load(u + k + 2 * width))));
    v128.store(rAt, r);
    v128.store(zAt, z);
    v128.store(nAt, n);
    const kept = f32x4.mul(z, v128.load(h + k));
    v128.store(next + k, f32x4.add(f32x4.mul(f32x4.sub(one, z), n), kept));
  }
}

/**
 * The gradients of {@linkcode gruRow}: da and du in three parts, and dh plus what reaches h directly.
 *
 * dn = dh' (1 - z); dz = dh' (h - n); da_n = dn (1 - n^2); da_r = da_n u_n r (1 - r);
 * da_z = dz z (1 - z); du_n = da_n r; du_r = da_r; du_z = da_z; dh += dh' z.
 */
export function gruRowGrads(
  gates: usize,
  u: usize,
  h: usize,
  dNext: usize,
  da: usize,
  du: usize,
  dh: usize,
  width: i32,
): void {
  const one = f32x4.splat(1);
  for (let k: usize = 0, end = <usize> width; k < end; k += 16) {
    const zAt = k + width, nAt = zAt + width;
    const r = v128.load(gates + k), z = v128.load(gates + zAt), n = v128.load(gates + nAt);
    const grad = v128.load(dNext + k);
    const dn = f32x4.mul(
      f32x4.mul(grad, f32x4.sub(one, z)),
      f32x4.sub(one, f32x4.mul(n, n)),
    );
    const dz = f32x4.mul(
      f32x4.mul(grad, f32x4.sub(v128.load(h + k), n)),
      f32x4.mul(z, f32x4.sub(one, z)),
    );
    const dr = f32x4.mul(
      f32x4.mul(dn, v128.load(u + nAt)),
      f32x4.mul(r, f32x4.sub(one, r)),
    );
    v128.store(da + k, dr);
    v128.store(da + zAt, dz);
    v128.store(da + nAt, dn);
    v128.store(du + k, dr);
    v128.store(du + zAt, dz);
    v128.store(du + nAt, f32x4.mul(dn, r));
    if (dh) v128.store(dh + k, f32x4.add(v128.load(dh + k), f32x4.mul(grad, z)));
  }
}

/** e^x of a row, for the softmax; `width` in bytes. */
export function expRow(x: usize, less: f32, to: usize, width: i32): void {
  for (let k = 0; k < width; k += 16) {
    v128.store(to + k, exp(f32x4.sub(v128.load(x + k), f32x4.splat(less))));
  }
}

/** to = from, or zeros where `first` is set: a memory that ends with its episode. */
export function keepRow(from: usize, to: usize, width: i32, first: bool): void {
  if (!first) copyRow(from, to, width);
  else for (let k = 0; k < width; k += 16) v128.store(to + k, f32x4.splat(0));
}

/** to += from, unless `first` is set. */
export function keepRowGrads(from: usize, to: usize, width: i32, first: bool): void {
  if (first) return;
  for (let k = 0; k < width; k += 16) {
    v128.store(to + k, f32x4.add(v128.load(to + k), v128.load(from + k)));
  }
}
