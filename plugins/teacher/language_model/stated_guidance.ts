import { argmax, ArrayGuidance, drawFrom } from "../../../core/guidance.ts";
import type { StateFeatures } from "./correction.ts";

type Ids = readonly number[];

/** Guidance that remembers which states it was given for, and the ids of what it suggests. */
export class StatedGuidance extends ArrayGuidance {
  readonly #ids: Ids[] = [];

  /** @param features [N] of the states. */
  constructor(candidates: readonly string[], readonly features: readonly StateFeatures[]) {
    super(features.length, candidates);
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
