/** What Tandem needs to know of a model besides its graphs, read from config.json and its like. */
import { join } from "node:path";
import { TandemError } from "../../core/errors.ts";
import { readJsonObject, readOptionalJsonObject } from "./files.ts";

/** A model's facts. Sizes that the graphs tell are read there, not here. */
export interface ModelConfig {
  /** "t5", "gpt2", "llama", ... */
  readonly type: string;
  readonly encoderDecoder: boolean;
  readonly vocabSize: number;
  /** Ids that end a generated text. */
  readonly endIds: readonly number[];
  readonly padId: number;
  /** The id that a decoder of an encoder-decoder model starts from. */
  readonly startId: number;
  /** Longest sequence that the model can take, where it has a limit. */
  readonly maxLength?: number;
  /** Key and value heads and their width, for caches whose graph leaves them open. */
  readonly cacheHeads?: number;
  readonly headWidth?: number;
}

/** Reads config.json and generation_config.json. @throws TandemError E_MODEL where they do not fit. */
export async function readModelConfig(dir: string): Promise<ModelConfig> {
  const file = join(dir, "config.json");
  const outer = await readJsonObject(file, "E_MODEL");
  const generation = await readOptionalJsonObject(join(dir, "generation_config.json"), "E_MODEL");
  const nested = outer.text_config;
  const config = typeof nested === "object" && nested !== null ? { ...outer, ...nested } : outer;
  const first = (...keys: string[]) => integerAt(config, file, ...keys);
  const vocabSize = first("vocab_size");
  if (vocabSize === undefined) {
    throw new TandemError("E_MODEL", `The file "${file}" does not say vocab_size.`);
  }
  const encoderDecoder = config.is_encoder_decoder === true;
  const endIds = ids(generation.eos_token_id ?? config.eos_token_id);
  const heads = first("num_attention_heads", "num_heads", "n_head");
  const width = first("hidden_size", "d_model", "n_embd");
  const padId = ids(generation.pad_token_id ?? config.pad_token_id)[0] ?? endIds[0] ?? 0;
  return {
    type: typeof config.model_type === "string" ? config.model_type : "unknown",
    encoderDecoder,
    vocabSize,
    endIds,
    padId,
    startId: ids(generation.decoder_start_token_id ?? config.decoder_start_token_id)[0] ?? padId,
    // T5's relative positions have no end, so its n_positions is no limit.
    maxLength: config.model_type === "t5"
      ? undefined
      : first("max_position_embeddings", "n_positions", "n_ctx"),
    cacheHeads: first("num_key_value_heads") ?? heads,
    headWidth: first("head_dim", "d_kv") ?? (heads && width ? width / heads : undefined),
  };
}

function integerAt(
  config: Record<string, unknown>,
  file: string,
  ...keys: string[]
): number | undefined {
  for (const key of keys) {
    const value = config[key];
    if (value === undefined || value === null) continue;
    if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
    throw new TandemError(
      "E_MODEL",
      `The file "${file}" says ${key} is "${value}"; a positive whole number is needed.`,
    );
  }
  return undefined;
}

/** Token ids stand in configs as a number, a list or null. */
function ids(value: unknown): number[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((id): id is number => Number.isSafeInteger(id) && id >= 0);
}
