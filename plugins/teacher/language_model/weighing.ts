/** What a model's answers come to as guidance. */
import type { Guidance } from "@tandem/core";
import { argmax, drawFrom, silence, suggest } from "@tandem/core/kit";
import type { Answer } from "./questions.ts";

/**
 * Guidance by what a model has answered: where it scored the candidates, by the softmax of the
 * scores; where it wrote one of them, that one.
 *
 * @param answers [N].
 * @param draw Gives the number, uniform in [0, 1), by which environment i's suggestion is drawn;
 * undefined where the likeliest is taken.
 */
export function guidanceBy(
  answers: readonly Answer[],
  candidates: readonly string[],
  draw: () => number | undefined,
): Guidance {
  const guidance = silence(answers.length, candidates);
  const tokens = answers.map((answer, i): readonly number[] => {
    if ("scores" in answer) return answer.ids[weigh(guidance, i, answer.scores, draw())]!;
    if (answer.choice < 0) return [];
    suggest(guidance, i, answer.choice);
    guidance.logProbs[i] = Math.min(0, answer.logProb); // sums may end a rounding above 0
    return answer.ids;
  });
  return { ...guidance, tokens };
}

/** Suggests in environment i by the softmax of scores [K]; gives the choice. */
function weigh(
  { choices, distribution, logProbs }: Guidance,
  i: number,
  scores: Float32Array,
  draw: number | undefined,
): number {
  const offset = i * scores.length;
  distribution.set(scores, offset);
  softmax(distribution, offset, scores.length);
  const choice = draw === undefined
    ? argmax(distribution, offset, scores.length)
    : drawFrom(distribution, offset, scores.length, draw);
  choices[i] = choice;
  logProbs[i] = Math.log(distribution[offset + choice]!);
  return choice;
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
