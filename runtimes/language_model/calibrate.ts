/** How sure a teacher may be: fits the temperature at which its probabilities come true. */
import { logSumExp } from "./sampling.ts";

/** Scores of a list's candidates and which of them was right. */
export interface LabelledScores {
  readonly scores: ArrayLike<number>;
  /** Index of the right candidate. */
  readonly right: number;
}

/** The range that a fitted temperature stays in. */
export const TEMPERATURE_RANGE = [1e-3, 1e3] as const;

/**
 * Mean negative log-likelihood of the right candidates, in nats, when scores are divided by a
 * temperature and go through a softmax.
 */
export function negativeLogLikelihood(
  examples: readonly LabelledScores[],
  temperature: number,
): number {
  let sum = 0;
  for (const { scores, right } of examples) {
    const scaled = Float32Array.from(scores, (score) => score / temperature);
    sum += logSumExp(scaled) - scaled[right]!;
  }
  return sum / examples.length;
}

/**
 * The temperature of least {@linkcode negativeLogLikelihood} (Guo et al. 2017, "On Calibration of
 * Modern Neural Networks"). The loss is convex in b = 1 / temperature, with the slope
 * mean(E_p[score] - score_right) under p = softmax(b * scores), whose root bisection finds.
 *
 * @returns A temperature within {@linkcode TEMPERATURE_RANGE}: the least where the right candidate
 * is always the best scored, the largest where scores say nothing; 1 without examples.
 * @example
 * ```ts
 * import { fitTemperature } from "./calibrate.ts";
 * import assert from "node:assert/strict";
 * // The first candidate scores 2 higher and is right three times in four: p = 3 / 4 at 2 / ln 3.
 * const examples = [0, 0, 0, 1].map((right) => ({ scores: [2, 0], right }));
 * assert.ok(Math.abs(fitTemperature(examples) - 2 / Math.log(3)) < 1e-6);
 * ```
 */
export function fitTemperature(examples: readonly LabelledScores[]): number {
  if (examples.length === 0) return 1;
  let [low, high] = TEMPERATURE_RANGE.map((temperature) => Math.log(temperature)) as [
    number,
    number,
  ];
  // 60 halvings of a range of 14 leave less than the distance of two doubles.
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    // Too sure: the expected score exceeds that of the right candidates.
    if (slope(examples, Math.exp(-middle)) > 0) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

function slope(examples: readonly LabelledScores[], inverse: number): number {
  let sum = 0;
  for (const { scores, right } of examples) {
    const values = Array.from(scores);
    const best = Math.max(...values);
    const weights = values.map((score) => Math.exp((score - best) * inverse));
    const total = weights.reduce((a, b) => a + b, 0);
    const expected = values.reduce((mean, score, i) => mean + score * weights[i]! / total, 0);
    sum += expected - values[right]!;
  }
  return sum;
}
