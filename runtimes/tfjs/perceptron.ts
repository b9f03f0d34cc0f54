import { type RandomSource, uniform } from "../weights/initialisers.ts";
import type { Tensor, Tensors, Variable } from "./tfjs.ts";

/**
 * Linear layers with the logistic function between them: h_k+1 = sigmoid(h_k W_k + b_k), and the last
 * layer's sums as they are. Weights and biases start in U(-1 / sqrt(inputs), 1 / sqrt(inputs)), which is
 * PyTorch's start for linear layers.
 *
 * @example
 * ```ts
 * import { Perceptron } from "@tandem/runtimes/tfjs";
 * import { openTensors } from "@tandem/runtimes/tfjs";
 * import { Pcg64 } from "@tandem/core/kit";
 * import assert from "node:assert/strict";
 * const tensors = await openTensors("cpu");
 * const head = new Perceptron(tensors, [64, 1024, 1024, 1], new Pcg64(0));
 * assert.equal(head.variables.size, 6); // W and b of three layers
 * assert.deepEqual(head.forward(tensors.tf.zeros([5, 64])).shape, [5, 1]);
 * head.dispose();
 * tensors.dispose();
 * ```
 */
export class Perceptron {
  readonly #tensors: Tensors;
  readonly #layers: readonly { readonly weights: Variable; readonly bias: Variable }[];

  /** @param widths Of the input, of each hidden layer, of the output. */
  constructor(tensors: Tensors, widths: readonly number[], random: RandomSource) {
    const { tf } = this.#tensors = tensors;
    this.#layers = widths.slice(1).map((outputs, k) => {
      const inputs = widths[k]!;
      const draw = (shape: number[]) =>
        tf.tidy(() => tf.variable(tf.tensor(uniform(random, shape, inputs ** -0.5), shape)));
      return { weights: draw([inputs, outputs]), bias: draw([outputs]) };
    });
  }

  /** The parameters by layer: "0.weight", "0.bias", "1.weight" and so on. */
  get variables(): Map<string, Variable> {
    return new Map(
      this.#layers.flatMap((
        { weights, bias },
        k,
      ) => [[`${k}.weight`, weights], [`${k}.bias`, bias]]),
    );
  }

  /** B x inputs to B x outputs. */
  forward(x: Tensor): Tensor {
    const { tf } = this.#tensors;
    const last = this.#layers.length - 1;
    return tf.tidy(() =>
      this.#layers.reduce((h, { weights, bias }, k) => {
        const sums = tf.add(tf.matMul(h, weights), bias);
        return k === last ? sums : tf.sigmoid(sums);
      }, x)
    );
  }

  /** Frees the parameters. */
  dispose(): void {
    for (const { weights, bias } of this.#layers) this.#tensors.tf.dispose([weights, bias]);
  }
}
