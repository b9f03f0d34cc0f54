/** Decoders: tokens back to text. */
import { decoder, type DecoderPart, parsePart, partsOf, schemeOf } from "./definition.ts";
import { replacer } from "./normalise.ts";
import { expressionOf } from "./regex.ts";
import { bytesOfCharacters } from "./unicode.ts";

type Step = (tokens: string[]) => string[];

/** What a definition's "decoder" makes of tokens, its parts one after another. @throws Unusable. */
export function decoderOf(definition: unknown): (tokens: string[]) => string {
  const steps = partsOf(definition, "decoders")
    .map((part) => stepOf(parsePart(decoder, part, "decoder")));
  const between = definition === null || definition === undefined ? " " : "";
  return (tokens) => steps.reduce((made, step) => step(made), tokens).join(between);
}

function stepOf(part: DecoderPart): Step {
  switch (part.type) {
    case "Fuse":
      return (tokens) => [tokens.join("")];
    case "Replace": {
      const replace = replacer(expressionOf(part.pattern), part.content);
      return (tokens) => tokens.map(replace);
    }
    case "ByteLevel":
      return (tokens) => [textOf(tokens.flatMap((token) => [...bytesOfCharacters(token)]))];
    case "ByteFallback":
      return byteFallback;
    case "Metaspace": {
      const keepsFirst = schemeOf(part) === "never";
      return (tokens) =>
        tokens.map((token, i) => {
          return token.replaceAll(part.replacement, i === 0 && !keepsFirst ? "" : " ");
        });
    }
    case "BPEDecoder":
      return (tokens) =>
        tokens.map((token, i) => {
          return token.replaceAll(part.suffix, i === tokens.length - 1 ? "" : " ");
        });
    case "WordPiece":
      return (tokens) =>
        tokens.map((token, i) => {
          const continues = token.startsWith(part.prefix);
          const word = i === 0 ? token : continues ? token.slice(part.prefix.length) : ` ${token}`;
          return part.cleanup ? tidyWordPiece(word) : word;
        });
    case "CTC":
      return (tokens) => ctc(tokens, part);
    case "Strip":
      return (tokens) => tokens.map((token) => cut(token, part));
  }
}

/** The text of bytes; what is no UTF-8 becomes U+FFFD, and a byte order mark stays. */
function textOf(bytes: readonly number[], fatal = false): string {
  return new TextDecoder("utf-8", { fatal, ignoreBOM: true }).decode(Uint8Array.from(bytes));
}

/** Bytes side by side are one text, or one U+FFFD each where they are none. */
function byteFallback(tokens: string[]): string[] {
  const made: string[] = [];
  let bytes: number[] = [];
  const flush = () => {
    if (bytes.length === 0) return;
    try {
      made.push(textOf(bytes, true));
    } catch {
      made.push(...bytes.map(() => "\ufffd"));
    }
    bytes = [];
  };
  for (const token of tokens) {
    const byte = /^<0x([0-9a-fA-F]{2})>$/.exec(token)?.[1];
    if (byte !== undefined) bytes.push(parseInt(byte, 16));
    else {
      flush();
      made.push(token);
    }
  }
  flush();
  return made;
}

function ctc(tokens: string[], part: Extract<DecoderPart, { type: "CTC" }>): string[] {
  return tokens.filter((token, i) => token !== tokens[i - 1]).map((token) => {
    const kept = token.replaceAll(part.pad_token, "");
    return part.cleanup ? tidyWordPiece(kept).replaceAll(part.word_delimiter_token, " ") : kept;
  }).filter((token) => token !== "");
}

function cut(
  token: string,
  { content, start, stop }: Extract<DecoderPart, { type: "Strip" }>,
): string {
  const characters = [...token];
  let from = 0, to = characters.length;
  while (from < Math.min(start, characters.length) && characters[from] === content) from++;
  while (to > Math.max(0, characters.length - stop) && characters[to - 1] === content) to--;
  return characters.slice(from, to).join("");
}

const TIDY: readonly (readonly [string, string])[] = [
  [" .", "."],
  [" ?", "?"],
  [" !", "!"],
  [" ,", ","],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
];

/** Spaces taken away in front of marks, as transformers does it where its configuration asks for it. */
export function tidy(text: string): string {
  return TIDY.reduce((made, [from, to]) => made.replaceAll(from, to), text);
}

/** The like of {@linkcode tidy} that WordPiece's decoder has. */
function tidyWordPiece(text: string): string {
  return TIDY.reduce((made, [from, to]) => {
    const tidied = made.replaceAll(from, to);
    return from === " 'm" ? tidied.replaceAll(" do not", " don't") : tidied;
  }, text);
}
