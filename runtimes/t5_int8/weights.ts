/** The weights of a T5, packed for the kernels. */
import { TandemError } from "@tandem/core";
import type { T5Config } from "../t5/config.ts";
import type { Parameter } from "../t5/parameters.ts";
import { type Linear, packLinear } from "./linear.ts";
import type { T5Memory } from "./memory.ts";

/** A block's weights. */
export interface Block {
  readonly norms: readonly number[];
  readonly attention: Linear;
  readonly attentionOut: Linear;
  readonly crossQuery?: Linear;
  readonly crossOut?: Linear;
  readonly inner: Linear;
  readonly outer: Linear;
}

/** Everything that the model computes with. */
export interface T5Weights {
  readonly embedding: Float32Array;
  readonly encoder: readonly Block[];
  readonly decoder: readonly Block[];
  /** Keys and values of all cross-attentions, which see the same rows. */
  readonly cross: Linear;
  readonly head: Linear;
  readonly finalNorms: { readonly encoder: number; readonly decoder: number };
  /** [buckets, heads] of self-attention's bias. */
  readonly relative: { readonly encoder: Float32Array; readonly decoder: Float32Array };
}

/** Packs the weights of a T5. */
export function packT5(
  config: T5Config,
  memory: T5Memory,
  parameters: ReadonlyMap<string, Parameter>,
): T5Weights {
  const { dModel, dFf, heads, dKv } = config;
  const inner = heads * dKv;
  const values = (name: string) => parameters.get(name)!.values;
  const linear = (k: number, ...names: string[]) =>
    packLinear(memory, names.map((name) => values(`${name}.weight`)), k);
  const norm = (name: string) => memory.copy(values(`${name}.weight`));
  const block = (at: string, side: "encoder" | "decoder"): Block => {
    const decoder = side === "decoder";
    const last = decoder ? 2 : 1;
    const self = `${at}.0.SelfAttention`, cross = `${at}.1.EncDecAttention`;
    const forward = `${at}.${last}.DenseReluDense`;
    const first = config.feedForward === "relu" ? ["wi"] : ["wi_0", "wi_1"];
    return {
      norms: Array.from({ length: last + 1 }, (_, i) => norm(`${at}.${i}.layer_norm`)),
      attention: linear(dModel, `${self}.q`, `${self}.k`, `${self}.v`),
      attentionOut: linear(inner, `${self}.o`),
      ...(decoder
        ? { crossQuery: linear(dModel, `${cross}.q`), crossOut: linear(inner, `${cross}.o`) }
        : {}),
      inner: linear(dModel, ...first.map((name) => `${forward}.${name}`)),
      outer: linear(dFf, `${forward}.wo`),
    };
  };
  const blocks = (side: "encoder" | "decoder", count: number) =>
    Array.from({ length: count }, (_, i) => block(`${side}.block.${i}.layer`, side));
  const bias = (side: string) =>
    values(`${side}.block.0.layer.0.SelfAttention.relative_attention_bias.weight`);
  const crossNames = Array.from(
    { length: config.decoderLayers },
    (_, i) => ["k", "v"].map((part) => `decoder.block.${i}.layer.1.EncDecAttention.${part}`),
  ).flat();
  return {
    embedding: values("shared.weight"),
    encoder: blocks("encoder", config.encoderLayers),
    decoder: blocks("decoder", config.decoderLayers),
    cross: linear(dModel, ...crossNames),
    head: linear(dModel, config.tied ? "shared" : "lm_head"),
    finalNorms: {
      encoder: norm("encoder.final_layer_norm"),
      decoder: norm("decoder.final_layer_norm"),
    },
    relative: { encoder: bias("encoder"), decoder: bias("decoder") },
  };
}

/** @throws TandemError E_MODEL where a width does not fit the kernels. */
export function checkShape(config: T5Config): void {
  const { dModel, dFf, dKv, encoderLayers, decoderLayers } = config;
  for (const [name, width] of Object.entries({ d_model: dModel, d_ff: dFf, d_kv: dKv })) {
    if (width > 0 && width % 8 === 0) continue;
    throw new TandemError(
      "E_MODEL",
      `The runtime "fused" needs widths that are multiples of 8, and ${name} is "${width}"; use the runtime "web".`,
    );
  }
  if (encoderLayers > 0 && decoderLayers > 0) return;
  throw new TandemError(
    "E_MODEL",
    `The T5 has ${encoderLayers} layers of encoder and ${decoderLayers} of decoder; one of each is needed.`,
  );
}

/** @throws TandemError E_MODEL where a weight is no number. */
export function checkWeights(parameters: ReadonlyMap<string, Parameter>): void {
  for (const [name, { values }] of parameters) {
    const odd = values.find((value) => !Number.isFinite(value));
    if (odd === undefined) continue;
    throw new TandemError("E_MODEL", `The weights "${name}" hold "${odd}"; numbers are needed.`);
  }
}
