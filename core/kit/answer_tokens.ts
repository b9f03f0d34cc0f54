/** Cuts a written answer into words, numbers and signs. */

/** A word, a number or a sign of a text. */
export interface Token {
  /** In small letters, as tokens are compared. */
  readonly text: string;
  /** As it was written. */
  readonly raw: string;
  /** Whether a comma, a colon or the end of a sentence stands before it. */
  readonly isApart: boolean;
  /** Whether it is grown together with what stands before it, as "left" in "non-left". */
  readonly growsLeft: boolean;
  /** Whether it is grown together with what follows, as "c" in "c++". */
  readonly growsRight: boolean;
}

/** Stands between sentences, so that no name reaches from one into the next. */
const BREAK = "\n";

/** In this order: the end of a sentence, a number with its sign, a word, any sign that matters. */
const TOKEN = new RegExp(
  [
    "(?<end>\\n|[.!?;…](?=\\s|$)|[。！？；])",
    "(?<number>(?:(?<![\\p{L}\\p{N})\\]])[-+±][^\\S\\n]*)?(?:(?<=^|[\\s+±-])[.,])?\\d+(?:[.,]\\d+)*(?![\\p{L}\\p{M}]))",
    "(?<word>[\\p{L}\\p{M}\\p{N}]+(?:['’][\\p{L}\\p{M}]+)*)",
    "(?<pause>[,:，：、–—]|[(){}\\[\\]])",
    "(?<joint>(?<=\\p{L})-(?=\\p{L}))",
    "(?<sign>[-#%&@/\\\\]|[^\\s\\p{P}\\p{C}\\p{Sk}\\ufe0e\\ufe0f])",
  ].join("|"),
  "gu",
);

/**
 * The tokens of a text. Marks of emphasis, quotes and commas are none.
 *
 * @example
 * ```ts
 * import { tokensOf } from "@tandem/core/kit";
 * import assert from "node:assert/strict";
 * const words = (text: string) => tokensOf(text).map(({ text }) => text);
 * assert.deepEqual(words("**Go_forward**, then x=-2"), ["go", "forward", "then", "x", "=", "-2"]);
 * ```
 */
export function tokensOf(text: string): Token[] {
  const plain = text.replace(/[\u2010\u2011\u2212]/g, "-");
  const tokens: Token[] = [];
  let isApart = false;
  for (const { 0: raw, index, groups } of plain.matchAll(TOKEN)) {
    if (groups!.pause !== undefined) isApart = true;
    if (groups!.pause !== undefined || groups!.joint !== undefined) continue;
    const isEnd = groups!.end !== undefined;
    const end = index + raw.length;
    tokens.push({
      text: isEnd ? BREAK : raw.normalize("NFKC").toLowerCase().replace(/\s+/g, ""),
      raw,
      isApart: isApart || isEnd,
      growsLeft: !isEnd &&
        /(?:[\p{L}\p{N}][-/]|[@#&^])$/u.test(plain.slice(Math.max(0, index - 2), index)),
      growsRight: !isEnd && /^(?:[+#%°@&^]|[-/][\p{L}\p{N}])/u.test(plain.slice(end, end + 3)),
    });
    isApart = isEnd;
  }
  return withoutOuterBreaks(tokens);
}

function withoutOuterBreaks(tokens: readonly Token[]): Token[] {
  const isWord = ({ text }: Token) => text !== BREAK;
  const first = tokens.findIndex(isWord);
  return first < 0 ? [] : tokens.slice(first, tokens.findLastIndex(isWord) + 1);
}
