import { andThen } from "../../../core/kit/guidance.ts";
import type { MaybePromise } from "../../../core/stages/mod.ts";
import { Adam } from "../../../runtimes/tfjs/adam.ts";
import type { RandomSource } from "../../../runtimes/weights/initialisers.ts";
import { RowMeans } from "../../../runtimes/tfjs/row_means.ts";
import {
  type Scalar,
  type Tensor1D,
  type Tensor2D,
  type Tensors,
} from "../../../runtimes/tfjs/tfjs.ts";
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
import { type Batch, Network } from "./network.ts";
import { rowsOfSequences, uploadPast } from "./sequences.ts";
import { adamState, type NetworkState, networkState } from "./state.ts";
import { gradientStep, makeInputs, readOnce, uploadInputs } from "./tfjs_parts.ts";

/** An actor-critic on TensorFlow.js: the reference, and the way to a GPU. */
export class TfjsEngine implements Engine {
  readonly #network: Network;
  readonly #adam: Adam;
  readonly #inputs = new Map<number, Inputs>();
  readonly #samples = new Map<number, Samples>();
  /** [metrics] of the updates since they were asked for. */
  readonly #metrics: RowMeans;

  /** Draws the initial weights; `tensors` are the engine's from now on. */
  constructor(
    private readonly tensors: Tensors,
    private readonly options: EngineOptions,
    random: RandomSource,
  ) {
    const shapes = layerShapes(options);
    this.#network = new Network(
      tensors,
      initialWeights({ ...shapes, ...extraShapes(options) }, random, options.trust),
    );
    this.#metrics = new RowMeans(tensors.tf);
    this.#adam = new Adam(tensors, this.#network.variables, {
      learningRate: options.learningRate,
      epsilon: EPSILON,
    });
  }

  inputs(size: number): Inputs {
    return remembered(this.#inputs, size, () => makeInputs(this.options, size));
  }

  samples(size: number, steps = 1): Samples {
    const known = this.#samples.get(size);
    if (known?.steps === steps) return known;
    const samples = {
      ...makeInputs(this.options, size, steps),
      steps,
      order: new Int32Array(size / steps),
      firsts: new Uint8Array(size),
      actions: new Int32Array(size),
      logProbs: new Float32Array(size),
      values: new Float32Array(size),
      targets: new Float32Array(size),
    };
    this.#samples.set(size, samples);
    return samples;
  }

  decide(inputs: Inputs): MaybePromise<Float32Array> {
    const { tf } = this.tensors;
    const answer = tf.tidy(() => {
      const { logits, qValues, values, memory } = this.#network.forward(this.#upload(inputs));
      const rows = tf.concat2d([logits.softmax(), qValues, values.expandDims<Tensor2D>(1)], 1);
      return memory ? tf.concat1d([rows.as1D(), memory.as1D()]) : rows;
    });
    return andThen(readOnce(this.tensors, answer), (numbers) => {
      const rows = numbers.length - inputs.memory.length;
      inputs.memory.set(numbers.subarray(rows));
      return numbers.subarray(0, rows);
    });
  }

  values(inputs: Inputs): MaybePromise<Float32Array> {
    const { tf } = this.tensors;
    return readOnce(this.tensors, tf.tidy(() => this.#network.values(this.#upload(inputs))));
  }

  update(samples: Samples, from: number, to: number, imitation = 1): void {
    const { tensors, options } = this;
    const { tf } = tensors;
    const rows = rowsOfSequences(samples, from, to);
    this.#metrics.add(tf.tidy(() => {
      const inputs = {
        ...uploadInputs(tf, options, samples, rows),
        memory: options.memory ? uploadPast(tf, samples, from, to, rows) : undefined,
      };
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
      const { variables } = this.#network;
      return gradientStep(tensors, variables, this.#adam, options.maxGradNorm, () => {
        const outputs = this.#network.forward(inputs);
        const { loss, terms } = actorCriticLoss(tf, outputs, batch, options.loss, imitation);
        const trust = outputs.trust ? [outputs.trust.mean() as Scalar] : [];
        return { loss, terms: [...terms, ...trust] };
      });
    }));
  }

  metrics(): MaybePromise<ArrayLike<number>> {
    return readOnce(this.tensors, this.#metrics.take());
  }

  setPace(pace: number): void {
    this.#adam.learningRate = pace * this.options.learningRate;
  }

  async save(): Promise<NetworkState> {
    return networkState(await this.#network.read(), await this.#adam.save());
  }

  load(state: NetworkState): void {
    this.#adam.load(adamState(state, this.#network.names));
    this.#network.write(state.weights);
  }

  #upload(inputs: Inputs): Batch {
    const { tf } = this.tensors;
    const { size, memory } = inputs;
    const batch = uploadInputs(tf, this.options, inputs);
    if (memory.length === 0) return batch;
    const before = tf.tensor2d(memory.slice(), [size, memory.length / size]);
    return { ...batch, memory: { steps: 1, before } };
  }

  dispose(): void {
    this.#metrics.dispose();
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
