import type { MaybePromise } from "@tandem/core";
import { andThen } from "@tandem/core/internal";
import type { Scalar, Tensor2D, Tensors } from "@tandem/runtimes/tfjs";
import type { RandomSource } from "@tandem/runtimes/weights";
import {
  type Engine,
  type EngineOptions,
  initialWeights,
  type Inputs,
  isTaught,
  makeInputs,
  type Minibatch,
  rateOf,
  type Replayed,
  type Samples,
  type StepOptions,
} from "./engine.ts";
import { type Batch, Network, rowsOfSequences, uploadInputs, uploadPast } from "./network.ts";
import { replayLoss } from "./replay_loss.ts";
import type { NetworkState } from "./state.ts";
import { readOnce, TfjsOptimiser } from "./tfjs_optimiser.ts";

/** An actor-critic on TensorFlow.js: the reference, and the way to a GPU. */
export class TfjsEngine implements Engine {
  readonly #network: Network;
  readonly #optimiser: TfjsOptimiser;
  readonly #inputs = new Map<number, Inputs>();
  readonly #samples = new Map<number, Samples>();
  readonly #replayed = new Map<number, Replayed>();

  /** Draws the initial weights; `tensors` are the engine's from now on. */
  constructor(
    private readonly tensors: Tensors,
    private readonly options: EngineOptions,
    random: RandomSource,
  ) {
    this.#network = new Network(tensors, initialWeights(options, random), options);
    this.#optimiser = new TfjsOptimiser(tensors, this.#network, rateOf(options));
  }

  inputs(size: number): Inputs {
    let inputs = this.#inputs.get(size);
    if (!inputs) this.#inputs.set(size, inputs = makeInputs(this.options, size));
    return inputs;
  }

  samples(size: number, steps = 1): Samples {
    const known = this.#samples.get(size);
    if (known?.steps === steps) return known;
    const { gaussian, actions, loss } = this.options;
    const taughtStride = isTaught(loss) ? actions : 0;
    const samples = {
      ...makeInputs(this.options, size, steps),
      steps,
      order: new Int32Array(size / steps),
      firsts: new Uint8Array(size),
      actions: gaussian ? new Float32Array(size * actions) : new Int32Array(size),
      logProbs: new Float32Array(size),
      values: new Float32Array(size),
      targets: new Float32Array(size),
      taught: new Float32Array(size * taughtStride),
      taughtStride,
    };
    this.#samples.set(size, samples);
    return samples;
  }

  replayed(size: number): Replayed {
    let replayed = this.#replayed.get(size);
    if (!replayed) {
      const { gaussian, actions } = this.options;
      replayed = {
        ...makeInputs(this.options, size),
        actions: gaussian ? new Float32Array(size * actions) : new Int32Array(size),
        returns: new Float32Array(size),
      };
      this.#replayed.set(size, replayed);
    }
    return replayed;
  }

  decide(inputs: Inputs): MaybePromise<Float32Array> {
    const { tf } = this.tensors;
    const answer = tf.tidy(() => {
      const { logits, logStd, actions, qValues, values, memory } = this.#network
        .forward(this.#upload(inputs));
      const policy = logStd
        ? [actions!, logStd.add<Tensor2D>(tf.zerosLike(logits))]
        : [logits.softmax() as Tensor2D];
      const rows = tf.concat2d([...policy, qValues, values.expandDims<Tensor2D>(1)], 1);
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

  backward(
    samples: Samples,
    from: number,
    to: number,
    imitation = 1,
    replayed?: Replayed,
  ): void {
    const { tf } = this.tensors;
    const { loss: weights, lossOf, memory, gaussian } = this.options;
    const rows = rowsOfSequences(samples, from, to);
    tf.tidy(() => {
      const states = uploadInputs(tf, this.options, samples, rows);
      const batch = this.#minibatch(samples, rows);
      const inputs = {
        ...states,
        actions: gaussian ? batch.actions : undefined,
        memory: memory ? uploadPast(tf, samples, from, to, rows) : undefined,
      };
      this.#optimiser.backward(() => {
        const outputs = this.#network.forward(inputs);
        const { loss, terms } = lossOf(tf, outputs, batch, weights, imitation);
        const trust = outputs.trust ? [outputs.trust.mean() as Scalar] : [];
        if (!replayed) return { loss, terms: [...terms, ...trust] };
        const past = this.#replayLoss(replayed);
        const all = loss.add<Scalar>(past.mul(weights.replayLoss ?? 1));
        return { loss: all, terms: [...terms, ...trust, past] };
      });
    });
  }

  step(options: StepOptions): void {
    this.#optimiser.step(options);
  }

  metrics(): MaybePromise<ArrayLike<number>> {
    return this.#optimiser.metrics();
  }

  save(): Promise<NetworkState> {
    return this.#optimiser.save();
  }

  load(state: NetworkState): void {
    this.#optimiser.load(state);
  }

  dispose(): void {
    this.#optimiser.dispose();
    this.#network.dispose();
    this.tensors.dispose();
  }

  #upload(inputs: Inputs): Batch {
    const { tf } = this.tensors;
    const { size, memory, noise } = inputs;
    const { gaussian, actions } = this.options;
    const states = uploadInputs(tf, this.options, inputs);
    const batch = gaussian
      ? { ...states, noise: tf.tensor2d(noise.slice(), [size, actions]) }
      : states;
    if (memory.length === 0) return batch;
    const before = tf.tensor2d(memory.slice(), [size, memory.length / size]);
    return { ...batch, memory: { steps: 1, before } };
  }

  #replayLoss(replayed: Replayed): Scalar {
    const { tf } = this.tensors;
    const rows = Int32Array.from({ length: replayed.size }, (_, row) => row);
    const actions = this.#actions(replayed.actions, rows);
    const states = this.#upload(replayed);
    const outputs = this.#network.forward(this.options.gaussian ? { ...states, actions } : states);
    return replayLoss(tf, outputs, actions, tf.tensor1d(replayed.returns.slice()));
  }

  /** [B, A] actions of some rows as one-hot rows, or their floats. */
  #actions(actions: Samples["actions"], rows: Int32Array): Tensor2D {
    const { tf } = this.tensors;
    const { actions: count, gaussian } = this.options;
    const named = () => tf.oneHot(Array.from(rows, (k) => actions[k]!), count).toFloat();
    if (!gaussian) return named() as Tensor2D;
    const floats = Float32Array.from(
      { length: rows.length * count },
      (_, k) => actions[rows[Math.floor(k / count)]! * count + k % count]!,
    );
    return tf.tensor2d(floats, [rows.length, count]);
  }

  #minibatch(samples: Samples, rows: Int32Array): Minibatch {
    const { tf } = this.tensors;
    const pick = (values: Float32Array) => tf.tensor1d(Float32Array.from(rows, (k) => values[k]!));
    const { taught, taughtStride } = samples;
    const teacher = Float32Array.from(
      { length: rows.length * taughtStride },
      (_, k) => taught[rows[Math.floor(k / taughtStride)]! * taughtStride + k % taughtStride]!,
    );
    return {
      actions: this.#actions(samples.actions, rows),
      oldLogProbs: pick(samples.logProbs),
      oldValues: pick(samples.values),
      targets: pick(samples.targets),
      teacher: tf.tensor2d(teacher, [rows.length, taughtStride]),
    };
  }
}
