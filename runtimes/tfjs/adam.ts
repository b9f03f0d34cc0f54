import { TandemError } from "@tandem/core";
import type { Tensor, Tensors, Variable } from "./tfjs.ts";

/** Options of {@linkcode Adam}; each has the default of Kingma and Ba. */
export interface AdamOptions {
  /** Step size, 0.001. */
  readonly learningRate?: number;
  /** Decay of the first moment, 0.9. */
  readonly beta1?: number;
  /** Decay of the second moment, 0.999. */
  readonly beta2?: number;
  /** Added to the root of the second moment, 1e-8. */
  readonly epsilon?: number;
  /** Decoupled weight decay (Loshchilov and Hutter), 0. */
  readonly weightDecay?: number;
  /** What each variable's step size is multiplied by, in the variables' order; 1 each. */
  readonly rates?: readonly number[];
}

/** All that Adam remembers: with the variables, what a run needs to go on to the last bit. */
export interface AdamState {
  /** Steps taken. */
  readonly steps: number;
  /** beta1 ^ steps and beta2 ^ steps, as multiplied up step by step. */
  readonly accBeta1: number;
  /** beta2 to the power of the steps taken. */
  readonly accBeta2: number;
  /** First and second moments, one array a variable, in the variables' order. */
  readonly first: readonly Float32Array[];
  /** Running means of squared gradients. */
  readonly second: readonly Float32Array[];
}

/**
 * Adam (Kingma and Ba, 2015, algorithm 1) over a fixed list of variables:
 *
 * m_t = beta1 m_tm1 + (1 - beta1) g_t;  v_t = beta2 v_tm1 + (1 - beta2) g_t^2;
 * w_t = w_tm1 - learningRate (m_t / (1 - beta1^t) / (sqrt(v_t / (1 - beta2^t)) + epsilon) + weightDecay w_tm1)
 *
 * Unlike TensorFlow.js's own it resumes exactly from {@linkcode save}. On WASM and CPU a step is
 * one loop in place of a dozen small kernels a variable; on WebGPU nothing is read back.
 *
 * @example
 * ```ts
 * import { Adam } from "@tandem/runtimes/tfjs";
 * import { openTensors } from "@tandem/runtimes/tfjs";
 * import assert from "node:assert/strict";
 * const tensors = await openTensors("cpu");
 * const weight = tensors.tf.variable(tensors.tf.tensor1d([1]));
 * const adam = new Adam(tensors, [weight], { learningRate: 0.1 });
 * adam.step([tensors.tf.tensor1d([5])]); // the first step has the length of the learning rate
 * assert.ok(Math.abs((await weight.data())[0]! - 0.9) < 1e-6);
 * adam.dispose();
 * tensors.dispose();
 * ```
 */
export class Adam {
  /** May be changed between steps, as a schedule does. */
  learningRate: number;
  readonly #tensors: Tensors;
  readonly #variables: readonly Variable[];
  readonly #options: Required<AdamOptions>;
  readonly #moments: HostMoments | DeviceMoments;
  #steps = 0;
  #accBeta1 = 1;
  #accBeta2 = 1;

  /** Adam before its first step. */
  constructor(tensors: Tensors, variables: readonly Variable[], options: AdamOptions = {}) {
    const defaults = {
      learningRate: 1e-3,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0,
      rates: variables.map(() => 1),
    };
    this.#options = { ...defaults, ...options };
    this.learningRate = this.#options.learningRate;
    this.#tensors = tensors;
    this.#variables = variables;
    const Moments = tensors.device === "webgpu" ? DeviceMoments : HostMoments;
    this.#moments = new Moments(tensors, variables);
  }

  /**
   * Moves the variables by one step. The gradients stay the caller's to dispose.
   *
   * @param gradients One a variable, in the variables' order.
   */
  step(gradients: readonly Tensor[]): void {
    const { beta1, beta2, epsilon, weightDecay, rates: factors } = this.#options;
    this.#steps++;
    this.#accBeta1 *= beta1;
    this.#accBeta2 *= beta2;
    // sqrt(v / c2) + epsilon = (sqrt(v) + epsilon sqrt(c2)) / sqrt(c2): the corrections leave the loop.
    const correction2 = Math.sqrt(1 - this.#accBeta2);
    const rates = {
      beta1,
      beta2,
      epsilon: epsilon * correction2,
      rate: this.learningRate * correction2 / (1 - this.#accBeta1),
    };
    for (const [index, variable] of this.#variables.entries()) {
      const factor = factors[index]!;
      const rate = rates.rate * factor;
      const keep = 1 - this.learningRate * factor * weightDecay;
      this.#moments.step(index, variable, gradients[index]!, { ...rates, rate, keep });
    }
  }

  /**
   * A step with gradients scaled down, all alike, to a norm of at most `maxNorm`.
   *
   * @returns The norm before, a scalar that is the caller's to dispose, as are the gradients.
   */
  boundedStep(gradients: readonly Tensor[], maxNorm: number): Tensor {
    const { tf } = this.#tensors;
    return tf.tidy(() => {
      const norm = tf.sqrt(tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient)))));
      const scale = tf.minimum(1, tf.div(maxNorm, tf.add(norm, 1e-6)));
      this.step(gradients.map((gradient) => tf.mul(gradient, scale)));
      return norm;
    });
  }

  /** What {@linkcode load} needs to go on exactly; the variables are saved by their owner. */
  async save(): Promise<AdamState> {
    return {
      steps: this.#steps,
      accBeta1: this.#accBeta1,
      accBeta2: this.#accBeta2,
      ...await this.#moments.save(),
    };
  }

  /**
   * Goes on from a saved state.
   *
   * @throws TandemError E_SHAPE where the state is of other variables.
   */
  load(state: AdamState): void {
    const sizes = this.#variables.map((variable) => variable.size).join();
    for (const moments of [state.first, state.second]) {
      const given = moments.map((values) => values.length).join();
      if (given === sizes) continue;
      throw new TandemError("E_SHAPE", `Adam's state has sizes "${given}" in place of "${sizes}".`);
    }
    this.#steps = state.steps;
    this.#accBeta1 = state.accBeta1;
    this.#accBeta2 = state.accBeta2;
    this.#moments.load(state.first, state.second);
  }

  /** Frees the moments. */
  dispose(): void {
    this.#moments.dispose();
  }
}

