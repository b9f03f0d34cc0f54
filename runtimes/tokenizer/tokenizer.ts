/** Text to token ids and back, as a model folder's tokenizer.json says. */
import { join } from "node:path";
import { TandemError } from "@tandem/core";
import { outsideReason } from "@tandem/core/internal";
import { readJsonObject, readOptionalJsonObject } from "../model_folder/files.ts";
import { AddedTokens } from "./added.ts";
import { decoderOf, tidy } from "./decode.ts";
import { type AddedTokenPart, addedTokens, parsePart, Unusable } from "./definition.ts";
import { modelOf } from "./model.ts";
import type { TokenModel } from "./token_model.ts";
import { normalizerOf } from "./normalise.ts";
import { cutterOf } from "./split.ts";
import { templateOf } from "./template.ts";

export { isTame } from "./tame.ts";

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
 * Reads tokenizer.json and, where present, tokenizer_config.json of a folder. Ids and texts are those
 * of the Rust library "tokenizers". As in transformers, the file's own truncation and padding do not
 * hold: how long a text may be is the model's matter.
 *
 * @throws TandemError E_TOKENIZER where they are missing, malformed, hold a part that is not known, or
 * a regular expression that could run for ever.
 */
export async function readTokenizer(dir: string): Promise<Tokenizer> {
  const file = join(dir, "tokenizer.json");
  const definition = await readJsonObject(file, "E_TOKENIZER");
  const config = await readOptionalJsonObject(join(dir, "tokenizer_config.json"), "E_TOKENIZER");
  return guarded(file, () => {
    const tokenizer = tokenizerOf(
      definition,
      config["clean_up_tokenization_spaces"] === true,
      file,
    );
    // What is broken shows at once, not in the middle of a run.
    tokenizer.decode(tokenizer.encode("a b"));
    return tokenizer;
  });
}

/** Runs what may fail in many ways where a tokenizer is broken. */
function guarded<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof TandemError) throw cause;
    const why = cause instanceof Unusable
      ? outsideReason(cause).replace(/\.$/, "")
      : "it is malformed or larger than can be worked on";
    throw new TandemError("E_TOKENIZER", `The file "${file}" is no usable tokenizer: ${why}.`, {
      cause,
    });
  }
}

function tokenizerOf(
  definition: Readonly<Record<string, unknown>>,
  tidies: boolean,
  file: string,
): Tokenizer {
  const normalize = normalizerOf(definition["normalizer"]);
  const cut = cutterOf(definition["pre_tokenizer"]);
  const model = modelOf(definition["model"]);
  const wrap = templateOf(definition["post_processor"]);
  const join = decoderOf(definition["decoder"]);
  const added = addedOf(definition["added_tokens"], model);
  const [normalised = [], raw = []] = [true, false].map((normalized) =>
    added.filter((token) => (token.normalized ?? !token.special) === normalized)
  );
  const inRaw = new AddedTokens(raw, (text) => text);
  const inNormalised = new AddedTokens(normalised, normalize);
  const ids = new Map([...model.ids, ...added.map(({ content, id }) => [content, id] as const)]);
  const tokens = new Map([...ids].map(([token, id]) => [id, token]));
  const special = new Set(added.filter(({ special }) => special).map(({ content }) => content));
  const size = sizeOf(ids);
  const encode = (text: string) =>
    // Halves of surrogate pairs are no text; JavaScript alone knows them.
    inRaw.segments(text.toWellFormed(), true).flatMap(({ text, id, first }) => {
      if (id !== undefined) return [id];
      return inNormalised.segments(normalize(text), first).flatMap(({ text, id, first }) => {
        if (id !== undefined) return [id];
        return cut({ text, first }).flatMap((piece) => model.encode(piece.text));
      });
    });
  return {
    encode: (text, { special = true } = {}) =>
      guarded(file, () => {
        const found = encode(text);
        return checkedIds(special ? wrap(found) : found, size);
      }),
    decode: (given, { special: shown = false } = {}) =>
      guarded(file, () => {
        const named = given.map((id) => tokens.get(id)).filter((token) => token !== undefined);
        const text = join(shown ? named : named.filter((token) => !special.has(token)));
        return tidies ? tidy(text) : text;
      }),
    token: (id) => tokens.get(id),
    id: (token) => ids.get(token),
    size,
    unknown: model.unknown,
  };
}

/** A token that the model has as well has the model's id. */
function addedOf(definition: unknown, model: TokenModel): AddedTokenPart[] {
  return parsePart(addedTokens, definition, "added tokens")!
    .map((token) => ({ ...token, id: model.ids.get(token.content) ?? token.id }));
}

/** Larger ids than any model's. */
const MOST_IDS = 2 ** 23;

/** One more than the largest id. @throws Unusable where there is none, or one that is no id. */
function sizeOf(ids: ReadonlyMap<string, number>): number {
  let size = 0;
  for (const [token, id] of ids) {
    if (!Number.isSafeInteger(id) || id < 0 || id >= MOST_IDS) {
      throw new Unusable(`it has the id "${id}" for "${token.slice(0, 40)}"`);
    }
    size = Math.max(size, id + 1);
  }
  if (size === 0) throw new Unusable("its vocabulary is empty");
  return size;
}

function checkedIds(ids: number[], size: number): number[] {
  const foreign = ids.find((id) => !(id >= 0 && id < size));
  if (foreign === undefined) return ids;
  throw new Unusable(`it gives the id "${foreign}", which its vocabulary lacks`);
}
