/** JSON as other programs write it. */

/** Who walks through what is nested deeper may exhaust the stack; no document of ours is. */
const DEEPEST = 200;

/**
 * The value of a JSON text; a byte order mark before it is passed over, as editors on Windows write it.
 *
 * @param deepest Most brackets that may stand within each other.
 * @throws {SyntaxError} as JSON.parse does. @throws {RangeError} where it is nested deeper.
 * @example
 * ```ts
 * import { parseJson } from "@tandem/core/internal";
 * import assert from "node:assert/strict";
 * assert.deepEqual(parseJson('\ufeff{"a":1}'), { a: 1 });
 * assert.throws(() => parseJson("[".repeat(1000)), RangeError);
 * ```
 */
export function parseJson(text: string, deepest = DEEPEST): unknown {
  if (isDeeper(text, deepest)) throw new RangeError(`it is nested deeper than ${deepest} levels`);
  return JSON.parse(text.startsWith("\ufeff") ? text.slice(1) : text);
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
/** Brackets and braces differ in one bit. */
const [OPENING, CLOSING, BIT] = [0x7b, 0x7d, 0x20];

/** Whether brackets stand within more than so many others; those within strings do not count. */
function isDeeper(json: string, most: number): boolean {
  let [depth, inString] = [0, false];
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (inString && code === BACKSLASH) i++;
    else if (code === QUOTE) inString = !inString;
    else if (!inString && (code | BIT) === OPENING) depth++;
    else if (!inString && (code | BIT) === CLOSING) depth--;
    if (depth > most) return true;
  }
  return false;
}
