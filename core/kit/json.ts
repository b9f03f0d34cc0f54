/** JSON as other programs write it. */

/**
 * The value of a JSON text; a byte order mark before it is passed over, as editors on Windows write it.
 *
 * @throws {SyntaxError} as JSON.parse does.
 * @example
 * ```ts
 * import { parseJson } from "./json.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(parseJson('\ufeff{"a":1}'), { a: 1 });
 * ```
 */
export function parseJson(text: string): unknown {
  return JSON.parse(text.startsWith("\ufeff") ? text.slice(1) : text);
}
