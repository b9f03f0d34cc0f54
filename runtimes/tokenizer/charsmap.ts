/** SentencePiece's table of replacements, as tokenizer.json carries it. */
import { bytesOfBase64 } from "@tandem/core/internal";
import { Unusable } from "./definition.ts";

/** A text as the table has it: where one of its beginnings stands there, what stands for it. */
export type Charsmap = (text: string) => string | undefined;

/** Bytes of the longest cluster of characters that is looked up as one. */
const LONGEST_CLUSTER = 6;
const LEAF = 1 << 8;
const WIDE = 1 << 9;

/**
 * Reads a table: four bytes of length, a double-array trie (darts-clone) of little-endian 32-bit units
 * that length long, and the replacements behind it, each ended by a zero.
 *
 * @throws Unusable where it is none.
 */
export function readCharsmap(base64: string): Charsmap {
  let bytes: Uint8Array;
  try {
    bytes = bytesOfBase64(base64);
  } catch {
    throw new Unusable("its charsmap is no base64");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < 4 ? NaN : view.getUint32(0, true);
  if (!(length >= 4 && length % 4 === 0 && length <= bytes.length - 4)) {
    throw new Unusable("its charsmap is damaged");
  }
  const units = Uint32Array.from({ length: length / 4 }, (_, i) => view.getUint32(4 + 4 * i, true));
  const texts = bytes.subarray(4 + length);
  return (text) => {
    const place = firstLeaf(units, text);
    if (place === undefined) return undefined;
    const end = texts.indexOf(0, place);
    return new TextDecoder("utf-8", { ignoreBOM: true })
      .decode(texts.subarray(place, end < 0 ? texts.length : end));
  };
}

/** The value of the shortest beginning of a text that the trie holds. */
function firstLeaf(units: Uint32Array, text: string): number | undefined {
  const offset = (unit: number) => (unit >>> 10) << ((unit & WIDE) >>> 6);
  let at = offset(units[0]!);
  for (const byte of new TextEncoder().encode(text)) {
    at ^= byte;
    const unit = units[at];
    // The upper bit marks a value: no label is one.
    if (byte === 0 || unit === undefined || (unit & 0x8000_00ff) !== byte) return undefined;
    at ^= offset(unit);
    if ((unit & LEAF) !== 0) return (units[at] ?? 0) & 0x7fff_ffff;
  }
  return undefined;
}

const CLUSTERS = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Replaces by a table, cluster by cluster of characters, else character by character. */
export function applyCharsmap(map: Charsmap, text: string): string {
  let written = "";
  for (const { segment } of CLUSTERS.segment(text)) {
    const bytes = new TextEncoder().encode(segment).length;
    const whole = bytes < LONGEST_CLUSTER ? map(segment) : undefined;
    if (whole !== undefined) written += whole;
    else for (const character of segment) written += map(character) ?? character;
  }
  return written;
}
