/** Classes of characters as Rust and Oniguruma have them, which differ from JavaScript's. */

/** What counts as a space: Unicode's White_Space. */
export const SPACES = "\\t-\\r\\x85\\p{Zs}\\p{Zl}\\p{Zp}";
/** What a word is made of in Oniguruma. */
export const WORDS = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}";
/** ASCII's punctuation, of which Unicode counts some as symbols. */
export const PUNCTUATION = "!-\\/:-@\\[-`\\{-~\\p{P}";

const WHITE = new RegExp(`[${SPACES}]`, "v");

/** Whether a character is a space. */
function isSpace(character: string): boolean {
  return WHITE.test(character);
}

/** A text without the spaces at its ends. */
export function stripped(text: string, left: boolean, right: boolean): string {
  let start = 0, end = text.length;
  while (left && start < end && isSpace(text[start]!)) start++;
  while (right && end > start && isSpace(text[end - 1]!)) end--;
  return text.slice(start, end);
}

const BYTE_CHARACTERS = byteCharacters();
const BYTES = new Map(BYTE_CHARACTERS.map((character, byte) => [character, byte]));
const ENCODER = new TextEncoder();

/** The visible character that stands for each byte: itself where it is one, else the next from U+0100. */
function byteCharacters(): string[] {
  const visible = (byte: number) =>
    byte >= 0x21 && byte <= 0x7e || byte >= 0xa1 && byte <= 0xac || byte >= 0xae;
  let next = 0x100;
  return Array.from(
    { length: 256 },
    (_, byte) => String.fromCharCode(visible(byte) ? byte : next++),
  );
}

/** A text's UTF-8 with a visible character a byte. */
export function asByteCharacters(text: string): string {
  let written = "";
  for (const byte of ENCODER.encode(text)) written += BYTE_CHARACTERS[byte];
  return written;
}

/** The bytes that such characters stand for; the token's own UTF-8 where one stands for none. */
export function bytesOfCharacters(token: string): Iterable<number> {
  const bytes: number[] = [];
  for (const character of token) {
    const byte = BYTES.get(character);
    if (byte === undefined) return ENCODER.encode(token);
    bytes.push(byte);
  }
  return bytes;
}

/** The tokens that stand for a text's bytes, as "<0x0A>". */
export function byteTokens(text: string): string[] {
  return Array.from(
    ENCODER.encode(text),
    (byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
  );
}
