/** Sequences of a rollout's samples as rows of tensors, for networks with memory. */
import type { TensorFlow } from "../../../runtimes/tfjs/tfjs.ts";
import type { Samples } from "./engine.ts";
import type { Past } from "./network.ts";

/** [T x B] the samples of the sequences `order[from .. to)`, time-major. */
export function rowsOfSequences(
  { size, steps, order }: Samples,
  from: number,
  to: number,
): Int32Array {
  const sequences = order.subarray(from, to);
  if (steps === 1) return sequences;
  const count = sequences.length;
  return Int32Array.from(
    { length: steps * count },
    (_, k) => Math.floor(k / count) * (size / steps) + sequences[k % count]!,
  );
}

/**
 * What the sequences `order[from .. to)` have behind them.
 *
 * @param rows As {@linkcode rowsOfSequences} gives them.
 */
export function uploadPast(
  tf: TensorFlow,
  { steps, order, firsts, memory }: Samples,
  from: number,
  to: number,
  rows: Int32Array,
): Past {
  const width = memory.length / order.length;
  const before = Float32Array.from(
    { length: (to - from) * width },
    (_, k) => memory[order[from + Math.floor(k / width)]! * width + k % width]!,
  );
  const kept = Float32Array.from(rows, (k) => 1 - firsts[k]!);
  return {
    steps,
    before: tf.tensor2d(before, [to - from, width]),
    kept: tf.tensor2d(kept, [rows.length, 1]),
  };
}
