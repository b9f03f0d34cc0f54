import type { MaybePromise } from "@tandem/core";
import { andThen } from "@tandem/core/internal";
import {
  Adam,
  lossAndGradients,
  RowMeans,
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Tensors,
} from "@tandem/runtimes/tfjs";
import { EPSILON, type StepOptions } from "./engine.ts";
import type { Network } from "./network.ts";
import { adamState, type NetworkState, networkState } from "./state.ts";

/** A network's gradients and Adam's steps along them, on TensorFlow.js. */
export class TfjsOptimiser {
  readonly #adam: Adam;
  /** [terms + 2] of the steps since they were asked for: the loss, its terms, the gradients' norm. */
  readonly #metrics: RowMeans;
  #pending: { readonly gradients: readonly Tensor[]; readonly reported: Tensor1D } | undefined;

  /** @param rateOf What the learning rate is multiplied by, of a variable by its name. */
  constructor(
    private readonly tensors: Tensors,
    private readonly network: Network,
    rateOf: (name: string) => number = () => 1,
  ) {
    this.#metrics = new RowMeans(tensors.tf);
    const rates = network.names.map(rateOf);
    this.#adam = new Adam(tensors, network.variables, { epsilon: EPSILON, rates });
  }

  /**
   * The gradients of a loss, for {@linkcode step}.
   *
   * @param lossOf The loss, and what is reported beside it.
   */
  backward(lossOf: () => { readonly loss: Scalar; readonly terms: readonly Scalar[] }): void {
    const { tf } = this.tensors;
    this.#forget();
    this.#pending = tf.tidy(() => {
      let reported!: Tensor1D;
      const { gradients } = lossAndGradients(this.tensors, this.network.variables, () => {
        const { loss, terms } = lossOf();
        reported = tf.keep(tf.stack([loss, ...terms]).as1D());
        return loss;
      });
      return { gradients: gradients.map((gradient) => tf.keep(gradient)), reported };
    });
  }

  /** Scales the gradients to a norm of at most `maxGradNorm`, and takes Adam's step with them. */
  step({ learningRate, maxGradNorm }: StepOptions): void {
    const { tf } = this.tensors;
    const { gradients, reported } = this.#pending!;
    this.#adam.learningRate = learningRate;
    this.#metrics.add(tf.tidy(() => {
      const norm = this.#adam.boundedStep(gradients, maxGradNorm);
      return tf.concat([reported, norm.as1D()]);
    }));
    this.#forget();
  }

  /** Means over the steps since it was asked last. */
  metrics(): MaybePromise<Float32Array> {
    return readOnce(this.tensors, this.#metrics.take());
  }

  async save(): Promise<NetworkState> {
    return networkState(await this.network.read(), await this.#adam.save());
  }

  /** @throws TandemError E_SHAPE where the state is of another network. */
  load(state: NetworkState): void {
    this.#adam.load(adamState(state, this.network.names));
    this.network.write(state.weights);
  }

  dispose(): void {
    this.#forget();
    this.#metrics.dispose();
    this.#adam.dispose();
  }

  #forget(): void {
    const { gradients = [], reported } = this.#pending ?? {};
    this.tensors.tf.dispose([...gradients, ...(reported ? [reported] : [])]);
    this.#pending = undefined;
  }
}

/** Reads a tensor and lets it go; at once where its memory is the processor's. */
export function readOnce({ device }: Tensors, tensor: Tensor): MaybePromise<Float32Array> {
  const read = device === "webgpu" ? tensor.data<"float32">() : tensor.dataSync<"float32">();
  return andThen(read as MaybePromise<Float32Array>, (numbers) => {
    tensor.dispose();
    return numbers;
  });
}
