/** Names of files that a server or a graph gives: where they may lead. */

/** Longest path, and most folders, of a file in a model. */
const LONGEST = 255;
const MOST_PARTS = 16;
/** What separates, names a drive or a stream, or is a pattern on some system, and control characters. */
// deno-lint-ignore no-control-regex
const ODD = /[\\:*?"<>|\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{Cs}/u;
/** Names of devices on Windows, with any ending. */
const RESERVED = /^(?:con|prn|aux|nul|conin\$|conout\$|com\d|lpt\d)(?:\.|$)/i;

/**
 * Whether a path with "/" between its parts surely names a file below the folder that it is put into,
 * on every system: no "..", no absolute path, no drive, no device, no control character.
 *
 * @example
 * ```ts
 * import { isPlainPath } from "./names.ts";
 * import assert from "node:assert/strict";
 * assert.ok(isPlainPath("onnx/model.onnx"));
 * assert.ok(![ "../x", "/x", "C:x", "a\\b", "nul.txt", "a/./b", "x." ].some(isPlainPath));
 * ```
 */
export function isPlainPath(path: string): boolean {
  if (path === "" || path.length > LONGEST || ODD.test(path)) return false;
  const parts = path.split("/");
  // Windows drops dots and spaces at the end of a name: "..." and "x. " would be other names.
  return parts.length <= MOST_PARTS &&
    parts.every((part) => part !== "" && !/[. ]$/.test(part) && !RESERVED.test(part));
}
