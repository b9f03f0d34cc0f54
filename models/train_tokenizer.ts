/** A tokenizer in the manner of T5's (sentencepiece's unigram model), made from a corpus of words. */

/** The files that a folder in Hugging Face layout has for its tokenizer. */
export interface TokenizerFiles {
  readonly "tokenizer.json": unknown;
  readonly "tokenizer_config.json": unknown;
  readonly "special_tokens_map.json": unknown;
}

/** T5's special tokens, in the order of their ids. */
const SPECIALS = ["<pad>", "</s>", "<unk>"];

/** Stands for the space before a word. */
const SPACE = "▁";

/** What one character costs beyond the rarest word: a word is never spelt where it has a piece. */
const SPELLING = 10;

/**
 * Makes a tokenizer whose pieces are the words and marks of a corpus, and every printable ASCII
 * character, so that any English text has ids. A piece's score is its log-probability in the corpus.
 *
 * @param corpus Texts as the model will see them.
 * @param mostWords Keeps so many words at most, the most frequent ones.
 */
export function makeTokenizer(corpus: Iterable<string>, mostWords = 400): TokenizerFiles {
  const counts = new Map<string, number>();
  let total = 0;
  for (const text of corpus) {
    for (const piece of piecesOf(text)) {
      counts.set(piece, (counts.get(piece) ?? 0) + 1);
      total++;
    }
  }
  const words = [...counts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, mostWords);
  const lowest = -Math.log(total) - SPELLING;
  const scored = words.map(([piece, count]) => [piece, Math.log(count / total)] as const);
  const known = new Set(words.map(([piece]) => piece));
  const spelling = characters().filter((character) => !known.has(character));
  const vocab = [
    ...SPECIALS.map((piece) => [piece, 0] as const),
    ...scored,
    ...spelling.map((piece) => [piece, lowest] as const),
  ];
  return {
    "tokenizer.json": tokenizerJson(vocab),
    "tokenizer_config.json": {
      tokenizer_class: "T5Tokenizer",
      pad_token: "<pad>",
      eos_token: "</s>",
      unk_token: "<unk>",
      extra_ids: 0,
      clean_up_tokenization_spaces: false,
      model_max_length: 512,
    },
    "special_tokens_map.json": {
      pad_token: "<pad>",
      eos_token: "</s>",
      unk_token: "<unk>",
    },
  };
}

/** Words with the space before them, and the marks after them. */
function piecesOf(text: string): string[] {
  return text.split(/\s+/).filter(Boolean).flatMap((word) => {
    const [, body = "", mark = ""] = /^(.*?)([^\p{L}\p{N}]?)$/u.exec(word)!;
    return mark === "" ? [SPACE + body] : [SPACE + body, mark];
  });
}

function characters(): string[] {
  const ascii = Array.from({ length: 0x7f - 0x21 }, (_, i) => String.fromCharCode(0x21 + i));
  return [SPACE, ...ascii];
}

function tokenizerJson(vocab: readonly (readonly [string, number])[]): unknown {
  const metaspace = {
    type: "Metaspace",
    replacement: SPACE,
    prepend_scheme: "always",
    split: true,
  };
  const sequence = (id: "A" | "B") => ({ Sequence: { id, type_id: 0 } });
  const end = { SpecialToken: { id: "</s>", type_id: 0 } };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: SPECIALS.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "NFKC" },
        { type: "Replace", pattern: { Regex: "\\s+" }, content: " " },
        { type: "Strip", strip_left: true, strip_right: true },
      ],
    },
    pre_tokenizer: metaspace,
    post_processor: {
      type: "TemplateProcessing",
      single: [sequence("A"), end],
      pair: [sequence("A"), end, sequence("B"), end],
      special_tokens: { "</s>": { id: "</s>", ids: [1], tokens: ["</s>"] } },
    },
    decoder: metaspace,
    model: { type: "Unigram", unk_id: 2, vocab, byte_fallback: false },
  };
}
