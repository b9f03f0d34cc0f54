/** Pre-tokenizers: a text cut into pieces that no token crosses. */
import {
  type Behavior,
  parsePart,
  partsOf,
  preTokenizer,
  type PreTokenizerPart,
  schemeOf,
} from "./definition.ts";
import { expressionOf } from "./regex.ts";
import { asByteCharacters, PUNCTUATION, SPACES, WORDS } from "./unicode.ts";

/** A piece of a text. */
export interface Piece {
  readonly text: string;
  /** Whether it is where the whole text begins. */
  readonly first: boolean;
}

/** Cuts a piece into pieces. */
export type Cut = (piece: Piece) => Piece[];

/** What a definition's "pre_tokenizer" does, its parts one after another. @throws Unusable. */
export function cutterOf(definition: unknown): Cut {
  const steps = partsOf(definition, "pretokenizers")
    .map((part) => stepOf(parsePart(preTokenizer, part, "pre-tokenizer")));
  return (piece) =>
    steps.reduce(
      (pieces, step) => pieces.flatMap(step).filter(({ text }) => text !== ""),
      [piece],
    );
}

const GPT2 = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

function stepOf(part: PreTokenizerPart): Cut {
  switch (part.type) {
    case "ByteLevel":
      return byteLevel(part.add_prefix_space, part.use_regex);
    case "Metaspace":
      return metaspace(part.replacement, schemeOf(part), part.split);
    case "Split":
      return splitter(expressionOf(part.pattern), part.behavior, part.invert);
    case "Punctuation":
      return splitter(new RegExp(`[${PUNCTUATION}]`, "gv"), part.behavior);
    case "Digits":
      return splitter(/\p{N}/gu, part.individual_digits ? "Isolated" : "Contiguous");
    case "CharDelimiterSplit":
      return splitter(expressionOf({ String: part.delimiter }), "Removed");
    case "FixedLength":
      return (piece) => inLengths(piece, part.length);
    case "WhitespaceSplit":
      return splitter(new RegExp(`[${SPACES}]`, "gv"), "Removed");
    case "Whitespace": {
      // Rust's words have joiners in them, Oniguruma's do not.
      const words = `${WORDS}\\u200c\\u200d`;
      return splitter(new RegExp(`[${words}]+|[^${words}${SPACES}]+`, "gv"), "Removed", true);
    }
    case "BertPreTokenizer": {
      const words = splitter(new RegExp(`[${SPACES}]`, "gv"), "Removed");
      const marks = splitter(new RegExp(`[${PUNCTUATION}]`, "gv"), "Isolated");
      return (piece) => words(piece).flatMap(marks);
    }
  }
}

function byteLevel(prefix: boolean, cuts: boolean): Cut {
  const cut = splitter(expressionOf({ Regex: GPT2 }), "Isolated");
  return ({ text, first }) => {
    const piece = { text: prefix && !text.startsWith(" ") ? ` ${text}` : text, first };
    return (cuts ? cut(piece) : [piece])
      .map(({ text, first }) => ({ text: asByteCharacters(text), first }));
  };
}

function metaspace(mark: string, scheme: "always" | "first" | "never", cuts: boolean): Cut {
  const cut = splitter(expressionOf({ String: mark }), "MergedWithNext");
  return ({ text, first }) => {
    const marked = text.replaceAll(" ", () => mark);
    const fronted = scheme === "always" || scheme === "first" && first;
    const piece = { text: fronted && !marked.startsWith(mark) ? mark + marked : marked, first };
    return cuts ? cut(piece) : [piece];
  };
}

function inLengths({ text, first }: Piece, length: number): Piece[] {
  const characters = [...text];
  const pieces: Piece[] = [];
  for (let at = 0; at < characters.length; at += length) {
    const part = characters.slice(at, at + length).join("");
    pieces.push({ text: part, first: first && at === 0 });
  }
  return pieces;
}

interface Span {
  start: number;
  end: number;
  readonly match: boolean;
}

/** Cuts at the matches of an expression, or, inverted, at what lies between them. */
function splitter(expression: RegExp, behavior: Behavior, invert = false): Cut {
  return ({ text, first }) => {
    const spans: Span[] = [];
    let at = 0;
    for (const { index, 0: { length } } of text.matchAll(expression)) {
      if (index > at) spans.push({ start: at, end: index, match: invert });
      spans.push({ start: index, end: index + length, match: !invert });
      at = index + length;
    }
    if (at < text.length) spans.push({ start: at, end: text.length, match: invert });
    return joined(spans, behavior).filter(({ start, end }) => end > start)
      .map(({ start, end }) => ({ text: text.slice(start, end), first: first && start === 0 }));
  };
}

function joined(spans: readonly Span[], behavior: Behavior): Span[] {
  switch (behavior) {
    case "Isolated":
      return [...spans];
    case "Removed":
      return spans.filter(({ match }) => !match);
    case "Contiguous":
      return joining(spans, (before, span) => before.match === span.match);
    case "MergedWithPrevious":
      return joining(spans, (before, span) => span.match && !before.match);
    case "MergedWithNext":
      return joiningBack(spans);
  }
}

/** Joins each span to the one before where `joins` says so, by what both were at first. */
function joining(
  spans: readonly Span[],
  joins: (before: Span, span: Span) => boolean,
): Span[] {
  const all: Span[] = [];
  spans.forEach((span, i) => {
    const last = all.at(-1);
    if (last && joins(spans[i - 1]!, span)) last.end = span.end;
    else all.push({ ...span });
  });
  return all;
}

function joiningBack(spans: readonly Span[]): Span[] {
  const all: Span[] = [];
  for (let i = spans.length - 1; i >= 0; i--) {
    const span = spans[i]!, last = all.at(-1);
    if (last && span.match && !spans[i + 1]!.match) last.start = span.start;
    else all.push({ ...span });
  }
  return all.reverse();
}
