/** Low-rank adaptation of a T5 (Hu et al., 2021): W x + scale B (A x), of which A and B are trained. */

import { TandemError } from "@tandem/core";
import { normal, type RandomSource } from "../weights/initialisers.ts";
import {
  float32Of,
  readSafetensors,
  type StoredTensor,
  storeFloat32,
  writeSafetensors,
} from "../weights/safetensors.ts";
import type { Tensor, Tensors, Variable } from "../tfjs/tfjs.ts";
import type { T5Config } from "./config.ts";
import { type Parameter, parameterPlaces } from "./parameters.ts";

/** Options of {@linkcode Lora}. */
export interface LoraOptions {
  /** Inner width of the adapters; 0 adapts nothing. 8. */
  readonly rank?: number;
  /** The adapters are scaled by alpha / rank; 2 rank. */
  readonly alpha?: number;
  /** Which linear maps are adapted, by the last part of their name; ["q", "v"]. */
  readonly targets?: readonly string[];
}

/** Names in the files of PEFT, which reads and writes the same layout. */
const PREFIX = "base_model.model.";

interface Adapter {
  /** rank x inputs, drawn at random. */
  readonly a: Variable;
  /** outputs x rank, zero at first: a fresh adapter changes nothing. */
  readonly b: Variable;
}

/**
 * Adapters for some of a T5's linear maps. Give it to {@linkcode T5} as `lora`: then the model
 * computes with it, and only the adapters are trained.
 *
 * @example
 * ```ts
 * import { Lora } from "@tandem/runtimes/t5";
 * import { readT5 } from "@tandem/runtimes/t5";
 * import { openTensors } from "@tandem/runtimes/tfjs";
 * import { Pcg64 } from "@tandem/core/kit";
 * import assert from "node:assert/strict";
 * const tensors = await openTensors("cpu");
 * const t5 = await readT5(tensors, "tests/fixtures/language-models/t5-v1_1");
 * t5.lora = new Lora(tensors, t5.config, new Pcg64(0), { rank: 2 });
 * assert.equal(t5.trainable.length, 24); // q and v of 6 attentions, an A and a B each
 * assert.ok((await t5.lora.save()).length < 20_000);
 * t5.dispose();
 * tensors.dispose();
 * ```
 */
export class Lora {
  readonly rank: number;
  readonly scale: number;
  readonly #tensors: Tensors;
  readonly #adapters = new Map<string, Adapter>();

  /**
   * @param random Draws A.
   * @throws TandemError E_OPTION where a target is no linear map of the model.
   */
  constructor(
    tensors: Tensors,
    config: T5Config,
    random: RandomSource,
    { rank = 8, alpha = 2 * rank, targets = ["q", "v"] }: LoraOptions = {},
  ) {
    this.rank = rank;
    this.scale = rank === 0 ? 0 : alpha / rank;
    this.#tensors = tensors;
    const places = [...parameterPlaces(config)].filter(([, { shape }]) => shape.length === 2);
    const adapted = targets.flatMap((target) => {
      const named = places.filter(([name]) => `.${name}`.endsWith(`.${target}.weight`));
      if (named.length > 0) return named;
      throw new TandemError("E_OPTION", `The model has no linear map "${target}" to adapt.`);
    });
    for (const [name, { shape }] of rank === 0 ? [] : adapted) {
      this.#adapters.set(name, this.#adapter(random, shape));
    }
  }

  #adapter(random: RandomSource, [outputs = 0, inputs = 0]: readonly number[]): Adapter {
    const { tf } = this.#tensors;
    const { rank } = this;
    return tf.tidy(() => ({
      a: tf.variable(tf.tensor2d(normal(random, [rank, inputs], inputs ** -0.5), [rank, inputs])),
      b: tf.variable(tf.zeros([outputs, rank])),
    })) as Adapter;
  }

  /** The adapters' parameters by PEFT's names. */
  get variables(): Map<string, Variable> {
    return new Map(
      [...this.#adapters].flatMap(([name, { a, b }]) => [
        [PREFIX + name.replace(/weight$/, "lora_A.weight"), a],
        [PREFIX + name.replace(/weight$/, "lora_B.weight"), b],
      ]),
    );
  }

  /** What the adapter of `name` adds to the map of x, or undefined where there is none. */
  delta(x: Tensor, name: string): Tensor | undefined {
    const adapter = this.#adapters.get(name);
    if (!adapter) return undefined;
    const { tf } = this.#tensors;
    const inner = tf.matMul(x, adapter.a, false, true);
    return tf.mul(tf.matMul(inner, adapter.b, false, true), this.scale);
  }

  /** The adapters as a safetensors file of PEFT's layout: kilobytes. */
  async save(): Promise<Uint8Array> {
    const stored = new Map<string, StoredTensor>();
    for (const [name, variable] of this.variables) {
      stored.set(name, storeFloat32(await variable.data<"float32">(), variable.shape));
    }
    return writeSafetensors(stored, { format: "pt", scale: String(this.scale) });
  }

  /**
   * Takes adapters from a file of {@linkcode save}.
   *
   * @param name Named in errors.
   * @throws TandemError E_MODEL where the file is broken or its adapters have other names or shapes.
   */
  load(file: Uint8Array, name: string): void {
    const { tensors } = readSafetensors(file, name);
    const { variables } = this;
    const shapes = (entries: Iterable<[string, { shape: readonly number[] }]>) =>
      [...entries].map(([key, { shape }]) => `${key} [${shape}]`).sort().join();
    if (shapes(tensors) !== shapes(variables)) {
      throw new TandemError("E_MODEL", `The adapters in "${name}" do not fit this model.`);
    }
    const { tf } = this.#tensors;
    for (const [key, variable] of variables) {
      const values = float32Of(tensors.get(key)!);
      tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
    }
  }

  /** W + scale B A for the adapted parameters, the others as they are: the model to be served. */
  async merge(parameters: ReadonlyMap<string, Parameter>): Promise<Map<string, Parameter>> {
    const { tf } = this.#tensors;
    const merged = new Map(parameters);
    for (const [name, { a, b }] of this.#adapters) {
      const product = tf.tidy(() => tf.mul(tf.matMul(b, a), this.scale));
      const delta = await product.data<"float32">();
      product.dispose();
      const { shape, values } = parameters.get(name)!;
      merged.set(name, { shape, values: values.map((value, i) => value + delta[i]!) });
    }
    return merged;
  }

  /** Frees the adapters. */
  dispose(): void {
    for (const { a, b } of this.#adapters.values()) this.#tensors.tf.dispose([a, b]);
  }
}
