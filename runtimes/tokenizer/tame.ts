/** Whether a regular expression ends soon, judged by its source. */

/** Bits for the ways to repeat without bound: about a thousand. */
const UNBOUNDED_BITS = 10;
/** Ways to match, as bits, beyond which an expression may run for ever. */
const MOST_BITS = 28;

/** A pattern's parts: what begins a group, escapes, sets, quantifiers, and single characters. */
const PIECES =
  /\((?:\?(?:<[=!]|<[^>]*>|[:=!]|[a-z-]+:))?|\\(?:[pPuk]\{[^}]*\}|.)|\[\^?\]?(?:\\.|[^\]\\])*\]|\{\d*(?:,\d*)?\}|[^]/gu;

/**
 * Whether a regular expression surely ends soon, by the ways to match that it could have to try: those
 * of a sequence multiply, those of alternatives add up. Expressions of published tokenizers pass.
 *
 * @example
 * ```ts
 * import { isTame } from "./tame.ts";
 * import assert from "node:assert/strict";
 * assert.ok(isTame(" ?\\p{L}+|[^\\s()+]+|\\s+(?!\\S)"));
 * assert.ok(!isTame("(a+)+$"));
 * assert.ok(!isTame("(?:a|aa){30}b"));
 * assert.ok(!isTame(".*.*.*x"));
 * ```
 */
export function isTame(source: string): boolean {
  // Groups under way: bits of the alternative at hand, and the ways of those before.
  const groups = [{ bits: 0, ways: 0 }];
  const end = () => {
    const { bits, ways } = groups.pop()!;
    return Math.log2(ways + 2 ** bits);
  };
  // Bits of what a quantifier would repeat.
  let last = 0;
  for (const [piece] of source.matchAll(PIECES)) {
    const group = groups.at(-1)!;
    const times = timesOf(piece);
    if (times) {
      const repeated = bitsOf(last, times);
      group.bits += repeated - last;
      last = repeated;
    } else if (piece.startsWith("(")) groups.push({ bits: 0, ways: 0 });
    else if (piece === "|") {
      group.ways += 2 ** group.bits;
      group.bits = 0;
    } else if (piece === ")" && groups.length > 1) {
      last = end();
      groups.at(-1)!.bits += last;
    } else last = 0;
    if (!(groups.at(-1)!.bits <= MOST_BITS)) return false;
  }
  return groups.length === 1 && end() <= MOST_BITS;
}

/** How often at least and at most a quantifier has a thing repeated; undefined for anything else. */
function timesOf(piece: string): readonly [number, number] | undefined {
  if (piece === "+") return [1, Infinity];
  if (piece === "*") return [0, Infinity];
  if (piece === "?") return [0, 1];
  const bounds = /^\{(\d*)(,?)(\d*)\}$/.exec(piece);
  if (!bounds) return undefined;
  const [, least, comma, most] = bounds;
  return [Number(least), comma ? most ? Number(most) : Infinity : Number(least)];
}

/** Bits of something repeated that has so many itself. */
function bitsOf(bits: number, [least, most]: readonly [number, number]): number {
  if (most === Infinity) return bits > 0 ? Infinity : UNBOUNDED_BITS;
  return most * bits + Math.log2(Math.max(1, most - least + 1));
}
