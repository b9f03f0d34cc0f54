import type { MaybePromise } from "../../../core/stages.ts";
import { Adam } from "../../../runtimes/adam.ts";
import type { RandomSource } from "../../../runtimes/initialisers.ts";
import {
  lossAndGradients,
  type Scalar,
  type Tensor1D,
  type Tensor2D,
  type Tensors,
} from "../../../runtimes/tfjs.ts";
import {
  type Engine,
  type EngineOptions,
  EPSILON,
  extraShapes,
  initialWeights,
  type Inputs,
  layerShapes,
  type Samples,
} from "./engine.ts";
import { actorCriticLoss, standardise } from "./loss.ts";
import { Network } from "./network.ts";
import { adamState, type NetworkState, networkState } from "./state.ts";
import { boundedStep, makeInputs, readOnce, uploadInputs } from "./tfjs_parts.ts";

/** An actor-critic on TensorFlow.js: the reference, and the way to a GPU. */
export class TfjsEngine implements Engine {
  readonly #network: Network;
  readonly #adam: Adam;
  readonly #inputs = new Map<number, Inputs>();
  readonly #samples = new Map<number, Samples>();
  /** [metrics] of each update since they were asked for; they stay on the device until then. */
  #metrics: Tensor1D[] = [];

  /** Draws the initial weights; `tensors` are the engine's from now on. */
  constructor(
    private readonly tensors: Tensors,
    private readonly options: EngineOptions,
    random: RandomSource,
  ) {
    const shapes = layerShapes(options);
    this.#network = new Network(
      tensors,
      initialWeights({ ...shapes, ...extraShapes(options) }, random),
    );
    this.#adam = new Adam(tensors, this.#network.variables, {
      learningRate: options.learningRate,
      epsilon: EPSILON,
    });
  }

  inputs(size: number): Inputs {
    return remembered(this.#inputs, size, () => makeInputs(this.options, size));
  }

  samples(size: number): Samples {
    return remembered(this.#samples, size, () => ({
      ...makeInputs(this.options, size),
      order: new Int32Array(size),
      actions: new Int32Array(size),
      logProbs: new Float32Array(size),
      values: new Float32Array(size),
      targets: new Float32Array(size),
    }));
  }

  decide(inputs: Inputs): MaybePromise<Float32Array> {
    const { tf } = this.tensors;
    return readOnce(
      this.tensors,
      tf.tidy(() => {
        const { logits, qValues, values } = this.#network.forward(
          uploadInputs(tf, this.options, inputs),
        );
        return tf.concat2d([logits.softmax(), qValues, values.expandDims<Tensor2D>(1)], 1);
      }),
    );
  }

  values(inputs: Inputs): MaybePromise<Float32Array> {
    const { tf } = this.tensors;
    return readOnce(
      this.tensors,
      tf.tidy(() => this.#network.values(uploadInputs(tf, this.options, inputs))),
    );
  }

  update(samples: Samples, from: number, to: number, imitation = 1): void {
    const { tensors, options } = this;
    const { tf } = tensors;
    const rows = samples.order.subarray(from, to);
    this.#metrics.push(tf.tidy(() => {
      const inputs = uploadInputs(tf, options, samples, rows);
      const pick = (values: Float32Array) =>
        tf.tensor1d(Float32Array.from(rows, (k) => values[k]!));
      const actions = Array.from(rows, (k) => samples.actions[k]!);
      const targets = pick(samples.targets);
      const advantages = targets.sub<Tensor1D>(pick(samples.values));
      const batch = {
        actions: tf.oneHot(actions, options.actions).toFloat() as Tensor2D,
        oldLogProbs: pick(samples.logProbs),
        targets,
        advantages: options.loss.standardise ? standardise(advantages) : advantages,
        teacher: inputs.teacher,
      };
      let terms!: Tensor1D;
      const { gradients } = lossAndGradients(tensors, this.#network.variables, () => {
        const outputs = this.#network.forward(inputs);
        const { loss, terms: rest } = actorCriticLoss(tf, outputs, batch, options.loss, imitation);
        const trust = outputs.trust ? [outputs.trust.mean() as Scalar] : [];
        terms = tf.keep(tf.stack([loss, ...rest, ...trust]).as1D());
        return loss;
      });
      const norm = boundedStep(tf, this.#adam, gradients, options.maxGradNorm);
      const numbers = tf.concat([terms, norm.as1D()]) as Tensor1D;
      terms.dispose();
      return numbers;
    }));
  }

  metrics(): MaybePromise<ArrayLike<number>> {
    const { tf } = this.tensors;
    const means = tf.tidy(() => tf.stack(this.#metrics).mean(0));
    for (const numbers of this.#metrics) numbers.dispose();
    this.#metrics = [];
    return readOnce(this.tensors, means);
  }

  async save(): Promise<NetworkState> {
    return networkState(await this.#network.read(), await this.#adam.save());
  }

  load(state: NetworkState): void {
    this.#adam.load(adamState(state, this.#network.names));
    this.#network.write(state.weights);
  }

  dispose(): void {
    for (const numbers of this.#metrics) numbers.dispose();
    this.#adam.dispose();
    this.#network.dispose();
    this.tensors.dispose();
  }
}

function remembered<T>(known: Map<number, T>, size: number, make: () => T): T {
  let value = known.get(size);
  if (value === undefined) known.set(size, value = make());
  return value;
}
