import { TandemError } from "@tandem/core";
import { normal, type RandomSource } from "../weights/initialisers.ts";
import { float32Of, type StoredTensor } from "../weights/safetensors.ts";
import type { T5Config } from "./config.ts";

/** A parameter's values, row-major. */
export interface Parameter {
  /** Sizes, row-major. */
  readonly shape: readonly number[];
  /** The numbers. */
  readonly values: Float32Array;
}

/** A parameter's place in the model: its shape and the deviation it is drawn with. */
interface Place {
  readonly shape: readonly number[];
  /** Of the normal distribution; undefined for the scale of a norm, which starts at 1. */
  readonly deviation?: number;
}

/**
 * Every parameter by its Hugging Face name, in the order of the model. Matrices are outputs x inputs,
 * as PyTorch keeps them.
 *
 * @example
 * ```ts
 * import { parseT5Config } from "./config.ts";
 * import { parameterPlaces } from "./parameters.ts";
 * import assert from "node:assert/strict";
 * const config = parseT5Config({
 *   model_type: "t5", vocab_size: 10, d_model: 4, d_kv: 3, num_heads: 2, d_ff: 8, num_layers: 1,
 *   relative_attention_num_buckets: 8,
 * }, "config.json");
 * const places = parameterPlaces(config);
 * assert.deepEqual(places.get("encoder.block.0.layer.0.SelfAttention.q.weight")?.shape, [6, 4]);
 * assert.equal(places.has("lm_head.weight"), false); // tied to shared.weight
 * ```
 */
export function parameterPlaces(config: T5Config): Map<string, Place> {
  const { vocabSize, dModel, tied } = config;
  const places = new Map<string, Place>();
  places.set("shared.weight", { shape: [vocabSize, dModel], deviation: 1 });
  placeStack(places, config, "encoder");
  placeStack(places, config, "decoder");
  // An untied head of deviation 1 would start with logits of deviation sqrt(dModel).
  if (!tied) {
    places.set("lm_head.weight", { shape: [vocabSize, dModel], deviation: dModel ** -0.5 });
  }
  return places;
}

/** The blocks of one side and the norm after them. */
function placeStack(places: Map<string, Place>, config: T5Config, side: "encoder" | "decoder") {
  const { dModel } = config;
  const layers = side === "encoder" ? config.encoderLayers : config.decoderLayers;
  for (let block = 0; block < layers; block++) {
    const at = `${side}.block.${block}.layer`;
    placeAttention(places, config, `${at}.0.SelfAttention`, block === 0);
    places.set(`${at}.0.layer_norm.weight`, { shape: [dModel] });
    if (side === "decoder") {
      placeAttention(places, config, `${at}.1.EncDecAttention`, false);
      places.set(`${at}.1.layer_norm.weight`, { shape: [dModel] });
    }
    const last = side === "decoder" ? 2 : 1;
    placeFeedForward(places, config, `${at}.${last}.DenseReluDense`);
    places.set(`${at}.${last}.layer_norm.weight`, { shape: [dModel] });
  }
  places.set(`${side}.final_layer_norm.weight`, { shape: [dModel] });
}

/** Deviations as in T5: the scores are not divided by sqrt(dKv), the queries' weights are. */
function placeAttention(
  places: Map<string, Place>,
  { dModel, dKv, heads, buckets }: T5Config,
  at: string,
  hasBias: boolean,
): void {
  const inner = heads * dKv;
  places.set(`${at}.q.weight`, { shape: [inner, dModel], deviation: (dModel * dKv) ** -0.5 });
  places.set(`${at}.k.weight`, { shape: [inner, dModel], deviation: dModel ** -0.5 });
  places.set(`${at}.v.weight`, { shape: [inner, dModel], deviation: dModel ** -0.5 });
  places.set(`${at}.o.weight`, { shape: [dModel, inner], deviation: inner ** -0.5 });
  if (!hasBias) return;
  const shape = [buckets, heads];
  places.set(`${at}.relative_attention_bias.weight`, { shape, deviation: dModel ** -0.5 });
}

function placeFeedForward(
  places: Map<string, Place>,
  { dModel, dFf, feedForward }: T5Config,
  at: string,
): void {
  const inner = feedForward === "gated-gelu" ? ["wi_0", "wi_1"] : ["wi"];
  for (const name of inner) {
    places.set(`${at}.${name}.weight`, { shape: [dFf, dModel], deviation: dModel ** -0.5 });
  }
  places.set(`${at}.wo.weight`, { shape: [dModel, dFf], deviation: dFf ** -0.5 });
}

/** Fresh parameters, drawn in the order of the model. */
export function initialParameters(config: T5Config, random: RandomSource): Map<string, Parameter> {
  return new Map(
    [...parameterPlaces(config)].map(([name, { shape, deviation }]) => [name, {
      shape,
      values: deviation === undefined
        ? new Float32Array(shape[0]!).fill(1)
        : normal(random, shape, deviation),
    }]),
  );
}

/** Names under which other exports keep the embedding. */
const EMBEDDINGS = [
  "encoder.embed_tokens.weight",
  "decoder.embed_tokens.weight",
  "lm_head.weight",
];

/**
 * Takes a T5's parameters out of a file's tensors; others in the file are passed over.
 *
 * @param file Named in errors.
 * @param passedOver The types of tensors in the file that are not read, by name.
 * @throws TandemError E_MODEL where one is missing or of another shape.
 */
export function takeParameters(
  config: T5Config,
  tensors: ReadonlyMap<string, StoredTensor>,
  file: string,
  passedOver: ReadonlyMap<string, string> = new Map(),
): Map<string, Parameter> {
  const parameters = new Map<string, Parameter>();
  for (const [name, { shape }] of parameterPlaces(config)) {
    const others = name === "shared.weight"
      ? EMBEDDINGS
      : name === "lm_head.weight" && config.headMayBeEmbedding
      ? ["shared.weight"]
      : [];
    const names = [name, ...others];
    const stored = names.map((name) => tensors.get(name)).find((tensor) => tensor);
    if (!stored) {
      const type = passedOver.get(name);
      const why = type ? `has the tensor "${name}" as "${type}", which is not read` : undefined;
      throw new TandemError("E_MODEL", `"${file}" ${why ?? `lacks the tensor "${name}"`}.`);
    }
    if (stored.shape.join() !== shape.join()) {
      throw new TandemError(
        "E_MODEL",
        `"${file}" has "${name}" of shape [${stored.shape}]; config.json asks for [${shape}].`,
      );
    }
    parameters.set(name, { shape, values: float32Of(stored) });
  }
  return parameters;
}
