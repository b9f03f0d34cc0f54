/** The parts of a tokenizer.json, held to what is known of them. */
import * as v from "valibot";
import { outsideText } from "@tandem/core/internal";

/** Why a definition is refused; goes on behind "... is no usable tokenizer: ". */
export class Unusable extends Error {}

/** Parts within parts that are followed. */
const MOST_DEPTH = 8;

/**
 * The parts of one kind in their order: of a "Sequence" those of its list, none of null.
 *
 * @param list The name of a sequence's list.
 */
export function partsOf(value: unknown, list: string, depth = 0): unknown[] {
  if (value === null || value === undefined) return [];
  const { type, [list]: inner } = value as Record<string, unknown>;
  if (type !== "Sequence") return [value];
  if (!Array.isArray(inner) || depth >= MOST_DEPTH) {
    throw new Unusable(`its "${list}" are no list of parts, or lie too deep within each other`);
  }
  return inner.flatMap((part) => partsOf(part, list, depth + 1));
}

/** A part as its schema has it. @throws Unusable with the part's name and what does not fit in it. */
export function parsePart<T extends v.GenericSchema>(
  schema: T,
  value: unknown,
  what: string,
): v.InferOutput<T> {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const path = issue.path?.map(({ key }) => String(key)).join(".") ?? "";
  const { type } = (value ?? {}) as { type?: unknown };
  const named = typeof type === "string" ? ` "${outsideText(type, { max: 40 })}"` : "";
  if (path === "type") throw new Unusable(`its ${what}${named} is none that Tandem knows`);
  const got = outsideText(issue.received, { max: 60 });
  throw new Unusable(
    `its ${what}${named} has ${got} for "${outsideText(path, { max: 60 })}"; ${
      issue.expected ?? "another value"
    } is needed`,
  );
}

const flag = (otherwise: boolean) => v.nullish(v.boolean(), otherwise);
const part = <T extends string, E extends v.ObjectEntries>(type: T, entries: E) =>
  v.object({ type: v.literal(type), ...entries });

/** A text or a regular expression. */
export const pattern = v.union([v.object({ String: v.string() }), v.object({ Regex: v.string() })]);
/** See {@linkcode pattern}. */
export type Pattern = v.InferOutput<typeof pattern>;

/** What becomes of what a split finds. */
export const behavior = v.picklist([
  "Removed",
  "Isolated",
  "MergedWithPrevious",
  "MergedWithNext",
  "Contiguous",
]);
/** See {@linkcode behavior}. */
export type Behavior = v.InferOutput<typeof behavior>;

const replacement = v.nullish(v.pipe(v.string(), v.regex(/^.$/u)), "▁");
// Older files say add_prefix_space, newer ones prepend_scheme.
const metaspace = part("Metaspace", {
  replacement,
  prepend_scheme: v.optional(v.picklist(["always", "first", "never"])),
  add_prefix_space: v.nullish(v.boolean()),
  split: flag(true),
});

/** How a Metaspace part puts a space in front. */
export function schemeOf(
  { prepend_scheme, add_prefix_space }: v.InferOutput<typeof metaspace>,
): "always" | "first" | "never" {
  return prepend_scheme ?? (add_prefix_space === false ? "never" : "always");
}

/** Normalizers. */
export const normalizer = v.variant("type", [
  part("BertNormalizer", {
    clean_text: flag(true),
    handle_chinese_chars: flag(true),
    strip_accents: v.nullish(v.boolean()),
    lowercase: flag(true),
  }),
  part("Strip", { strip_left: flag(true), strip_right: flag(true) }),
  part("Replace", { pattern, content: v.string() }),
  part("Prepend", { prepend: v.string() }),
  part("Precompiled", { precompiled_charsmap: v.nullish(v.string()) }),
  ...(["NFC", "NFD", "NFKC", "NFKD", "StripAccents", "Lowercase", "Nmt", "ByteLevel"] as const)
    .map((type) => part(type, {})),
]);
/** See {@linkcode normalizer}. */
export type NormalizerPart = v.InferOutput<typeof normalizer>;

