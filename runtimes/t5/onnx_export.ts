/**
 * Writes a T5 as ONNX, with the inputs and outputs of Optimum's exports: encoder_model.onnx,
 * decoder_model.onnx (no cache in) and decoder_model_merged.onnx (starts a sequence or, with
 * use_cache_branch, continues one by any number of tokens).
 */

import { builtin } from "@tandem/core/internal";
import { inFolder } from "../files/location.ts";
import { GraphBuilder, type Value } from "../onnx/graph.ts";
import { type KeysAndValues, T5Layers } from "./onnx_layers.ts";
import type { T5Config } from "./config.ts";
import type { Parameter } from "./parameters.ts";

/** The files that can be written. */
export type T5Graph = "encoder_model" | "decoder_model" | "decoder_model_merged";

type Parameters = ReadonlyMap<string, Parameter>;

/**
 * Writes graphs into the folder's onnx/.
 *
 * @param dir The model's folder, as runtimes/t5/folder.ts writes it.
 */
export async function writeT5Onnx(
  dir: string,
  config: T5Config,
  parameters: Parameters,
  graphs: readonly T5Graph[] = ["encoder_model", "decoder_model_merged"],
): Promise<void> {
  const { mkdir, writeFile } = builtin("node:fs").promises;
  await mkdir(inFolder(dir, "onnx"), { recursive: true });
  for (const name of graphs) {
    await writeFile(inFolder(dir, `onnx/${name}.onnx`), t5Graph(name, config, parameters));
  }
}

/**
 * The bytes of one graph.
 *
 * @throws TandemError E_SHAPE where a parameter is missing.
 */
export function t5Graph(name: T5Graph, config: T5Config, parameters: Parameters): Uint8Array {
  const graph = new GraphBuilder(name);
  const writer = new T5Writer(graph, config, parameters);
  if (name === "encoder_model") writer.encoder();
  else writer.decoder(name === "decoder_model_merged");
  return graph.toBytes();
}

/** Writes an encoder or a decoder: its inputs, its blocks and its outputs. */
class T5Writer {
  readonly #graph: GraphBuilder;
  readonly #config: T5Config;
  readonly #layers: T5Layers;

  constructor(graph: GraphBuilder, config: T5Config, parameters: Parameters) {
    this.#graph = graph;
    this.#config = config;
    this.#layers = new T5Layers(graph, config, parameters);
  }

