/**
 * Text that comes from outside: servers, files, plugins, other machines. It is data. Before it is
 * shown, stored or put into a message it goes through {@linkcode outsideText}.
 */

import { MASK, withoutSecret } from "./secrets.ts";

export { MASK };

/** What {@linkcode outsideText} may be told. */
export interface OutsideTextOptions {
  /** Most characters that are kept; default 400. */
  readonly max?: number;
  /** Keys that must not be shown, wherever the text repeats them. */
  readonly secrets?: readonly string[];
  /** Whether line breaks and tabs stay as they are; otherwise they become spaces. */
  readonly lines?: boolean;
}

const LINE_BREAKS = /[\t\n\v\f\r\x85\u2028\u2029]+/g;
/**
 * What a terminal or a page may take for a command: the C0 and C1 controls but tab and line feed,
 * marks that turn the direction of writing, invisible tags, halves of surrogate pairs.
 */
const COMMANDS =
  // deno-lint-ignore no-control-regex
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Cs}/gu;

/**
 * A text from outside as it may be shown: secrets masked, control characters written out as `\x1b`
 * or `\u202e`, cut to a length.
 *
 * @example
 * ```ts
 * import { outsideText } from "@tandem/core/internal";
 * import assert from "node:assert/strict";
 * assert.equal(outsideText("\x1b[2Jgone"), "\\x1b[2Jgone");
 * assert.equal(outsideText("bad key sk-123456", { secrets: ["sk-123456"] }), "bad key [key]");
 * assert.equal(outsideText("a\nb", { lines: true }), "a\nb");
 * assert.equal(outsideText("abcdef", { max: 4 }), "abc…");
 * ```
 */
export function outsideText(text: string, options: OutsideTextOptions = {}): string {
  const { max = 400, secrets = [], lines = false } = options;
  // A long text is cut twice, so that little work is done for what is not kept.
  const longest = secrets.reduce((most, { length }) => Math.max(most, length), 0);
  let shown = masked(text.slice(0, 2 * max + longest), secrets);
  if (!lines) shown = shown.replace(LINE_BREAKS, " ");
  shown = shown.replace(COMMANDS, written);
  if (shown.length <= max) return shown;
  // Not between the halves of a surrogate pair: one alone is no character.
  return `${shown.slice(0, Math.max(0, max - 1)).replace(/[\ud800-\udbff]$/, "")}…`;
}

/**
 * A text in which each secret is replaced by {@linkcode MASK}, also in part, encoded, or where one
 * variable holds several; see {@linkcode withoutSecret}.
 */
export function masked(text: string, secrets: readonly string[]): string {
  const parts = secrets.flatMap((secret) => {
    const words = secret.trim().split(/\s+/);
    return words.length > 1 ? [secret, ...words.filter(({ length }) => length >= 8)] : [secret];
  });
  return parts.reduce(withoutSecret, text);
}

/** What was thrown, in words that may be shown. */
export function outsideReason(thrown: unknown, options: OutsideTextOptions = {}): string {
  let text: string;
  try {
    text = thrown instanceof Error ? `${thrown.message}` : String(thrown);
  } catch {
    text = "something that cannot be written as text"; // its own toString() threw
  }
  return outsideText(text, options);
}

function written(character: string): string {
  const code = character.codePointAt(0)!;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
}
