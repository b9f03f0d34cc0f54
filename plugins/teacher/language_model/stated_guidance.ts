import { argmax, ArrayGuidance, drawFrom } from "../../../core/kit/guidance.ts";
import type { Guidance, PromptFields } from "../../../core/stages/mod.ts";
import type { FeatureNames } from "./features.ts";
import { noteOn, type Question, questionOf, type StateNote } from "./questions.ts";

type Ids = readonly number[];

/** What {@linkcode StatedGuidance} knows beyond all guidance: the questions in words. */
export type GuidanceMemo =
  readonly (StateNote["parts"] & { readonly told: Required<PromptFields> })[];

/** Guidance that remembers what was asked, and the ids of what it suggests. */
export class StatedGuidance extends ArrayGuidance {
  readonly #ids: Ids[] = [];

  /** @param questions [N] what it answers. */
  constructor(candidates: readonly string[], readonly questions: readonly Question[]) {
    super(questions.length, candidates);
  }

  /**
   * Suggests in environment i by the softmax of scores [K].
   *
   * @param draw Uniform in [0, 1); without it the likeliest is taken.
   * @param ids The candidates' ids.
   */
  weigh(i: number, scores: Float32Array, draw: number | undefined, ids: readonly Ids[]): void {
    const { distribution } = this;
    const offset = i * scores.length;
    distribution.set(scores, offset);
    softmax(distribution, offset, scores.length);
    const choice = draw === undefined
      ? argmax(distribution, offset, scores.length)
      : drawFrom(distribution, offset, scores.length, draw);
    this.choices[i] = choice;
    this.logProbs[i] = Math.log(distribution[offset + choice]!);
    this.#ids[i] = ids[choice]!;
  }

  /** Suggests in environment i what was written there, with its log-probability and its ids. */
  quote(i: number, choice: number, logProb: number, ids: Ids): void {
    this.suggest(i, choice);
    this.logProbs[i] = Math.min(0, logProb); // sums may end a rounding above 0
    this.#ids[i] = ids;
  }

  /** The questions in words. */
  memo(): GuidanceMemo {
    return this.questions.map(({ note, told }) => ({ ...note.parts, told }));
  }

  /** Guidance that was kept, with what it answered. */
  static recall(kept: Guidance, memo: GuidanceMemo, names: FeatureNames): StatedGuidance {
    const questions = memo.map(({ told, ...parts }) => questionOf(noteOn(parts, names), told));
    const recalled = new StatedGuidance(kept.candidates, questions);
    recalled.choices.set(kept.choices);
    recalled.distribution.set(kept.distribution);
    recalled.logProbs.set(kept.logProbs);
    for (let i = 0; i < kept.envs; i++) recalled.#ids[i] = Array.from(kept.tokens(i));
    return recalled;
  }

  override tokens(i: number): ArrayLike<number> {
    return this.choices[i]! < 0 ? [] : this.#ids[i]!;
  }
}

/** Softmax in place over `length` values from `offset`. */
function softmax(values: Float32Array, offset: number, length: number): void {
  let largest = -Infinity;
  for (let c = 0; c < length; c++) largest = Math.max(largest, values[offset + c]!);
  let sum = 0;
  for (let c = 0; c < length; c++) {
    sum += values[offset + c] = Math.exp(values[offset + c]! - largest);
  }
  for (let c = 0; c < length; c++) values[offset + c]! /= sum;
}
