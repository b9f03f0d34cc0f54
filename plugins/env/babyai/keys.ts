/** Keys of what an agent is given, for caches. */

import { MISSION_BYTES } from "./missions.ts";
import type { Rows } from "./rows.ts";

/** 53 bits of row i and its mission: two multiplicative hashes of 32 bits, joined. */
export function hashRow({ words, size }: Rows, missions: Uint8Array, i: number): number {
  let one = 0x811c9dc5, other = 0x9e3779b9;
  for (let k = i * size >> 2; k < (i + 1) * size >> 2; k++) {
    one = Math.imul(one ^ words[k]!, 0x01000193);
    other = Math.imul(other ^ words[k]! ^ other >>> 15, 0x85ebca6b);
  }
  for (let k = i * MISSION_BYTES; k < (i + 1) * MISSION_BYTES; k++) {
    one = Math.imul(one ^ missions[k]!, 0x01000193);
    other = Math.imul(other ^ missions[k]! ^ other >>> 15, 0x85ebca6b);
  }
  return ((one ^ one >>> 13) >>> 0) * 2097152 + ((other ^ other >>> 16) >>> 11);
}
