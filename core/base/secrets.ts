/** Finds a secret in a text that repeats it, whole or in part, as it is or encoded. */

/** What stands in place of a secret. */
export const MASK = "[key]";

/** Shorter secrets than this are not searched for: they would blot out half of a text. */
const SHORTEST_SECRET = 4;

/** So many characters in a row of a longer secret give it away. */
const PIECE = 8;

/** How often one encoding is looked for within another. */
const DEEPEST = 3;

/**
 * A text without a secret: each piece of it of eight characters or more is replaced by
 * {@linkcode MASK}, in capitals or not, and so is each word that holds one percent-encoded, in escapes
 * of JSON or HTML, in base64 or in hexadecimal. A text that spells it with other characters between
 * its own, in letters of another kind, as numbers, in base64 with breaks or in base32 is masked as a
 * whole.
 *
 * @example
 * ```ts
 * import { withoutSecret } from "./secrets.ts";
 * import assert from "node:assert/strict";
 * const secret = "sk-SECRET-12345";
 * assert.equal(withoutSecret(`no key "${secret}"`, secret), 'no key "[key]"');
 * assert.equal(withoutSecret("no key sk-SECRET-***", secret), "no key [key]***");
 * assert.equal(withoutSecret(`no key ${btoa(secret)}`, secret), "no key [key]");
 * assert.equal(withoutSecret("no key", secret), "no key");
 * ```
 */
export function withoutSecret(text: string, secret: string): string {
  const own = lower(secret.trim());
  if (own.length < SHORTEST_SECRET) return text;
  const pieces = piecesOf(own);
  const shown = withoutPieces(text, pieces)
    .replace(/\S+/g, (word) => isEncoded(word, pieces) ? MASK : word);
  return isSpelt(shown, own) || readings(shown).some((read) => holds(read, pieces)) ? MASK : shown;
}

/** Whether a text holds a secret's letters one behind the other, in letters of whatever kind. */
function isSpelt(text: string, own: string): boolean {
  const [squeezed, bare] = [lettersOf(text.normalize("NFKD")), lettersOf(own)];
  return bare.length >= PIECE &&
    (squeezed.includes(bare) || squeezed.includes([...bare].reverse().join("")));
}

/** Eight characters or more as numbers in a base, whatever stands before, between and behind them. */
const NUMBERS: readonly (readonly [base: number, run: RegExp, number: RegExp])[] = [
  [16, /(?:(?:0x|[\\%=&#ux{]+)?[0-9a-f]{2}[^0-9a-z]{0,4}){8,}/gi, /[0-9a-f]{2}/gi],
  [10, /(?:\d{2,3}[^0-9a-z]{1,4}){7,}\d{2,3}/gi, /\d{2,3}/g],
  [8, /(?:(?:0o|\\)?[0-7]{3}[^0-9a-z\\]{0,4}){8,}/gi, /[0-7]{3}/g],
  [2, /(?:[01]{8}[^0-9a-z]{0,4}){8,}/gi, /[01]{8}/g],
];

/** What a text as a whole may stand for: characters as numbers, base64 in pieces or twice, base32. */
function readings(text: string): string[] {
  const numbers = NUMBERS.flatMap(([base, run, number]) =>
    Array.from(text.match(run) ?? [], (found) => charactersOf(found.match(number) ?? [], base))
  );
  const joined = text.replace(/\s+/g, "");
  const once = packed(joined);
  return [...numbers, unescaped(joined), ...once, ...once.flatMap(packed), ...base32In(text)];
}

function charactersOf(numbers: readonly string[], base: number): string {
  return numbers.map((digits) => String.fromCharCode(parseInt(digits, base))).join("");
}

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

function base32In(text: string): string[] {
  return Array.from(text.match(/[a-z2-7]{13,}/gi) ?? [], (run) => {
    const bits = Array.from(
      lower(run),
      (letter) => BASE32.indexOf(letter).toString(2).padStart(5, "0"),
    );
    return charactersOf(bits.join("").match(/[01]{8}/g) ?? [], 2);
  });
}

/** A secret's windows of {@linkcode PIECE} characters, or all of a shorter one. */
interface Pieces {
  readonly size: number;
  readonly all: ReadonlySet<string>;
}

function piecesOf(secret: string): Pieces {
  const size = Math.min(PIECE, secret.length);
  const count = secret.length - size + 1;
  const all = new Set(Array.from({ length: count }, (_, i) => secret.slice(i, i + size)));
  return { size, all };
}

function holds(text: string, { size, all }: Pieces): boolean {
  const low = lower(text);
  for (let i = 0; i + size <= low.length; i++) if (all.has(low.slice(i, i + size))) return true;
  return false;
}

/** Masks runs of characters that pieces cover. */
function withoutPieces(text: string, { size, all }: Pieces): string {
  const low = lower(text);
  const parts: string[] = [];
  let kept = 0; // up to here the text is in `parts`
  let end = -1; // where the run that is covered ends
  for (let i = 0; i + size <= low.length; i++) {
    if (!all.has(low.slice(i, i + size))) continue;
    if (i >= end) parts.push(text.slice(kept, i), MASK);
    kept = end = i + size;
  }
  return parts.length === 0 ? text : [...parts, text.slice(kept)].join("");
}

function isEncoded(word: string, pieces: Pieces): boolean {
  let written = word;
  for (let depth = 0; depth < DEEPEST; depth++) {
    const plain = unescaped(written);
    if (plain !== written && holds(plain, pieces)) return true;
    if (packed(plain).some((text) => holds(text, pieces))) return true;
    if (plain === written) return false;
    written = plain;
  }
  return false;
}

/** A text with its escapes of URLs, JSON and HTML resolved, once. */
function unescaped(text: string): string {
  const character = (digits: string, base: number) => {
    const code = parseInt(digits, base);
    return code <= 0x10ffff ? String.fromCodePoint(code) : "";
  };
  return text
    .replace(/%([0-9a-f]{2})/gi, (_, hex) => character(hex, 16))
    .replace(/\\u\{([0-9a-f]{1,6})\}/gi, (_, hex) => character(hex, 16))
    .replace(/[\\%]u([0-9a-f]{4})|\\x([0-9a-f]{2})/gi, (_, u, x) => character(u ?? x, 16))
    .replace(/&#(\d{1,7});?/g, (_, digits) => character(digits, 10))
    .replace(/&#x([0-9a-f]{1,6});?/gi, (_, hex) => character(hex, 16));
}

/** What base64 and hexadecimal in a text stand for, wherever they begin. */
function packed(text: string): string[] {
  const base64 = text.match(/[A-Za-z0-9+/_-]{6,}/g) ?? [];
  const hex = text.match(/[0-9a-f]{8,}/gi) ?? [];
  return [
    ...base64.flatMap((run) => [0, 1, 2, 3].map((start) => fromBase64(run.slice(start)))),
    ...hex.flatMap((run) => [0, 1].map((start) => fromHex(run.slice(start)))),
  ];
}

function fromBase64(run: string): string {
  const standard = run.replaceAll("-", "+").replaceAll("_", "/");
  const whole = standard.length % 4 === 1 ? standard.slice(0, -1) : standard;
  return atob(whole);
}

function fromHex(run: string): string {
  return run.replace(/(..)|./g, (_, pair) => pair ? String.fromCharCode(parseInt(pair, 16)) : "");
}

/** Letters and digits alone. */
function lettersOf(text: string): string {
  return lower(text).replace(/[^a-z0-9]+/g, "");
}

/** Small letters; every character stays in its place. */
function lower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
