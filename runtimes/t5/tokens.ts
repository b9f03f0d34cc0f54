/**
 * Sequences of token ids, padded on the right to one length; row-major.
 *
 * @internal
 */
export interface TokenBatch {
  readonly rows: number;
  readonly columns: number;
  readonly ids: Int32Array;
  /** 1 at tokens, 0 at padding. */
  readonly mask: Uint8Array;
}

/**
 * Pads sequences to the longest of them, or to a multiple of `multiple` (fewer shapes make fewer
 * shaders on WebGPU).
 *
 * @example
 * ```ts
 * import { padTokens } from "./tokens.ts";
 * import assert from "node:assert/strict";
 * const batch = padTokens([[7, 8], [9]], 0);
 * assert.deepEqual([...batch.ids], [7, 8, 9, 0]);
 * assert.deepEqual([...batch.mask], [1, 1, 1, 0]);
 * ```
 */
export function padTokens(
  sequences: readonly (readonly number[])[],
  padId: number,
  multiple = 1,
): TokenBatch {
  const longest = Math.max(1, ...sequences.map((sequence) => sequence.length));
  const columns = Math.ceil(longest / multiple) * multiple;
  const ids = new Int32Array(sequences.length * columns).fill(padId);
  const mask = new Uint8Array(ids.length);
  for (const [row, sequence] of sequences.entries()) {
    ids.set(sequence, row * columns);
    mask.fill(1, row * columns, row * columns + sequence.length);
  }
  return { rows: sequences.length, columns, ids, mask };
}

/** The decoder's input for labels: the start token before them, the last one left off. */
export function shiftRight(labels: TokenBatch, startId: number): TokenBatch {
  const { rows, columns } = labels;
  const ids = new Int32Array(labels.ids.length);
  const mask = new Uint8Array(ids.length);
  for (let row = 0; row < rows; row++) {
    const [from, to] = [row * columns, (row + 1) * columns];
    ids[from] = startId;
    mask[from] = 1;
    ids.set(labels.ids.subarray(from, to - 1), from + 1);
    mask.set(labels.mask.subarray(from, to - 1), from + 1);
  }
  return { rows, columns, ids, mask };
}
