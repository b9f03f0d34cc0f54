/** Ready-made verdicts, so that a rule need not write the contract out. */
import type { Verdicts } from "./stages.ts";

/** What a verdict says; an abstention says nothing. */
export interface VerdictWords {
  readonly positive: string;
  readonly negative: string;
}

/** The paper's words (arXiv 2401.06603, Algorithm 1). */
export const PAPER_WORDS: VerdictWords = {
  positive: "This token is better than the last one.",
  negative: "This token is worse than the last one.",
};

/**
 * Verdicts by the sign of a score: positive above `margin`, negative below `-margin`, and an
 * abstention of strength 0 between. The strength is |score|. A score of NaN abstains.
 *
 * @param scores [N] one a token.
 * @param words What the verdicts say.
 * @param margin At least 0.
 * @example
 * ```ts
 * import { PAPER_WORDS, verdictsOf } from "./verdicts.ts";
 * import assert from "node:assert/strict";
 * const { signs, strengths } = verdictsOf(Float32Array.of(0.5, -0.25, 0), PAPER_WORDS, 0.25);
 * assert.deepEqual([...signs], [1, 0, 0]);
 * assert.deepEqual([...strengths], [0.5, 0, 0]);
 * ```
 */
export function verdictsOf(
  scores: Float32Array,
  words: VerdictWords = PAPER_WORDS,
  margin = 0,
): Verdicts {
  const signs = Int8Array.from(scores, (score) => score > margin ? 1 : score < -margin ? -1 : 0);
  return {
    signs,
    strengths: scores.map((score, i) => signs[i] === 0 ? 0 : Math.abs(score)),
    words: (i) => signs[i]! > 0 ? words.positive : signs[i]! < 0 ? words.negative : "",
  };
}

/** Verdicts on so many tokens that say nothing. */
export function abstentions(length: number): Verdicts {
  return { signs: new Int8Array(length), strengths: new Float32Array(length), words: () => "" };
}

/** [N] A_t - A_tm1, what the paper's rule compares. */
export function changeOf(now: Float32Array, before: Float32Array): Float32Array {
  return now.map((advantage, i) => advantage - before[i]!);
}

/** {@linkcode verdictsOf} the change since the moment before: a token compared with the last one. */
export function verdictsOnChange(
  now: Float32Array,
  before: Float32Array,
  words?: VerdictWords,
  margin?: number,
): Verdicts {
  return { ...verdictsOf(changeOf(now, before), words, margin), comparesWithBefore: true };
}
