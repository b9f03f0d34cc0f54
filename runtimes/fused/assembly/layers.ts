// @ts-nocheck AssemblyScript: its own compiler checks the types.
/** Elementwise layers and the sums beside the matrix products. Lengths are multiples of 4. */
import { exp, sigmoid, tanh } from "./simd.ts";

/** to = from; `width` in bytes, a multiple of 16. */
export function copyRow(from: usize, to: usize, width: i32): void {
  for (let k = 0; k < width; k += 16) v128.store(to + k, v128.load(from + k));
}

/** to[n, m] = from[m, n] transposed; both steps in bytes. */
export function transpose(from: usize, fromRow: i32, m: i32, n: i32, to: usize, toRow: i32): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      store<f32>(to + j * toRow + (i << 2), load<f32>(from + i * fromRow + (j << 2)));
    }
  }
}

/** sums[n] += the sum of the rows of x[m, n], n a multiple of 8. */
export function addRows(x: usize, row: i32, m: i32, n: i32, sums: usize): void {
  for (let j = 0; j < n; j += 8) {
    let at = x + (j << 2);
    let even0 = v128.load(sums + (j << 2)), even1 = v128.load(sums + (j << 2), 16);
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

/** y = tanh(x) in place. */
export function tanhAll(x: usize, length: i32): void {
  for (const end = x + (length << 2); x < end; x += 16) v128.store(x, tanh(v128.load(x)));
}

/** dy becomes dx = dy (1 - y^2). */
export function tanhSlopes(y: usize, dy: usize, length: i32): void {
  for (const end = y + (length << 2); y < end; y += 16, dy += 16) {
    const value = v128.load(y);
    const slope = f32x4.sub(f32x4.splat(1), f32x4.mul(value, value));
    v128.store(dy, f32x4.mul(v128.load(dy), slope));
  }
}

/** y = max(x, 0) in place. */
export function reluAll(x: usize, length: i32): void {
  for (const end = x + (length << 2); x < end; x += 16) {
    v128.store(x, f32x4.pmax(v128.load(x), f32x4.splat(0)));
  }
}

/** dy becomes dx = dy where y is positive. */
export function reluSlopes(y: usize, dy: usize, length: i32): void {
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
 * The slopes of {@linkcode gruRow}: da and du in three parts, and dh plus what reaches h directly.
 *
 * dn = dh' (1 - z); dz = dh' (h - n); da_n = dn (1 - n^2); da_r = da_n u_n r (1 - r);
 * da_z = dz z (1 - z); du_n = da_n r; du_r = da_r; du_z = da_z; dh += dh' z.
 */
export function gruRowSlopes(
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
    const slope = v128.load(dNext + k);
    const dn = f32x4.mul(
      f32x4.mul(slope, f32x4.sub(one, z)),
      f32x4.sub(one, f32x4.mul(n, n)),
    );
    const dz = f32x4.mul(
      f32x4.mul(slope, f32x4.sub(v128.load(h + k), n)),
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
    if (dh) v128.store(dh + k, f32x4.add(v128.load(dh + k), f32x4.mul(slope, z)));
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
export function keepRowSlopes(from: usize, to: usize, width: i32, first: bool): void {
  if (first) return;
  for (let k = 0; k < width; k += 16) {
    v128.store(to + k, f32x4.add(v128.load(to + k), v128.load(from + k)));
  }
}
