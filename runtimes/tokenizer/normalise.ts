/** Normalizers: a text made like others of its meaning before it is cut. */
import { applyCharsmap, readCharsmap } from "./charsmap.ts";
import { normalizer, type NormalizerPart, parsePart, partsOf, Unusable } from "./definition.ts";
import { expressionOf } from "./regex.ts";
import { asByteCharacters, stripped } from "./unicode.ts";

/** A text to a text. */
export type Normalize = (text: string) => string;

/** Most characters that a text may grow to: replacements of replacements could fill the memory. */
const LONGEST = 2 ** 24;

/** What a definition's "normalizer" does, its parts one after another. @throws Unusable. */
export function normalizerOf(definition: unknown): Normalize {
  const steps = partsOf(definition, "normalizers")
    .map((part) => stepOf(parsePart(normalizer, part, "normalizer")));
  return (text) =>
    steps.reduce((made, step) => {
      const next = step(made);
      if (next.length > LONGEST) throw new Unusable(tooLong);
      return next;
    }, text);
}

const tooLong = `its normalizer makes a text of more than ${LONGEST} characters`;

function stepOf(part: NormalizerPart): Normalize {
  switch (part.type) {
    case "NFC":
    case "NFD":
    case "NFKC":
    case "NFKD":
      return (text) => text.normalize(part.type);
    case "Lowercase":
      return lowercase;
    case "StripAccents":
      return (text) => text.replace(/\p{M}/gu, "");
    case "Strip":
      return (text) => stripped(text, part.strip_left, part.strip_right);
    case "Prepend":
      return (text) => text === "" ? "" : part.prepend + text;
    case "Replace":
      return replacer(expressionOf(part.pattern), part.content);
    case "Precompiled": {
      if (!part.precompiled_charsmap) return (text) => text;
      const map = readCharsmap(part.precompiled_charsmap);
      return (text) => applyCharsmap(map, text);
    }
    case "Nmt":
      return nmt;
    case "ByteLevel":
      return asByteCharacters;
    case "BertNormalizer":
      return bert(part);
  }
}

/** Replaces every match by `content` as it stands. */
export function replacer(expression: RegExp, content: string): Normalize {
  return (text) => {
    const matches = text.match(expression)?.length ?? 0;
    if (text.length + matches * content.length > 2 * LONGEST) throw new Unusable(tooLong);
    return matches === 0 ? text : text.replace(expression, () => content);
  };
}

/** Character by character: a sigma at a word's end stays as it is elsewhere. */
function lowercase(text: string): string {
  let written = "";
  for (const character of text) written += character.toLowerCase();
  return written;
}

function nmt(text: string): string {
  return text
    // deno-lint-ignore no-control-regex
    .replace(/[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]/g, "")
    .replace(/[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/g, " ");
}

type BertPart = Extract<NormalizerPart, { type: "BertNormalizer" }>;

const CONTROLS = /(?![\t\n\r])[\0\ufffd\p{Cc}\p{Cf}\p{Co}]/gu;
const SPACES = /[\t-\r\x85\p{Zs}\p{Zl}\p{Zp}]/gu;
/** The blocks of Chinese characters that BERT knows. */
const CHINESE =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;

function bert({ clean_text, handle_chinese_chars, strip_accents, lowercase: lower }: BertPart) {
  return (text: string) => {
    let made = text;
    if (clean_text) made = made.replace(CONTROLS, "").replace(SPACES, " ");
    if (handle_chinese_chars) made = made.replace(CHINESE, " $& ");
    if (strip_accents ?? lower) made = made.normalize("NFD").replace(/\p{Mn}/gu, "");
    return lower ? lowercase(made) : made;
  };
}
