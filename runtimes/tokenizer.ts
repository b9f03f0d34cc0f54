/** Text to token ids and back, as a model folder's tokenizer.json says. */
import { Tokenizer as HuggingFaceTokenizer } from "@huggingface/tokenizers";
import { join } from "node:path";
import { TandemError } from "../core/errors.ts";
import { readJsonObject, readOptionalJsonObject } from "./language_model/files.ts";

/** A tokenizer. Ids that a model generated are kept as they are; they are never made anew from text. */
export interface Tokenizer {
  /** The ids of a text; `special` adds what the tokenizer's template adds (an end or begin token). */
  encode(text: string, options?: { special?: boolean }): number[];
  /** The text of ids; special tokens are left out unless `special` is set. */
  decode(ids: readonly number[], options?: { special?: boolean }): string;
  /** The token of an id, or undefined. */
  token(id: number): string | undefined;
  /** The id of a token, or undefined. */
  id(token: string): number | undefined;
  /** One more than the largest id. */
  readonly size: number;
  /** The id that stands for text that no token covers, where there is one. */
  readonly unknown?: number;
}

/**
 * Reads tokenizer.json and, where present, tokenizer_config.json of a folder.
 *
 * @throws TandemError E_TOKENIZER where they are missing or malformed.
 */
export async function readTokenizer(dir: string): Promise<Tokenizer> {
  const file = join(dir, "tokenizer.json");
  const definition = await readJsonObject(file, "E_TOKENIZER");
  const config = await readOptionalJsonObject(join(dir, "tokenizer_config.json"), "E_TOKENIZER");
  try {
    return tokenizerOf(
      new HuggingFaceTokenizer(
        { ...definition, decoder: decoderOf(definition.decoder) },
        // The original's default; the library's is true.
        { clean_up_tokenization_spaces: false, ...config },
      ),
    );
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TandemError("E_TOKENIZER", `The file "${file}" is no usable tokenizer (${why}).`, {
      cause,
    });
  }
}

/**
 * The Metaspace decoder of the library always takes a text's first space away; the original keeps
 * it where none was put in front, for which a plain replacement serves.
 */
function decoderOf(decoder: unknown): unknown {
  if (typeof decoder !== "object" || decoder === null) return decoder;
  const { type, prepend_scheme, add_prefix_space, replacement, decoders } = decoder as Record<
    string,
    unknown
  >;
  if (type === "Sequence" && Array.isArray(decoders)) {
    return { ...decoder, decoders: decoders.map(decoderOf) };
  }
  const keepsFirst = prepend_scheme === "never" || add_prefix_space === false;
  if (type !== "Metaspace" || !keepsFirst) return decoder;
  return { type: "Replace", pattern: { String: replacement ?? "▁" }, content: " " };
}

function tokenizerOf(inner: HuggingFaceTokenizer): Tokenizer {
  const vocabulary = inner.get_vocab(true);
  let size = 0;
  for (const id of vocabulary.values()) size = Math.max(size, id + 1);
  if (size === 0) throw new Error("its vocabulary is empty");
  const unknown = (inner.model as { unk_token_id?: number } | null)?.unk_token_id;
  return {
    encode: (text, { special = true } = {}) =>
      inner.encode(text, { add_special_tokens: special }).ids,
    decode: (ids, { special = false } = {}) =>
      ids.length === 0 ? "" : inner.decode([...ids], { skip_special_tokens: !special }),
    token: (id) => inner.id_to_token(id),
    id: (token) => inner.token_to_id(token),
    size,
    unknown,
  };
}
