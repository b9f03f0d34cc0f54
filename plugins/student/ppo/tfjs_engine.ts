import { andThen } from "../../../core/guidance.ts";
import type { MaybePromise } from "../../../core/stages.ts";
import { Adam } from "../../../runtimes/adam.ts";
import type { Column } from "../../../runtimes/fused/columns.ts";
import type { RandomSource } from "../../../runtimes/initialisers.ts";
import {
  lossAndGradients,
  type Scalar,
  type Tensor,
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
import { type Batch, Network } from "./network.ts";
import { adamState, type NetworkState, networkState, type WeightArray } from "./state.ts";

/** An actor-critic on TensorFlow.js: the reference, and the way to a GPU. */
export class TfjsEngine implements Engine {
  readonly #network: Network;
  readonly #adam: Adam;
  readonly #stateWidth: number;
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
    this.#stateWidth = shapes.state.inputs;
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
    return remembered(this.#inputs, size, () => this.#room(size));
  }

  samples(size: number): Samples {
    return remembered(this.#samples, size, () => ({
      ...this.#room(size),
      order: new Int32Array(size),
      actions: new Int32Array(size),
      logProbs: new Float32Array(size),
      values: new Float32Array(size),
      targets: new Float32Array(size),
    }));
  }

  decide(inputs: Inputs): MaybePromise<Float32Array> {
    const { tf } = this.tensors;
    return this.#read(tf.tidy(() => {
      const { logits, qValues, values } = this.#network.forward(this.#upload(inputs));
      return tf.concat2d([logits.softmax(), qValues, values.expandDims<Tensor2D>(1)], 1);
    }));
  }

  values(inputs: Inputs): MaybePromise<Float32Array> {
    const { tf } = this.tensors;
    return this.#read(tf.tidy(() => this.#network.values(this.#upload(inputs))));
  }

  update(samples: Samples, from: number, to: number, imitation = 1): void {
    const { tensors, options } = this;
    const { tf } = tensors;
    const rows = samples.order.subarray(from, to);
    this.#metrics.push(tf.tidy(() => {
      const inputs = this.#upload(samples, rows);
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
      const norm = this.#step(gradients);
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
    return this.#read(means);
  }

  async save(): Promise<NetworkState> {
    const weights: Record<string, WeightArray> = {};
    for (const [index, { shape }] of this.#network.variables.entries()) {
      const data = await this.#network.variables[index]!.data<"float32">();
      weights[this.#network.names[index]!] = { shape, data: data.slice() };
    }
    return networkState(weights, await this.#adam.save());
  }

  load(state: NetworkState): void {
    const { names, variables } = this.#network;
    this.#adam.load(adamState(state, names));
    const { tf } = this.tensors;
    for (const [index, variable] of variables.entries()) {
      const data = state.weights[names[index]!]?.data ?? new Float32Array(0);
      tf.tidy(() => variable.assign(tf.tensor(data, variable.shape)));
    }
  }

  dispose(): void {
    for (const numbers of this.#metrics) numbers.dispose();
    this.#adam.dispose();
    this.#network.dispose();
    this.tensors.dispose();
  }

  /** Bounds the gradients' norm and steps; gives the norm before. */
  #step(gradients: readonly Tensor[]): Tensor {
    const { tf } = this.tensors;
    const norm = tf.addN(gradients.map((gradient) => gradient.square().sum())).sqrt();
    const scale = tf.minimum(1, tf.scalar(this.options.maxGradNorm).div(norm.add(1e-6)));
    this.#adam.step(gradients.map((gradient) => gradient.mul(scale)));
    return norm;
  }

  #room(size: number): Inputs {
    const { entries, words, guidance } = this.options;
    return {
      size,
      entries: new Uint8Array(size * entries.length),
      words: new Uint8Array(size * words.length),
      missions: new Array<string>(size).fill(""),
      guidance: new Float32Array(size * guidance),
      guidanceStride: guidance,
    };
  }

  /** The states as one-hot rows, and the guidance; of all rows or of those given. */
  #upload(inputs: Inputs, rows?: Int32Array): Batch {
    const { tf } = this.tensors;
    const { entries, words, film, loss } = this.options;
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
      states: table(this.#stateWidth, (row, out, to) => {
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

  /** Reads a tensor and lets it go; at once where its memory is the processor's. */
  #read(tensor: Tensor): MaybePromise<Float32Array> {
    const read = this.tensors.device === "webgpu"
      ? tensor.data<"float32">()
      : tensor.dataSync<"float32">();
    return andThen(read as MaybePromise<Float32Array>, (numbers) => {
      tensor.dispose();
      return numbers;
    });
  }
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

function remembered<T>(known: Map<number, T>, size: number, make: () => T): T {
  let value = known.get(size);
  if (value === undefined) known.set(size, value = make());
  return value;
}
