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
 * @throws TandemError E_TOKENIZER where they are missing, malformed, or hold a regular expression
 * that could run for ever.
 */
export async function readTokenizer(dir: string): Promise<Tokenizer> {
  const file = join(dir, "tokenizer.json");
  const definition = await readJsonObject(file, "E_TOKENIZER");
  const config = await readOptionalJsonObject(join(dir, "tokenizer_config.json"), "E_TOKENIZER");
  return await guarded(file, () => {
    for (const source of regularExpressions(definition)) {
      if (!isTame(source)) throw new Error(`its regular expression "${source}" could run for ever`);
    }
    for (const id of declaredIds(definition)) {
      if (!isPlausibleId(id)) throw new Error(`it has the id "${id}"`);
    }
    const inner = new HuggingFaceTokenizer(
      { ...definition, decoder: decoderOf(definition.decoder) },
      // The original's default; the library's is true.
      { clean_up_tokenization_spaces: false, ...config },
    );
    const tokenizer = tokenizerOf(inner, file);
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
    const why = (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, "");
    throw new TandemError("E_TOKENIZER", `The file "${file}" is no usable tokenizer: ${why}.`, {
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

function tokenizerOf(inner: HuggingFaceTokenizer, file: string): Tokenizer {
  const vocabulary = inner.get_vocab(true);
  let size = 0;
  for (const id of vocabulary.values()) size = Math.max(size, id + 1);
  if (size === 0) throw new Error("its vocabulary is empty");
  const unknown = (inner.model as { unk_token_id?: number } | null)?.unk_token_id;
  return {
    encode: (text, { special = true } = {}) =>
      guarded(file, () => {
        const { ids } = inner.encode(text, { add_special_tokens: special });
        const foreign = ids.find((id) => !(id >= 0 && id < size));
        if (foreign === undefined) return ids;
        throw new Error(`it gives the id "${foreign}", which its vocabulary lacks`);
      }),
    decode: (ids, { special = false } = {}) =>
      guarded(file, () => {
        return ids.length === 0 ? "" : inner.decode([...ids], { skip_special_tokens: !special });
      }),
    token: (id) => inner.id_to_token(id),
    id: (token) => inner.token_to_id(token),
    size,
    unknown,
  };
}

/** Larger ids than any model's: the library makes lists as long as the largest. */
const MOST_IDS = 2 ** 23;

function isPlausibleId(id: unknown): boolean {
  return Number.isSafeInteger(id) && (id as number) >= 0 && (id as number) < MOST_IDS;
}

/** The ids that a definition gives to tokens. */
function declaredIds({ added_tokens, model }: Record<string, unknown>): unknown[] {
  const added = Array.isArray(added_tokens) ? added_tokens.map((token) => token?.id) : [];
  const vocab = (model as { vocab?: unknown } | null | undefined)?.vocab;
  if (typeof vocab !== "object" || vocab === null || Array.isArray(vocab)) return added;
  return [...added, ...Object.values(vocab)];
}

/** The regular expressions that a tokenizer's definition holds, at any depth. */
function regularExpressions(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === "vocab" || key === "merges") return [];
    return key === "Regex" && typeof inner === "string" ? [inner] : regularExpressions(inner);
  });
}

/** Bits for the ways to repeat without bound: about a thousand. */
const UNBOUNDED_BITS = 10;
/** Ways to match, as bits, beyond which an expression may run for ever. */
const MOST_BITS = 28;

/** A pattern's parts: what begins a group, escapes, sets, quantifiers, and single characters. */
const PIECES =
  /\((?:\?(?:<[=!]|<[^>]*>|[:=!]|[a-z-]+:))?|\\(?:[pPuk]\{[^}]*\}|.)|\[\^?\]?(?:\\.|[^\]\\])*\]|\{\d*(?:,\d*)?\}|[^]/gu;

/**
 * Whether a regular expression surely ends soon, by the ways to match that it could have to try: those
 * of a sequence multiply, those of alternatives add up. Expressions of published tokenizers pass.
 *
 * @example
 * ```ts
 * import { isTame } from "./tokenizer.ts";
 * import assert from "node:assert/strict";
 * assert.ok(isTame(" ?\\p{L}+|[^\\s()+]+|\\s+(?!\\S)"));
 * assert.ok(!isTame("(a+)+$"));
 * assert.ok(!isTame("(?:a|aa){30}b"));
 * assert.ok(!isTame(".*.*.*x"));
 * ```
 */
export function isTame(source: string): boolean {
  // Groups under way: bits of the alternative at hand, and the ways of those before.
  const groups = [{ bits: 0, ways: 0 }];
  const end = () => {
    const { bits, ways } = groups.pop()!;
    return Math.log2(ways + 2 ** bits);
  };
  // Bits of what a quantifier would repeat.
  let last = 0;
  for (const [piece] of source.matchAll(PIECES)) {
    const group = groups.at(-1)!;
    const times = timesOf(piece);
    if (times) {
      const repeated = bitsOf(last, times);
      group.bits += repeated - last;
      last = repeated;
    } else if (piece.startsWith("(")) groups.push({ bits: 0, ways: 0 });
    else if (piece === "|") {
      group.ways += 2 ** group.bits;
      group.bits = 0;
    } else if (piece === ")" && groups.length > 1) {
      last = end();
      groups.at(-1)!.bits += last;
    } else last = 0;
    if (!(groups.at(-1)!.bits <= MOST_BITS)) return false;
  }
  return groups.length === 1 && end() <= MOST_BITS;
}

/** How often at least and at most a quantifier has a thing repeated; undefined for anything else. */
function timesOf(piece: string): readonly [number, number] | undefined {
  if (piece === "+") return [1, Infinity];
  if (piece === "*") return [0, Infinity];
  if (piece === "?") return [0, 1];
  const bounds = /^\{(\d*)(,?)(\d*)\}$/.exec(piece);
  if (!bounds) return undefined;
  const [, least, comma, most] = bounds;
  return [Number(least), comma ? most ? Number(most) : Infinity : Number(least)];
}

/** Bits of something repeated that has so many itself. */
function bitsOf(bits: number, [least, most]: readonly [number, number]): number {
  if (most === Infinity) return bits > 0 ? Infinity : UNBOUNDED_BITS;
  return most * bits + Math.log2(Math.max(1, most - least + 1));
}
