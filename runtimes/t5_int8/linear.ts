/** Layers with 8-bit weights. */
import type { T5Memory } from "./memory.ts";

/** Packed weights of a layer without offset, k numbers in, n out. */
export interface Linear {
  readonly k: number;
  /** A multiple of 8; columns beyond the weights' own are zero. */
  readonly n: number;
  /** Bytes of a quantised row: k rounded up to a multiple of 16. */
  readonly depth: number;
  readonly packed: number;
  readonly scales: number;
  readonly sums: number;
}

/** Quantised rows and their scales. */
export interface Quantised {
  readonly at: number;
  readonly scales: number;
  readonly rows: number;
  readonly depth: number;
}

/** Rows packed at a time, a multiple of 8: bounds the memory that full weights take beside the packed. */
const CHUNK = 2048;

/** Packs weights [n_i, k], one under the other. @param k Numbers in. */
export function packLinear(memory: T5Memory, weights: readonly Float32Array[], k: number): Linear {
  const rows = weights.map((part) => part.length / k);
  const own = rows.reduce((sum, count) => sum + count, 0);
  const n = Math.ceil(own / 8) * 8;
  const depth = depthOf(k);
  const packed = memory.bytes(n * depth);
  const [scales, sums] = [memory.floats(n), memory.floats(n)];
  for (const [at, length] of [[packed, n * depth], [scales, 4 * n], [sums, 4 * n]] as const) {
    memory.fill(at, length, 0);
  }
  const mark = memory.mark;
  const scratch = memory.floats(CHUNK * k);
  let done = 0;
  let held = 0;
  const flush = () => {
    memory.kernels.pack(
      scratch,
      held,
      k,
      depth,
      packed + done * depth,
      scales + 4 * done,
      sums + 4 * done,
    );
    done += held;
    held = 0;
  };
  weights.forEach((part, i) => {
    for (let row = 0; row < rows[i]!;) {
      const count = Math.min(CHUNK - held, rows[i]! - row);
      const values = part.subarray(row * k, (row + count) * k);
      memory.view(scratch + 4 * held * k, values.length).set(values);
      row += count;
      held += count;
      if (held === CHUNK) flush();
    }
  });
  flush();
  memory.release(mark);
  return { k, n, depth, packed, scales, sums };
}

/** Bytes of a quantised row of k numbers. */
function depthOf(k: number): number {
  return Math.ceil(k / 16) * 16;
}

/** Quantises rows x[rows, k]. */
export function quantise(memory: T5Memory, x: number, rows: number, k: number): Quantised {
  const depth = depthOf(k);
  // The kernel of products takes six rows at a time.
  const at = memory.bytes(Math.ceil(rows / 6) * 6 * depth);
  const scales = memory.floats(Math.ceil(rows / 6) * 6);
  memory.kernels.quantise(x, rows, k, at, depth, scales);
  return { at, scales, rows, depth };
}

/**
 * Writes the layer's output, or adds it to what is there.
 *
 * @param out Address of [rows, n]. @param stride Numbers from a row of it to the next.
 * @returns `out`.
 */
export function apply(
  { kernels }: T5Memory,
  { packed, scales, sums, n }: Linear,
  x: Quantised,
  out: number,
  { add = false, stride = n }: { readonly add?: boolean; readonly stride?: number } = {},
): number {
  const { at, rows, depth } = x;
  kernels.product(at, x.scales, rows, depth, packed, scales, sums, n, out, 4 * stride, add ? 1 : 0);
  return out;
}
