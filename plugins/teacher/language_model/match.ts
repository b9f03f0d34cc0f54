/**
 * The candidate that a written text means, or -1: the same text, else the longest candidate that the
 * text begins with, else the only one that begins with the text (writing may have been cut short).
 * Case and the space around do not matter.
 *
 * @example
 * ```ts
 * import { matchCandidate } from "./match.ts";
 * import assert from "node:assert/strict";
 * const candidates = ["go", "go forward", "turn left", "turn right"];
 * assert.equal(matchCandidate(" Go", candidates), 0);
 * assert.equal(matchCandidate("go forward, then turn", candidates), 1);
 * assert.equal(matchCandidate("turn l", candidates), 2);
 * assert.equal(matchCandidate("turn", candidates), -1);
 * assert.equal(matchCandidate("", candidates), -1);
 * ```
 */
export function matchCandidate(text: string, candidates: readonly string[]): number {
  const said = text.trim().toLowerCase();
  if (said === "") return -1;
  const words = candidates.map((candidate) => candidate.trim().toLowerCase());
  const exact = words.indexOf(said);
  if (exact >= 0) return exact;
  const begins = words.filter((word) => word !== "" && isBeginning(word, said));
  if (begins.length > 0) {
    return words.indexOf(begins.reduce((a, b) => b.length > a.length ? b : a));
  }
  const goesOn = words.filter((word) => word.startsWith(said));
  return goesOn.length === 1 ? words.indexOf(goesOn[0]!) : -1;
}

/** Whether a text begins with these words, none of them cut. */
function isBeginning(words: string, text: string): boolean {
  return text.startsWith(words) && !/^[\p{L}\p{N}]/u.test(text.slice(words.length));
}
