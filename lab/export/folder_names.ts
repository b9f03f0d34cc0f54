/** Names of folders for what may be called anything. */
import { sha256 } from "../digest.ts";

/** With four bytes a letter and what is added it stays below the 255 bytes of file systems. */
const LONGEST = 48;
const DIGITS = 8;
/** Names that Windows keeps to itself, whatever comes behind a point. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * A name of a folder for each of some texts: the text itself where it is one and no other is like it;
 * else what is left of it with a part of its SHA-256, so that different texts have different folders, on
 * systems that do not tell "a" from "A" too.
 *
 * @example
 * ```ts
 * import { folderNames } from "./folder_names.ts";
 * import assert from "node:assert/strict";
 * const names = folderNames(["lr=0.1", "a/b", ".."]);
 * assert.deepEqual([...names.values()], ["lr=0.1", "a_b-c14cddc0", "_-5ec1f7e7"]);
 * ```
 */
export function folderNames(texts: Iterable<string>): ReadonlyMap<string, string> {
  const different = [...new Set(texts)];
  const alike = countBy(different, (text) => folded(cleaned(text)));
  return new Map(different.map((text) => {
    const name = cleaned(text);
    const isPlain = name === text && alike.get(folded(name)) === 1 && !RESERVED.test(name) &&
      !/[.-][0-9a-f]{8}$/.test(name);
    return [text, isPlain ? name : `${name}-${sha256(text).slice(0, DIGITS)}`];
  }));
}

/** Letters, digits and a few signs of a text; no point at an end. */
function cleaned(text: string): string {
  const kept = text.normalize("NFC").replace(/[^\p{L}\p{N}_.=-]+/gu, "_");
  return [...kept].slice(0, LONGEST).join("").replace(/^\.+|\.+$/g, "_") || "_";
}

function folded(name: string): string {
  return name.toUpperCase().toLowerCase();
}

function countBy(texts: readonly string[], key: (text: string) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(key(text), (counts.get(key(text)) ?? 0) + 1);
  return counts;
}
