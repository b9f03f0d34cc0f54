/** Addresses as they may be shown. */
import { MASK } from "../base/secrets.ts";

/**
 * A text in which addresses show neither user names and passwords nor the values of their queries:
 * keys are found in both.
 *
 * @example
 * ```ts
 * import { shownAddress } from "@tandem/core/internal";
 * import assert from "node:assert/strict";
 * assert.equal(shownAddress("https://me:secret@host/v1?key=secret#x"), "https://[key]@host/v1?key=[key]#x");
 * assert.equal(shownAddress("what? a=b"), "what? a=b");
 * ```
 */
export function shownAddress(text: string): string {
  return text.replace(/[^\s"]+/g, (word) => withoutValues(withoutUser(word)));
}

/** Without what stands before the host, whether there is a scheme or not. */
function withoutUser(word: string): string {
  const scheme = word.indexOf("://");
  const host = scheme < 0 ? 0 : scheme + "://".length;
  const at = word.lastIndexOf("@");
  if (at <= host || !word.slice(0, at).includes(":")) return word;
  return word.slice(0, host) + MASK + word.slice(at);
}

function withoutValues(word: string): string {
  const query = word.indexOf("?");
  if (query < 0 || !word.slice(0, query).includes("://")) return word;
  const pairs = word.slice(query).split("&").map((pair) => {
    const value = pair.indexOf("=") + 1;
    if (value === 0) return pair;
    const end = pair.slice(value).search(/[#)]/);
    return pair.slice(0, value) + MASK + (end < 0 ? "" : pair.slice(value + end));
  });
  return word.slice(0, query) + pairs.join("&");
}