  encoder(): void {
    const layers = this.#layers;
    const shape = ["batch_size", "encoder_sequence_length"];
    const ids = this.#graph.input("input_ids", "int64", shape);
    const mask = this.#graph.input("attention_mask", "int64", shape);
    const positions = layers.range(this.#graph.integers(0), layers.length(ids, 1));
    const bias = layers.add(
      layers.positionBias("encoder", layers.distances(positions, positions)),
      layers.paddingMask(mask),
    );
    let x = layers.embed(ids);
    for (let block = 0; block < this.#config.encoderLayers; block++) {
      const at = `encoder.block.${block}.layer`;
      const normed = layers.norm(x, `${at}.0.layer_norm.weight`);
      const keys = layers.keysAndValues(this.#graph, normed, `${at}.0.SelfAttention`);
      x = layers.add(x, layers.attend(normed, keys, bias, `${at}.0.SelfAttention`));
      x = layers.add(x, layers.feedForward(layers.norm(x, `${at}.1.layer_norm.weight`), at, 1));
    }
    x = layers.norm(x, "encoder.final_layer_norm.weight");
    this.#graph.output("last_hidden_state", x, "float32", [...shape, this.#config.dModel]);
  }

  decoder(merged: boolean): void {
    const layers = this.#layers;
    const { dModel, vocabSize, decoderLayers } = this.#config;
    const encoder = ["batch_size", "encoder_sequence_length"];
    const shape = ["batch_size", "decoder_sequence_length"];
    const mask = this.#graph.input("encoder_attention_mask", "int64", encoder);
    const ids = this.#graph.input("input_ids", "int64", shape);
    const states = this.#graph.input("encoder_hidden_states", "float32", [...encoder, dModel]);
    const past = merged ? this.#pastInputs() : undefined;
    const cross = this.#crossKeysAndValues(states, past);
    const causal = layers.causalBias(ids, past?.self[0]?.key);
    const padding = layers.paddingMask(mask);
    let x = layers.embed(ids);
    for (let block = 0; block < decoderLayers; block++) {
      x = this.#decoderBlock(x, block, past?.self[block], cross[block]!, causal, padding);
    }
    x = layers.norm(x, "decoder.final_layer_norm.weight");
    this.#graph.output("logits", layers.head(x), "float32", [...shape, vocabSize]);
    this.#graph.output("decoder_hidden_states", x, "float32", [...shape, dModel]);
  }

  #decoderBlock(
    x: Value,
    block: number,
    past: KeysAndValues | undefined,
    cross: KeysAndValues,
    causal: Value,
    padding: Value,
  ): Value {
    const layers = this.#layers;
    const at = `decoder.block.${block}.layer`;
    let normed = layers.norm(x, `${at}.0.layer_norm.weight`);
    const now = layers.keysAndValues(this.#graph, normed, `${at}.0.SelfAttention`);
    const self = this.#extend(past, now);
    x = layers.add(x, layers.attend(normed, self, causal, `${at}.0.SelfAttention`));
    normed = layers.norm(x, `${at}.1.layer_norm.weight`);
    x = layers.add(x, layers.attend(normed, cross, padding, `${at}.1.EncDecAttention`));
    this.#present(block, self, cross);
    return layers.add(x, layers.feedForward(layers.norm(x, `${at}.2.layer_norm.weight`), at, 2));
  }

  /** The cache's inputs, the self-attention's and the cross-attention's keys and values by block. */
  #pastInputs(): { self: KeysAndValues[]; cross: KeysAndValues[]; use: Value } {
    const past = { self: [] as KeysAndValues[], cross: [] as KeysAndValues[] };
    for (let block = 0; block < this.#config.decoderLayers; block++) {
      for (const [side, list] of [["decoder", past.self], ["encoder", past.cross]] as const) {
        const length = side === "decoder" ? "past_decoder_sequence_length" : "past_encoder_length";
        const input = (part: string) =>
          this.#graph.input(
            `past_key_values.${block}.${side}.${part}`,
            "float32",
            this.#cacheDims(length),
          );
        list.push({ key: input("key"), value: input("value") });
      }
    }
    return { ...past, use: this.#graph.input("use_cache_branch", "bool", [1]) };
  }

  #present(block: number, self: KeysAndValues, cross: KeysAndValues): void {
    for (const [side, { key, value }] of [["decoder", self], ["encoder", cross]] as const) {
      const dims = this.#cacheDims(
        side === "decoder" ? "total_decoder_sequence_length" : "encoder_sequence_length",
      );
      this.#graph.output(`present.${block}.${side}.key`, key, "float32", dims);
      this.#graph.output(`present.${block}.${side}.value`, value, "float32", dims);
    }
  }

  #cacheDims(length: string): (number | string)[] {
    return ["batch_size", this.#config.heads, length, this.#config.dKv];
  }

  /** Of every block: computed from the encoder's states once a prompt, then taken from the cache. */
  #crossKeysAndValues(
    states: Value,
    past: { cross: KeysAndValues[]; use: Value } | undefined,
  ): KeysAndValues[] {
    const blocks = Array.from(
      { length: this.#config.decoderLayers },
      (_, block) => `decoder.block.${block}.layer.1.EncDecAttention`,
    );
    if (!past) return blocks.map((name) => this.#layers.keysAndValues(this.#graph, states, name));
    const branch = (name: string, fill: (graph: GraphBuilder) => KeysAndValues[]) => {
      const graph = new GraphBuilder(name, this.#graph);
      for (const { key, value } of fill(graph)) {
        for (const part of [key, value]) {
          const dims = this.#cacheDims("encoder_sequence_length");
          graph.output(graph.fresh("cross"), part, "float32", dims);
        }
      }
      return graph;
    };
    const outputs = blocks.flatMap(() => [this.#graph.fresh("cross"), this.#graph.fresh("cross")]);
    this.#graph.add("If", [past.use], {
      then_branch: branch("continue", () => past.cross),
      else_branch: branch(
        "start",
        (graph) => blocks.map((name) => this.#layers.keysAndValues(graph, states, name)),
      ),
    }, outputs);
    return blocks.map((_, i) => ({ key: outputs[2 * i]!, value: outputs[2 * i + 1]! }));
  }

  #extend(past: KeysAndValues | undefined, now: KeysAndValues): KeysAndValues {
    if (!past) return now;
    return {
      key: this.#graph.add("Concat", [past.key, now.key], { axis: 2 }),
      value: this.#graph.add("Concat", [past.value, now.value], { axis: 2 }),
    };
  }
}
