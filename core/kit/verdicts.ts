/** Ready-made verdicts, so that a rule need not write the contract out. */
import type { JudgedStep, Verdicts } from "../stages/mod.ts";

/** What a verdict says; an abstention says nothing. */
export interface VerdictWords {
  /** Said of a suggestion that helped. */
  readonly positive: string;
  /** Said of one that did not. */
  readonly negative: string;
}

/** The paper's words (arXiv 2401.06603, Algorithm 1), in which a suggestion is a token. */
export const PAPER_WORDS: VerdictWords = {
  positive: "This token is better than the last one.",
  negative: "This token is worse than the last one.",
};

/**
 * Verdicts by the sign of a score: positive above `margin`, negative below `-margin`, and an
 * abstention of strength 0 between. The strength is |score|. A score of NaN abstains.
 *
 * @param scores [N] one a suggestion.
 * @param words What the verdicts say.
 * @param margin At least 0.
 * @example
 * ```ts
 * import { PAPER_WORDS, verdictsOf } from "@tandem/core/kit";
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
    words: wordsFor(signs, words),
  };
}

/** What verdicts of these signs say, as {@linkcode Verdicts} has it. */
export function wordsFor(
  signs: Int8Array,
  { positive, negative }: VerdictWords = PAPER_WORDS,
): Verdicts["words"] {
  return (i) => signs[i]! > 0 ? positive : signs[i]! < 0 ? negative : "";
}

/** Verdicts on so many suggestions that say nothing. */
export function abstentions(length: number): Verdicts {
  return { signs: new Int8Array(length), strengths: new Float32Array(length), words: () => "" };
}

/**
 * [N] A_t - A_tm1, what the paper's rule compares; NaN where s_t is the first of its episode, for the
 * step before is the last of another one there, and says nothing of this suggestion.
 *
 * {@linkcode verdictsOf} abstains on NaN; a rule that goes its own way must abstain itself.
 *
 * @example
 * ```ts
 * import { changeOf } from "@tandem/core/kit";
 * import assert from "node:assert/strict";
 * const now = { advantages: Float32Array.of(1, 1), firsts: Uint8Array.of(0, 1) };
 * const before = { advantages: Float32Array.of(0.5, 0.5) };
 * assert.deepEqual([...changeOf(now, before)], [0.5, NaN]);
 * ```
 */
export function changeOf(
  { advantages, firsts }: Pick<JudgedStep, "advantages" | "firsts">,
  before: Pick<JudgedStep, "advantages">,
): Float32Array {
  return advantages.map((now, i) => firsts[i] === 1 ? NaN : now - before.advantages[i]!);
}

/**
 * {@linkcode verdictsOf} the change since the step before: a suggestion compared with the last one of its
 * episode; the first of an episode is passed over.
 */
export function verdictsOnChange(
  now: Pick<JudgedStep, "advantages" | "firsts">,
  before: Pick<JudgedStep, "advantages">,
  words?: VerdictWords,
  margin?: number,
): Verdicts {
  return { ...verdictsOf(changeOf(now, before), words, margin), comparesWithBefore: true };
}
