/** Scores of one variant by level and seed, and what several levels come to together. */
import { superiority } from "./effects.ts";
import { interquartileMean, mean, median } from "./sample.ts";

/** Scores whose axes carry their names, so that they cannot be mistaken for each other. */
export interface ScoreTable {
  readonly levels: readonly string[];
  readonly seeds: readonly number[];
  /** [levels][seeds] */
  readonly scores: readonly (readonly number[])[];
}

/**
 * A checked table.
 *
 * @param scores [levels][seeds], all finite.
 * @throws RangeError where the shape is another one (swapped axes are named) or a score is missing.
 * @example
 * ```ts
 * import { scoreTable } from "@tandem/lab/statistics";
 * import assert from "node:assert/strict";
 * assert.throws(() => scoreTable(["A", "B"], [0, 1, 2], [[1, 2], [3, 4], [5, 6]]), /swapped/);
 * ```
 */
export function scoreTable(
  levels: readonly string[],
  seeds: readonly number[],
  scores: readonly (readonly number[])[],
): ScoreTable {
  const shaped = (rows: number, columns: number) =>
    scores.length === rows && scores.every(({ length }) => length === columns);
  if (!shaped(levels.length, seeds.length)) {
    const expected = `${levels.length} levels with ${seeds.length} seeds each`;
    throw new RangeError(
      shaped(seeds.length, levels.length)
        ? `The axes are swapped: scores are [levels][seeds], ${expected}.`
        : `Scores are missing: there must be ${expected}.`,
    );
  }
  for (const [row, level] of levels.entries()) {
    const column = scores[row]!.findIndex((score) => !Number.isFinite(score));
    if (column < 0) continue;
    const score = scores[row]![column];
    throw new RangeError(`The score of ${level}, seed ${seeds[column]}, is "${score}".`);
  }
  return { levels, seeds, scores };
}

/** A number that scores [levels][seeds] come to. */
export type Aggregate = (scores: ScoreTable["scores"]) => number;

/**
 * Aggregates by name, as rliable defines them (Agarwal et al., arXiv 2108.13264): the interquartile
 * mean of all scores, the mean and the median of the levels' means, and the optimality gap to 1.
 */
export const AGGREGATES = {
  iqm: (scores) => interquartileMean(scores.flat()),
  mean: (scores) => mean(scores.map((row) => mean(row))),
  median: (scores) => median(scores.map((row) => mean(row))),
  optimalityGap: (scores) => optimalityGap(scores),
} as const satisfies Record<string, Aggregate>;

/** By how much scores fall short of gamma on average: gamma - mean of min(score, gamma). */
export function optimalityGap(scores: ScoreTable["scores"], gamma = 1): number {
  return gamma - mean(scores.flat().map((score) => Math.min(score, gamma)));
}

/**
 * The chance that a run of x beats a run of y on a level drawn at random: the mean over levels of
 * U / (n m), ties counting half.
 */
export function probabilityOfImprovement(
  x: ScoreTable["scores"],
  y: ScoreTable["scores"],
): number {
  return mean(x.map((row, level) => superiority(row, y[level]!)));
}

/**
 * A performance profile: for each tau the share of all runs whose score exceeds it.
 *
 * @example
 * ```ts
 * import { performanceProfile } from "@tandem/lab/statistics";
 * import assert from "node:assert/strict";
 * assert.deepEqual(performanceProfile([[0.2, 0.9], [0.5, 1]], [0, 0.5, 1]), [1, 0.5, 0]);
 * ```
 */
export function performanceProfile(
  scores: ScoreTable["scores"],
  taus: readonly number[],
): number[] {
  const all = scores.flat();
  return taus.map((tau) => all.filter((score) => score > tau).length / all.length);
}
