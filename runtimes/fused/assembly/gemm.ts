// @ts-nocheck AssemblyScript: its own compiler checks the types.
/**
 * Matrix products in tiles of four rows and eight columns, whose eight sums stay in registers. Steps
 * are in bytes. Where fewer than four rows are left, the last one is computed several times.
 *
 * An engine that checks the bounds of each load (as Deno's does) makes loads dear: four numbers of A
 * are loaded at once and spread by shuffles, and the tile stands inside the loops, since a call with so
 * many operands would cost a tenth of it.
 */
import { madd } from "./simd.ts";

/** C[m, n] = S[m, n] + A[m, q] B[q, n], n a multiple of 8; with `sRow` 0, S is one row for all. */
export function product(
  m: i32,
  n: i32,
  q: i32,
  a: usize,
  aRow: i32,
  b: usize,
  bRow: i32,
  s: usize,
  sRow: i32,
  c: usize,
  cRow: i32,
): void {
  for (let j = 0; j < n; j += 8) {
    for (let i = 0; i < m; i += 4) {
      const last = min(3, m - 1 - i), r1 = min(1, last), r2 = min(2, last);
      let x0 = a + i * aRow, y = b + j * 4;
      let x1 = x0 + r1 * aRow, x2 = x0 + r2 * aRow, x3 = x0 + last * aRow;
      const s0 = s + i * sRow + j * 4,
        s1 = s0 + r1 * sRow,
        s2 = s0 + r2 * sRow,
        s3 = s0 + last * sRow;
      let c00 = v128.load(s0), c01 = v128.load(s0, 16);
      let c10 = v128.load(s1), c11 = v128.load(s1, 16);
      let c20 = v128.load(s2), c21 = v128.load(s2, 16);
      let c30 = v128.load(s3), c31 = v128.load(s3, 16);
      let p = 0;
      for (; p + 4 <= q; p += 4) {
        const a0 = v128.load(x0), a1 = v128.load(x1), a2 = v128.load(x2), a3 = v128.load(x3);
        let b0 = v128.load(y), b1 = v128.load(y, 16);
        let z = v128.shuffle<f32>(a0, a0, 0, 0, 0, 0);
        c00 = madd(z, b0, c00);
        c01 = madd(z, b1, c01);
        z = v128.shuffle<f32>(a1, a1, 0, 0, 0, 0);
        c10 = madd(z, b0, c10);
        c11 = madd(z, b1, c11);
        z = v128.shuffle<f32>(a2, a2, 0, 0, 0, 0);
        c20 = madd(z, b0, c20);
        c21 = madd(z, b1, c21);
        z = v128.shuffle<f32>(a3, a3, 0, 0, 0, 0);
        c30 = madd(z, b0, c30);
        c31 = madd(z, b1, c31);
        y += bRow;
        b0 = v128.load(y);
        b1 = v128.load(y, 16);
        z = v128.shuffle<f32>(a0, a0, 1, 1, 1, 1);
        c00 = madd(z, b0, c00);
        c01 = madd(z, b1, c01);
        z = v128.shuffle<f32>(a1, a1, 1, 1, 1, 1);
        c10 = madd(z, b0, c10);
        c11 = madd(z, b1, c11);
        z = v128.shuffle<f32>(a2, a2, 1, 1, 1, 1);
        c20 = madd(z, b0, c20);
        c21 = madd(z, b1, c21);
        z = v128.shuffle<f32>(a3, a3, 1, 1, 1, 1);
        c30 = madd(z, b0, c30);
        c31 = madd(z, b1, c31);
        y += bRow;
        b0 = v128.load(y);
        b1 = v128.load(y, 16);
        z = v128.shuffle<f32>(a0, a0, 2, 2, 2, 2);
        c00 = madd(z, b0, c00);
        c01 = madd(z, b1, c01);
        z = v128.shuffle<f32>(a1, a1, 2, 2, 2, 2);
        c10 = madd(z, b0, c10);
        c11 = madd(z, b1, c11);
        z = v128.shuffle<f32>(a2, a2, 2, 2, 2, 2);
        c20 = madd(z, b0, c20);
        c21 = madd(z, b1, c21);
        z = v128.shuffle<f32>(a3, a3, 2, 2, 2, 2);
        c30 = madd(z, b0, c30);
        c31 = madd(z, b1, c31);
        y += bRow;
        b0 = v128.load(y);
        b1 = v128.load(y, 16);
        z = v128.shuffle<f32>(a0, a0, 3, 3, 3, 3);
        c00 = madd(z, b0, c00);
        c01 = madd(z, b1, c01);
        z = v128.shuffle<f32>(a1, a1, 3, 3, 3, 3);
        c10 = madd(z, b0, c10);
        c11 = madd(z, b1, c11);
        z = v128.shuffle<f32>(a2, a2, 3, 3, 3, 3);
        c20 = madd(z, b0, c20);
        c21 = madd(z, b1, c21);
        z = v128.shuffle<f32>(a3, a3, 3, 3, 3, 3);
        c30 = madd(z, b0, c30);
        c31 = madd(z, b1, c31);
        y += bRow;
        x0 += 16;
        x1 += 16;
        x2 += 16;
        x3 += 16;
      }
      for (; p < q; p++) {
        const b0 = v128.load(y), b1 = v128.load(y, 16);
        let z = v128.load_splat<f32>(x0);
        c00 = madd(z, b0, c00);
        c01 = madd(z, b1, c01);
        z = v128.load_splat<f32>(x1);
        c10 = madd(z, b0, c10);
        c11 = madd(z, b1, c11);
        z = v128.load_splat<f32>(x2);
        c20 = madd(z, b0, c20);
        c21 = madd(z, b1, c21);
        z = v128.load_splat<f32>(x3);
        c30 = madd(z, b0, c30);
        c31 = madd(z, b1, c31);
        y += bRow;
        x0 += 4;
        x1 += 4;
        x2 += 4;
        x3 += 4;
      }
      const t0 = c + i * cRow + j * 4,
        t1 = t0 + r1 * cRow,
        t2 = t0 + r2 * cRow,
        t3 = t0 + last * cRow;
      v128.store(t0, c00);
      v128.store(t0, c01, 16);
      v128.store(t1, c10);
      v128.store(t1, c11, 16);
      v128.store(t2, c20);
      v128.store(t2, c21, 16);
      v128.store(t3, c30);
      v128.store(t3, c31, 16);
    }
  }
}

