/** What every engine on TensorFlow.js does: inputs as tensors, bounded steps, reading. */
import { andThen } from "../../../core/kit/guidance.ts";
import type { MaybePromise } from "../../../core/stages/mod.ts";
import type { Adam } from "../../../runtimes/tfjs/adam.ts";
import { type Column, rowsOfColumns } from "../../../runtimes/fused/columns.ts";
import {
  lossAndGradients,
  type Scalar,
  type Tensor,
  type Tensor1D,
  type TensorFlow,
  type Tensors,
  type Variable,
} from "../../../runtimes/tfjs/tfjs.ts";
import type { EngineOptions, Inputs } from "./engine.ts";
import type { Batch } from "./network.ts";

/** Room for the inputs of `size` states in sequences of `steps`. */
export function makeInputs(
  { entries, words, guidance, memory = 0 }: Pick<
    EngineOptions,
    "entries" | "words" | "guidance" | "memory"
  >,
  size: number,
  steps = 1,
): Inputs {
  return {
    size,
    entries: new Uint8Array(size * entries.length),
    words: new Uint8Array(size * words.length),
    missions: new Array<string>(size).fill(""),
    guidance: new Float32Array(size * guidance),
    guidanceStride: guidance,
    memory: new Float32Array(size / steps * memory),
  };
}

/** The states as one-hot rows, and the guidance; of all rows or of those given. */
export function uploadInputs(
  tf: TensorFlow,
  { entries, words, film, loss }: Pick<EngineOptions, "entries" | "words" | "film" | "loss">,
  inputs: Inputs,
  rows?: Int32Array,
): Batch {
  const { guidanceStride } = inputs;
  const size = rows?.length ?? inputs.size;
  const table = (width: number, write: (row: number, out: Float32Array, to: number) => void) => {
    const out = new Float32Array(size * width);
    for (let i = 0; i < size; i++) write(rows?.[i] ?? i, out, i * width);
    return tf.tensor2d(out, [size, width]);
  };
  const told = table(guidanceStride, (row, out, to) => {
    const from = row * guidanceStride;
    for (let k = 0; k < guidanceStride; k++) out[to + k] = inputs.guidance[from + k]!;
  });
  return {
    states: table(rowsOfColumns(film ? entries : [...entries, ...words]), (row, out, to) => {
      const next = writeOneHot(entries, inputs.entries, row, out, to);
      if (!film) writeOneHot(words, inputs.words, row, out, next);
    }),
    words: film
      ? table(words.length, (row, out, to) => void writeOneHot(words, inputs.words, row, out, to))
      : undefined,
    guidance: loss.imitates ? undefined : told,
    // A row is the choice and then the distribution; over the actions where it is used as such.
    teacher: told.slice([0, guidanceStride / 2], [size, guidanceStride / 2]),
  };
}

/**
 * One gradient step of bounded norm.
 *
 * @param lossOf The loss, and what is reported beside it.
 * @returns [terms + 2] the loss, its terms, and the gradient's norm before it was bounded.
 */
export function gradientStep(
  tensors: Tensors,
  variables: readonly Variable[],
  adam: Adam,
  maxNorm: number,
  lossOf: () => { readonly loss: Scalar; readonly terms: readonly Scalar[] },
): Tensor1D {
  const { tf } = tensors;
  return tf.tidy(() => {
    let reported!: Tensor1D;
    const { gradients } = lossAndGradients(tensors, variables, () => {
      const { loss, terms } = lossOf();
      reported = tf.keep(tf.stack([loss, ...terms]).as1D());
      return loss;
    });
    const norm = adam.boundedStep(gradients, maxNorm);
    const numbers = tf.concat([reported, norm.as1D()]) as Tensor1D;
    reported.dispose();
    return numbers;
  });
}

/** Reads a tensor and lets it go; at once where its memory is the processor's. */
export function readOnce({ device }: Tensors, tensor: Tensor): MaybePromise<Float32Array> {
  const read = device === "webgpu" ? tensor.data<"float32">() : tensor.dataSync<"float32">();
  return andThen(read as MaybePromise<Float32Array>, (numbers) => {
    tensor.dispose();
    return numbers;
  });
}

/** Writes a row of columns as one-hot numbers; gives the place after the last. */
function writeOneHot(
  columns: readonly Column[],
  data: Uint8Array,
  row: number,
  states: Float32Array,
  to: number,
): number {
  const from = row * columns.length;
  for (const [c, { categories, optional }] of columns.entries()) {
    const value = data[from + c]! - +optional;
    if (value >= 0) states[to + value] = 1;
    to += categories - +optional;
  }
  return to;
}