/** Pre-tokenizers. */
export const preTokenizer = v.variant("type", [
  part("ByteLevel", { add_prefix_space: flag(true), use_regex: flag(true) }),
  metaspace,
  part("Split", { pattern, behavior, invert: flag(false) }),
  part("Punctuation", { behavior: v.nullish(behavior, "Isolated") }),
  part("Digits", { individual_digits: flag(false) }),
  part("CharDelimiterSplit", { delimiter: v.pipe(v.string(), v.regex(/^[^]$/u)) }),
  part("FixedLength", { length: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1)), 5) }),
  ...(["BertPreTokenizer", "Whitespace", "WhitespaceSplit"] as const)
    .map((type) => part(type, {})),
]);
/** See {@linkcode preTokenizer}. */
export type PreTokenizerPart = v.InferOutput<typeof preTokenizer>;

const pair = v.tuple([v.string(), v.number()]);
const piece = v.union([
  v.object({ Sequence: v.object({ id: v.picklist(["A", "B"]) }) }),
  v.object({ SpecialToken: v.object({ id: v.string() }) }),
]);

/** Post-processors. */
export const postProcessor = v.variant("type", [
  part("ByteLevel", {}),
  part("BertProcessing", { cls: pair, sep: pair }),
  part("RobertaProcessing", { cls: pair, sep: pair }),
  part("TemplateProcessing", {
    single: v.array(piece),
    special_tokens: v.record(v.string(), v.object({ ids: v.array(v.number()) })),
  }),
]);
/** See {@linkcode postProcessor}. */
export type PostProcessorPart = v.InferOutput<typeof postProcessor>;

const places = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Decoders. */
export const decoder = v.variant("type", [
  part("ByteLevel", {}),
  metaspace,
  part("WordPiece", { prefix: v.nullish(v.string(), "##"), cleanup: flag(true) }),
  part("BPEDecoder", { suffix: v.nullish(v.string(), "</w>") }),
  part("CTC", {
    pad_token: v.nullish(v.string(), "<pad>"),
    word_delimiter_token: v.nullish(v.string(), "|"),
    cleanup: flag(true),
  }),
  part("Replace", { pattern, content: v.string() }),
  part("Fuse", {}),
  part("ByteFallback", {}),
  part("Strip", {
    content: v.nullish(v.pipe(v.string(), v.regex(/^[^]$/u)), " "),
    start: v.nullish(places, 0),
    stop: v.nullish(places, 0),
  }),
]);
/** See {@linkcode decoder}. */
export type DecoderPart = v.InferOutput<typeof decoder>;

/** Tokens that are found in a text before all else. */
export const addedTokens = v.nullish(
  v.array(v.object({
    // Checked with those of the model.
    id: v.custom<number>(() => true),
    content: v.string(),
    single_word: flag(false),
    lstrip: flag(false),
    rstrip: flag(false),
    normalized: v.nullish(v.boolean()),
    special: flag(false),
  })),
  [],
);
/** See {@linkcode addedTokens}. */
export type AddedTokenPart = NonNullable<v.InferOutput<typeof addedTokens>>[number];

const affix = v.nullish(v.string());
const scored = v.pipe(v.array(v.tuple([v.string(), v.number()])), v.minLength(1));
const vocab = v.custom<Record<string, number>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  "Expected tokens with their ids",
);

/** Models. */
export const model = v.variant("type", [
  part("BPE", {
    vocab,
    merges: v.array(v.union([v.string(), v.tuple([v.string(), v.string()])])),
    // What is drawn by chance would not come out alike twice.
    dropout: v.nullish(v.literal(0)),
    unk_token: v.nullish(v.string()),
    continuing_subword_prefix: affix,
    end_of_word_suffix: affix,
    fuse_unk: flag(false),
    byte_fallback: flag(false),
    ignore_merges: flag(false),
  }),
  part("Unigram", { vocab: scored, unk_id: v.nullish(places), byte_fallback: flag(false) }),
  part("WordPiece", {
    vocab,
    unk_token: v.nullish(v.string(), "[UNK]"),
    continuing_subword_prefix: v.nullish(v.string(), "##"),
    max_input_chars_per_word: v.nullish(places, 100),
  }),
  part("WordLevel", { vocab, unk_token: v.nullish(v.string(), "<unk>") }),
]);
/** See {@linkcode model}. */
export type ModelPart = v.InferOutput<typeof model>;
