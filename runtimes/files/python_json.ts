/** JSON as Python writes it: with numbers that JSON itself does not know. */
import { parseJson } from "@tandem/core/internal";

/** A text in a string, or one of Python's numbers outside of any. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g;

/**
 * The value of a JSON text in which NaN, Infinity and -Infinity may stand for numbers, as Python's
 * json module writes them; a byte order mark before it is passed over.
 *
 * @throws {SyntaxError} where it is no JSON beyond that, {RangeError} as {@linkcode parseJson}.
 * @example
 * ```ts
 * import { parsePythonJson } from "./python_json.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(parsePythonJson('{"limit":[0.0,Infinity],"NaN":"NaN"}'), {
 *   limit: [0, Infinity],
 *   NaN: "NaN",
 * });
 * ```
 */
export function parsePythonJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof RangeError) throw error;
    // A number too large is read as infinite; nothing is read as NaN, for which a text stands in.
    const nan = `NaN ${crypto.randomUUID()}`;
    const plain = text.replace(TOKENS, (token) => {
      if (token.startsWith('"')) return token;
      return token === "NaN" ? JSON.stringify(nan) : token === "Infinity" ? "1e999" : "-1e999";
    });
    if (plain === text) throw error;
    return JSON.parse(
      plain.replace(/^\ufeff/, ""),
      (_, value: unknown) => value === nan ? NaN : value,
    );
  }
}
