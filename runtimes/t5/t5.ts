import { TandemError } from "@tandem/core";
import type { Scalar, Tensor, Tensors, Variable } from "../tfjs/tfjs.ts";
import type { T5Config } from "./config.ts";
import type { Lora } from "./lora.ts";
import { decode, encode, type Encoded, head, type T5Weights } from "./forward.ts";
import { type Parameter, parameterPlaces } from "./parameters.ts";
import { padTokens, shiftRight, type TokenBatch } from "./tokens.ts";

/** A prompt and the text that should follow it, as token ids; the end token is part of the label. */
export interface Example {
  readonly prompt: readonly number[];
  readonly label: readonly number[];
}

/**
 * A T5 whose parameters are variables of TensorFlow.js: it computes logits and losses, and
 * {@linkcode lossAndGradients} of runtimes/tfjs/tfjs.ts their gradients.
 *
 * @example
 * ```ts
 * import { T5 } from "@tandem/runtimes/t5";
 * import { readT5 } from "@tandem/runtimes/t5";
 * import { openTensors } from "@tandem/runtimes/tfjs";
 * import assert from "node:assert/strict";
 * const tensors = await openTensors("cpu");
 * const t5: T5 = await readT5(tensors, "tests/fixtures/language-models/t5-v1_1");
 * const loss = t5.loss([{ prompt: [104, 17, 1], label: [5, 1] }]);
 * assert.ok((await loss.data())[0]! > 0);
 * t5.dispose();
 * tensors.dispose();
 * ```
 */
export class T5 implements T5Weights {
  readonly tensors: Tensors;
  readonly config: T5Config;
  /** Adapters to compute with; then they alone are trainable. Freed with the model. */
  lora: Lora | undefined;
  readonly #variables: ReadonlyMap<string, Variable>;

  /** @throws TandemError E_SHAPE where a parameter is missing or of another shape. */
  constructor(tensors: Tensors, config: T5Config, parameters: ReadonlyMap<string, Parameter>) {
    this.tensors = tensors;
    this.config = config;
    const variables = new Map<string, Variable>();
    for (const [name, { shape }] of parameterPlaces(config)) {
      const parameter = parameters.get(name);
      if (parameter?.shape.join() !== shape.join()) {
        throw new TandemError("E_SHAPE", `T5 needs a parameter "${name}" of shape [${shape}].`);
      }
      const { tf } = tensors;
      variables.set(name, tf.tidy(() => tf.variable(tf.tensor(parameter.values, [...shape]))));
    }
    this.#variables = variables;
  }

  get tf(): Tensors["tf"] {
    return this.tensors.tf;
  }

  /** The parameters by their Hugging Face names, in the order of the model. */
  get variables(): ReadonlyMap<string, Variable> {
    return this.#variables;
  }

  /** What training changes: all parameters, or the adapters' alone. */
  get trainable(): Variable[] {
    return [...(this.lora ?? this).variables.values()];
  }

  weight = (name: string): Tensor => this.#variables.get(name)!;

  linear = (x: Tensor, name: string): Tensor => {
    const mapped = this.tf.matMul(x, this.weight(name), false, true);
    const delta = this.lora?.delta(x, name);
    return delta ? this.tf.add(mapped, delta) : mapped;
  };

  /** Runs the encoder over prompts; the caller disposes the states. */
  encode(prompts: TokenBatch): Encoded {
    return { states: this.tf.tidy(() => encode(this, prompts).states), batch: prompts };
  }

  /** The logits of every decoder position, B T x vocabulary. */
  logits(encoded: Encoded, decoderInput: TokenBatch): Tensor {
    return this.tf.tidy(() => head(this, decode(this, encoded, decoderInput)));
  }

  /**
   * The log-probability of every label token given its prompt and the label before it, B x T; 0 at
   * padding.
   */
  labelLogProbs(examples: readonly Example[]): Tensor {
    const { tf, config } = this;
    const prompts = padTokens(examples.map(({ prompt }) => prompt), config.padId);
    const labels = padTokens(examples.map(({ label }) => label), config.padId);
    return tf.tidy(() => {
      const input = shiftRight(labels, config.startId);
      const logits = head(this, decode(this, encode(this, prompts), input));
      const chosen = tf.oneHot(tf.tensor1d(labels.ids, "int32"), config.vocabSize);
      const logProbs = tf.sum(tf.mul(tf.logSoftmax(logits), chosen), -1);
      const mask = tf.tensor1d(Float32Array.from(labels.mask));
      return tf.reshape(tf.mul(logProbs, mask), [labels.rows, labels.columns]);
    });
  }

  /** The mean cross-entropy of the labels' tokens, end tokens included. */
  loss(examples: readonly Example[]): Scalar {
    const tokens = examples.reduce((sum, { label }) => sum + label.length, 0);
    return this.tf.tidy(() => this.labelLogProbs(examples).sum().mul<Scalar>(-1 / tokens));
  }

  /** The parameters' values now, with the adapters merged in. */
  async parameters(): Promise<Map<string, Parameter>> {
    const entries = [...this.#variables].map(async ([name, variable]) =>
      [name, { shape: variable.shape, values: (await variable.data<"float32">()).slice() }] as const
    );
    const parameters = new Map(await Promise.all(entries));
    return this.lora ? await this.lora.merge(parameters) : parameters;
  }

  /** Frees the parameters. */
  dispose(): void {
    this.lora?.dispose();
    this.tf.dispose([...this.#variables.values()]);
  }
}