/**
 * C[m, n] += A^T[m, q] B[q, n] for A[q, m], or = where C is `fresh`; n a multiple of 8; rows of A must be readable up to the next
 * multiple of 4 numbers, where what stands there does not count.
 */
export function addTransposedProduct(
  m: i32,
  n: i32,
  q: i32,
  a: usize,
  aRow: i32,
  b: usize,
  bRow: i32,
  c: usize,
  cRow: i32,
  fresh: bool,
): void {
  const zero = f32x4.splat(0);
  for (let j = 0; j < n; j += 8) {
    for (let i = 0; i < m; i += 4) {
      const last = min(3, m - 1 - i);
      let x = a + i * 4, y = b + j * 4;
      const t0 = c + i * cRow + j * 4,
        t1 = t0 + min(1, last) * cRow,
        t2 = t0 + min(2, last) * cRow,
        t3 = t0 + last * cRow;
      let c00 = zero, c01 = zero, c10 = zero, c11 = zero;
      let c20 = zero, c21 = zero, c30 = zero, c31 = zero;
      if (!fresh) {
        c00 = v128.load(t0);
        c01 = v128.load(t0, 16);
        c10 = v128.load(t1);
        c11 = v128.load(t1, 16);
        c20 = v128.load(t2);
        c21 = v128.load(t2, 16);
        c30 = v128.load(t3);
        c31 = v128.load(t3, 16);
      }
      for (let p = 0; p < q; p++) {
        const a0 = v128.load(x), b0 = v128.load(y), b1 = v128.load(y, 16);
        let z = v128.shuffle<f32>(a0, a0, 0, 0, 0, 0);
        c00 = madd(z, b0, c00);
        c01 = madd(z, b1, c01);
        z = v128.shuffle<f32>(a0, a0, 1, 1, 1, 1);
        c10 = madd(z, b0, c10);
        c11 = madd(z, b1, c11);
        z = v128.shuffle<f32>(a0, a0, 2, 2, 2, 2);
        c20 = madd(z, b0, c20);
        c21 = madd(z, b1, c21);
        z = v128.shuffle<f32>(a0, a0, 3, 3, 3, 3);
        c30 = madd(z, b0, c30);
        c31 = madd(z, b1, c31);
        x += aRow;
        y += bRow;
      }
      // Backwards, so that the last row's own sums are stored after those computed beyond it.
      v128.store(t3, c30);
      v128.store(t3, c31, 16);
      v128.store(t2, c20);
      v128.store(t2, c21, 16);
      v128.store(t1, c10);
      v128.store(t1, c11, 16);
      v128.store(t0, c00);
      v128.store(t0, c01, 16);
    }
  }
}
