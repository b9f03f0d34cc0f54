/** Logits as a decoder gives them. */
import type { OnnxTensor } from "../onnx/onnx.ts";
import { floatsOf } from "./tensors.ts";

/** Logits [rows, positions, vocab] of the tokens that a step ran. */
export interface Logits {
  readonly data: Float32Array;
  readonly rows: number;
  readonly positions: number;
  readonly vocab: number;
}

/** A graph's logits as 32-bit floats. */
export function asLogits({ dims, data }: OnnxTensor): Logits {
  const [rows = 0, positions = 0, vocab = 0] = dims;
  return { data: floatsOf(data), rows, positions, vocab };
}

/** The logits of the last `count` positions. */
export function lastPositions(logits: Logits, count: number): Logits {
  const { data, rows, positions, vocab } = logits;
  if (positions === count) return logits;
  const kept = new Float32Array(rows * count * vocab);
  for (let row = 0; row < rows; row++) {
    const from = (row * positions + positions - count) * vocab;
    kept.set(data.subarray(from, from + count * vocab), row * count * vocab);
  }
  return { data: kept, rows, positions: count, vocab };
}

/** Logits of single positions one behind another. */
export function joinPositions(steps: readonly Logits[]): Logits {
  const { rows, vocab } = steps[0]!;
  const data = new Float32Array(rows * steps.length * vocab);
  steps.forEach((step, t) => {
    for (let row = 0; row < rows; row++) {
      data.set(
        step.data.subarray(row * vocab, (row + 1) * vocab),
        (row * steps.length + t) * vocab,
      );
    }
  });
  return { data, rows, positions: steps.length, vocab };
}

/**
 * Whether two ways to compute the same numbers agree: their mean distance is at most `tolerance`
 * standard deviations of the numbers, or `tolerance` where these hardly differ.
 */
export function near(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): boolean {
  const mean = (value: (i: number) => number) => {
    let sum = 0;
    for (let i = 0; i < expected.length; i++) sum += value(i);
    return sum / expected.length;
  };
  const centre = mean((i) => expected[i]!);
  const deviation = Math.sqrt(mean((i) => (expected[i]! - centre) ** 2));
  return mean((i) => Math.abs(actual[i]! - expected[i]!)) <= tolerance * Math.max(deviation, 1);
}