interface Rates {
  beta1: number;
  beta2: number;
  epsilon: number;
  rate: number;
  keep: number;
}

/** Moments as plain arrays, for devices whose memory is the processor's. */
class HostMoments {
  readonly #tensors: Tensors;
  #first: Float32Array[];
  #second: Float32Array[];

  constructor(tensors: Tensors, variables: readonly Variable[]) {
    this.#tensors = tensors;
    this.#first = variables.map(({ size }) => new Float32Array(size));
    this.#second = variables.map(({ size }) => new Float32Array(size));
  }

  step(index: number, variable: Variable, gradient: Tensor, rates: Rates): void {
    const { beta1, beta2, epsilon, rate, keep } = rates;
    const [first, second] = [this.#first[index]!, this.#second[index]!];
    const grad = gradient.dataSync<"float32">();
    const weights = variable.dataSync<"float32">().slice();
    for (let i = 0; i < weights.length; i++) {
      const g = grad[i]!;
      const m = first[i] = beta1 * first[i]! + (1 - beta1) * g;
      const v = second[i] = beta2 * second[i]! + (1 - beta2) * g * g;
      weights[i] = keep * weights[i]! - rate * m / (Math.sqrt(v) + epsilon);
    }
    const { tf } = this.#tensors;
    tf.tidy(() => variable.assign(tf.tensor(weights, variable.shape)));
  }

  save(): Promise<Pick<AdamState, "first" | "second">> {
    const copy = (moments: Float32Array[]) => moments.map((values) => values.slice());
    return Promise.resolve({ first: copy(this.#first), second: copy(this.#second) });
  }

  load(first: readonly Float32Array[], second: readonly Float32Array[]): void {
    this.#first = first.map((values) => values.slice());
    this.#second = second.map((values) => values.slice());
  }

  dispose(): void {}
}

/** Moments as tensors, for WebGPU. */
class DeviceMoments {
  readonly #tensors: Tensors;
  readonly #first: Variable[];
  readonly #second: Variable[];

  constructor(tensors: Tensors, variables: readonly Variable[]) {
    const { tf } = this.#tensors = tensors;
    const zeros = ({ shape }: Variable) => tf.tidy(() => tf.variable(tf.zeros(shape), false));
    this.#first = variables.map(zeros);
    this.#second = variables.map(zeros);
  }

  step(index: number, variable: Variable, gradient: Tensor, rates: Rates): void {
    const { beta1, beta2, epsilon, rate, keep } = rates;
    const [first, second] = [this.#first[index]!, this.#second[index]!];
    this.#tensors.tf.tidy(() => {
      first.assign(first.mul(beta1).add(gradient.mul(1 - beta1)));
      second.assign(second.mul(beta2).add(gradient.square().mul(1 - beta2)));
      const move = first.mul(rate).div(second.sqrt().add(epsilon));
      variable.assign((keep === 1 ? variable : variable.mul(keep)).sub(move));
    });
  }

  async save(): Promise<Pick<AdamState, "first" | "second">> {
    const read = (moments: Variable[]) =>
      Promise.all(moments.map(async (tensor) => (await tensor.data<"float32">()).slice()));
    const [first, second] = await Promise.all([read(this.#first), read(this.#second)]);
    return { first, second };
  }

  load(first: readonly Float32Array[], second: readonly Float32Array[]): void {
    const { tf } = this.#tensors;
    const assign = (moments: Variable[], values: readonly Float32Array[]) => {
      for (const [i, moment] of moments.entries()) {
        tf.tidy(() => moment.assign(tf.tensor(values[i]!, moment.shape)));
      }
    };
    assign(this.#first, first);
    assign(this.#second, second);
  }

  dispose(): void {
    for (const moment of [...this.#first, ...this.#second]) moment.dispose();
  }
}
