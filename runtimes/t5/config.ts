import { TandemError } from "@tandem/core";
import { outsideText } from "@tandem/core/internal";
import { inFolder } from "../files/location.ts";
import { idsIn, sizeIn } from "../model_folder/bounds.ts";
import { readJsonObject } from "../model_folder/files.ts";

/** The shape of a T5, as its config.json says. */
export interface T5Config {
  /** Number of tokens. */
  readonly vocabSize: number;
  /** Width of the residual stream. */
  readonly dModel: number;
  /** Width of one attention head; heads x dKv need not be dModel. */
  readonly dKv: number;
  /** Attention heads of a layer. */
  readonly heads: number;
  /** Width of the feed-forward layers. */
  readonly dFf: number;
  /** Layers of the encoder. */
  readonly encoderLayers: number;
  /** Layers of the decoder. */
  readonly decoderLayers: number;
  /** Relative positions are told apart in so many buckets, up to so far. */
  readonly buckets: number;
  /** Distance from which on all positions are alike. */
  readonly maxDistance: number;
  /** What keeps the normalisation from dividing by 0. */
  readonly epsilon: number;
  /** "gated-gelu" as in v1.1 and flan, "relu" as in the first T5. */
  readonly feedForward: "gated-gelu" | "relu";
  /** Whether the head is the embedding, its input scaled by dModel^-0.5. */
  readonly tied: boolean;
  /** Whether a head that the file lacks is the embedding all the same, its input as it is. */
  readonly headMayBeEmbedding?: boolean;
  /** The token that fills up. */
  readonly padId: number;
  /** The token that ends. */
  readonly eosId: number;
  /** The decoder's first token. */
  readonly startId: number;
}

/** T5's names for what is a count in the configuration. */
const COUNTS = {
  vocabSize: "vocab_size",
  dModel: "d_model",
  dKv: "d_kv",
  heads: "num_heads",
  dFf: "d_ff",
  encoderLayers: "num_layers",
  buckets: "relative_attention_num_buckets",
} as const;

/**
 * Reads the config.json of a T5's folder.
 *
 * @throws TandemError E_MODEL where it is missing, malformed or of another model.
 */
export async function readT5Config(dir: string): Promise<T5Config> {
  const file = inFolder(dir, "config.json");
  return parseT5Config(await readJsonObject(file, "E_MODEL"), file);
}

/** Checks what {@linkcode readT5Config} has read; `file` is named in errors. */
export function parseT5Config(json: Record<string, unknown>, file: string): T5Config {
  const refuse = (key: string, right: string) =>
    new TandemError(
      "E_MODEL",
      `"${file}" has "${key}": ${
        outsideText(JSON.stringify(json[key]) ?? "undefined", { max: 60 })
      }; ${right}.`,
    );
  const count = (key: string, otherwise?: number) => {
    const value = sizeIn(json, file, key) ?? otherwise;
    if (value !== undefined) return value;
    throw refuse(key, "a whole number is needed");
  };
  if (json["model_type"] !== "t5") throw refuse("model_type", '"t5" is needed');
  const feedForward = json["feed_forward_proj"] ?? "relu";
  if (feedForward !== "gated-gelu" && feedForward !== "relu") {
    throw refuse("feed_forward_proj", '"gated-gelu" or "relu" is needed');
  }
  const counts = Object.fromEntries(
    Object.entries(COUNTS).map(([name, key]) => [name, count(key)]),
  ) as Record<keyof typeof COUNTS, number>;
  if (counts.buckets < 4) throw refuse("relative_attention_num_buckets", "4 at least are needed");
  const maxDistance = count("relative_attention_max_distance", 128);
  if (maxDistance <= counts.buckets / 2) {
    throw refuse("relative_attention_max_distance", "more than half of the buckets is needed");
  }
  const id = (key: string, otherwise: number) => {
    const value = idsIn(json, file, key)[0] ?? otherwise;
    if (value < counts.vocabSize) return value;
    throw refuse(key, `ids are below ${counts.vocabSize}`);
  };
  const config = {
    ...counts,
    decoderLayers: count("num_decoder_layers", counts.encoderLayers),
    maxDistance,
    epsilon: epsilonOf(json["layer_norm_epsilon"] ?? 1e-6, refuse),
    feedForward,
    ...headOf(json),
    padId: id("pad_token_id", 0),
    eosId: id("eos_token_id", 1),
    startId: id("decoder_start_token_id", 0),
  } as const;
  checkMemory(config, file);
  return config;
}

function epsilonOf(value: unknown, refuse: (key: string, right: string) => TandemError): number {
  if (typeof value === "number" && value >= 0 && value < 1) return value;
  throw refuse("layer_norm_epsilon", "a number from 0 on and below 1 is needed");
}

/** Most bytes of 32-bit weights: 16 GiB. */
const MOST_BYTES = 2 ** 34;

/** Sizes that are possible each may be too much together: nothing is allocated before this is known. */
function checkMemory(config: T5Config, file: string): void {
  const { vocabSize, dModel, dKv, heads, dFf, encoderLayers, decoderLayers } = config;
  const attention = 4 * dModel * heads * dKv;
  const forward = (config.feedForward === "gated-gelu" ? 3 : 2) * dModel * dFf;
  const weights = vocabSize * dModel * (config.tied ? 1 : 2) +
    encoderLayers * (attention + forward) + decoderLayers * (2 * attention + forward);
  if (4 * weights <= MOST_BYTES) return;
  throw new TandemError(
    "E_MODEL",
    `"${file}" describes a T5 of ${weights} weights, which take ${
      4 * weights
    } bytes; at most ${MOST_BYTES} can be held.`,
  );
}

/**
 * transformers says by tie_word_embeddings whether the head is the embedding, and from version 5 on,
 * where that is always true, by scale_decoder_outputs; a head of its own is in the file or not.
 */
function headOf(json: Record<string, unknown>): Pick<T5Config, "tied" | "headMayBeEmbedding"> {
  const scaled = json["scale_decoder_outputs"];
  const shared = json["tie_word_embeddings"] !== false;
  if (typeof scaled !== "boolean") return { tied: shared };
  return { tied: scaled, headMayBeEmbedding: shared };
}

/** The config.json that other libraries read back as this T5. */
export function t5ConfigJson(config: T5Config): Record<string, unknown> {
  const gated = config.feedForward === "gated-gelu";
  return {
    architectures: ["T5ForConditionalGeneration"],
    model_type: "t5",
    is_encoder_decoder: true,
    ...Object.fromEntries(
      (Object.keys(COUNTS) as (keyof typeof COUNTS)[]).map((name) => [COUNTS[name], config[name]]),
    ),
    num_decoder_layers: config.decoderLayers,
    relative_attention_max_distance: config.maxDistance,
    layer_norm_epsilon: config.epsilon,
    feed_forward_proj: config.feedForward,
    dense_act_fn: gated ? "gelu_new" : "relu",
    is_gated_act: gated,
    tie_word_embeddings: config.tied,
    pad_token_id: config.padId,
    eos_token_id: config.eosId,
    decoder_start_token_id: config.startId,
    dropout_rate: 0,
    initializer_factor: 1,
    use_cache: true,
  };
}
