/** What Tandem needs to know of a model besides its graphs, read from config.json and its like. */
import { TandemError } from "@tandem/core";
import { outsideText } from "@tandem/core/internal";
import { inFolder } from "../files/location.ts";
import { checkSizes, idsIn, refused, sizeIn } from "./bounds.ts";
import { readJsonObject, readOptionalJsonObject } from "./files.ts";
import { type GenerationRules, readRules } from "./rules.ts";

/** What a model is. */
export interface ModelKind {
  /** "t5", "gpt2", "llama", ... */
  readonly type: string;
  /** Whether it has an encoder. */
  readonly encoderDecoder: boolean;
}

/** A model's facts. Sizes that the graphs tell are read there, not here. */
export interface ModelConfig extends ModelKind {
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
  /** What the model's makers ask of every text that it writes. */
  readonly rules: GenerationRules;
}

/**
 * Reads config.json and generation_config.json.
 *
 * @throws TandemError E_MODEL where they do not fit, or ask for what Tandem does not do.
 */
export async function readModelConfig(dir: string): Promise<ModelConfig> {
  const file = inFolder(dir, "config.json");
  const generationFile = inFolder(dir, "generation_config.json");
  const outer = await readJsonObject(file, "E_MODEL");
  const generation = await readOptionalJsonObject(generationFile, "E_MODEL");
  const nested = outer["text_config"];
  const config: Record<string, unknown> = typeof nested === "object" && nested !== null
    ? { ...outer, ...nested }
    : outer;
  checkSizes(config, file);
  const first = (...keys: string[]) => sizeIn(config, file, ...keys);
  const vocabSize = first("vocab_size");
  if (vocabSize === undefined) {
    throw new TandemError("E_MODEL", `The file "${file}" does not say vocab_size.`);
  }
  const encoderDecoder = config["is_encoder_decoder"] === true;
  const ids = (key: string) =>
    generation[key] !== undefined && generation[key] !== null
      ? idsIn(generation, generationFile, key)
      : idsIn(config, file, key);
  // Ids beyond the vocabulary, which some models name, never come.
  const known = (key: string) => ids(key).filter((id) => id < vocabSize);
  const endIds = known("eos_token_id");
  const heads = first("num_attention_heads", "num_heads", "n_head");
  const width = first("hidden_size", "d_model", "n_embd");
  const padId = known("pad_token_id")[0] ?? endIds[0] ?? 0;
  const type = config["model_type"];
  return {
    type: typeof type === "string" ? outsideText(type, { max: 60 }) : "unknown",
    encoderDecoder,
    vocabSize,
    endIds,
    padId,
    startId: startOf(ids("decoder_start_token_id")[0] ?? padId, vocabSize, file),
    // T5's relative positions have no end, so its n_positions is no limit.
    maxLength: type === "t5" ? undefined : first("max_position_embeddings", "n_positions", "n_ctx"),
    cacheHeads: first("num_key_value_heads") ?? heads,
    headWidth: first("head_dim", "d_kv") ?? (heads && width ? width / heads : undefined),
    rules: Object.keys(generation).length > 0
      ? readRules(generation, generationFile, vocabSize)
      : readRules(config, file, vocabSize),
  };
}

function startOf(id: number, vocabSize: number, file: string): number {
  if (id < vocabSize) return id;
  throw refused(file, "decoder_start_token_id", id, `ids are below ${vocabSize}`);
}
