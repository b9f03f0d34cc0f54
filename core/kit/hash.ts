/** Hashes for keys of states. */

/**
 * 53 bits of two FNV-1a hashes (Fowler, Noll & Vo) of bytes, as a whole number.
 *
 * @param parts Bytes, read one after another.
 * @example
 * ```ts
 * import { hashOf } from "@tandem/core/kit";
 * import assert from "node:assert/strict";
 * assert.equal(hashOf([Uint8Array.of(1, 2)]), hashOf([Uint8Array.of(1), Uint8Array.of(2)]));
 * assert.notEqual(hashOf([Uint8Array.of(1, 2)]), hashOf([Uint8Array.of(2, 1)]));
 * ```
 */
export function hashOf(parts: readonly Uint8Array[]): number {
  let [a, b] = [0x811c9dc5, 0x9e3779b9];
  for (const bytes of parts) {
    for (const byte of bytes) {
      a = Math.imul(a ^ byte, 0x01000193);
      b = Math.imul(b ^ byte, 0x85ebca6b) ^ (b >>> 13);
    }
  }
  return (a >>> 0) * 2 ** 21 + (b >>> 11);
}
