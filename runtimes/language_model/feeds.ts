/** What a decoder's graph is fed, input by input, as its names ask. */
import { TandemError } from "@tandem/core";
import type { OnnxSession, OnnxSpec, OnnxTensor } from "../onnx/onnx.ts";
import { TREE } from "../onnx/tree.ts";
import type { ModelConfig } from "../model_folder/config.ts";
import { cacheKind } from "./cache_names.ts";
import { emptyPast, emptyState, integers, type Past } from "./tensors.ts";

/** What the encoder made of a batch of prompts: hidden states [rows, S, width] and mask [rows, S]. */
export interface EncoderStates {
  readonly hidden: OnnxTensor;
  readonly mask: OnnxTensor;
}

/** One run of a decoder's graph over T new tokens a row, behind a cache of length P (or 0). */
export interface Call {
  /** [rows][T] ids. */
  readonly tokens: readonly (readonly number[])[];
  /** [rows][P + T] 1 where an id counts. */
  readonly attention: readonly (readonly number[])[];
  /** [rows][T] positions. */
  readonly positions: readonly (readonly number[])[];
  /** [T] and [P + T] places in the chain, as {@linkcode TREE} has them. */
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  /** [T, P + T] what is added to the bias. Default: zeros. */
  readonly mask?: Float32Array;
  readonly past?: Past;
  readonly encoder?: EncoderStates;
  /** [M][3] row, position and token to weigh. */
  readonly picks?: readonly (readonly number[])[];
}

/** Tensors for every input of a graph. @throws TandemError E_MODEL where it has one that is not known. */
export function feedsOf(
  session: OnnxSession,
  config: ModelConfig,
  call: Call,
): Record<string, OnnxTensor> {
  const feeds: Record<string, OnnxTensor> = {};
  for (const [name, spec] of session.inputs) {
    feeds[name] = feed(name, spec, config, call, session.file);
  }
  return feeds;
}

function feed(
  name: string,
  spec: OnnxSpec,
  config: ModelConfig,
  call: Call,
  file: string,
): OnnxTensor {
  const { tokens, encoder, past } = call;
  const kind = cacheKind(name, spec);
  if (kind) {
    const empty = kind === "state" ? emptyState : emptyPast;
    return past?.[name] ?? empty(spec, tokens.length, config, file);
  }
  switch (name) {
    case "input_ids":
    case "decoder_input_ids":
      return integers(spec, tokens);
    case "attention_mask":
    case "decoder_attention_mask":
      return integers(spec, call.attention);
    case "position_ids":
      return integers(spec, call.positions);
    case "cache_position":
      return integers(spec, call.columns.slice(-call.rows.length));
    case "num_logits_to_keep":
    case "logits_to_keep":
      // 0 is all.
      return { ...integers(spec, [0]), dims: [] };
    case "use_cache_branch":
      return { type: "bool", dims: [1], data: Uint8Array.of(past ? 1 : 0) };
    case "encoder_hidden_states":
      if (encoder) return encoder.hidden;
      break;
    case "encoder_attention_mask":
      if (encoder) return encoder.mask;
      break;
    case TREE.rows:
      return integers(spec, call.rows);
    case TREE.columns:
      return integers(spec, call.columns);
    case TREE.mask: {
      const dims = [call.rows.length, call.columns.length];
      return { type: "float32", dims, data: call.mask ?? new Float32Array(dims[0]! * dims[1]!) };
    }
    case TREE.picks:
      return integers(spec, call.picks ?? [[0, 0, 0]]);
  }
  throw new TandemError(
    "E_MODEL",
    `The model "${file}" has an input "${name}" that Tandem does not know.`,
  );
}
