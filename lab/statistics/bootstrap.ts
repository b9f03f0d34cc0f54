/** Intervals by resampling. The draws are seeded: the same data gives the same interval. */
import type { Pcg64 } from "@tandem/core/kit";
import { sortedQuantile } from "./sample.ts";
import type { ScoreTable } from "./scores.ts";

/** What an interval is drawn with. */
export interface BootstrapOptions {
  /** Where draws come from. */
  readonly random: Pcg64;
  /** Resamples; default 2,000. */
  readonly draws?: number;
  /** Default 0.95. */
  readonly confidence?: number;
}

/** The ends of an interval. */
export type Interval = readonly [low: number, high: number];

/**
 * Stratified bootstrap percentile intervals, as rliable draws them (Agarwal et al., arXiv
 * 2108.13264): within each level the runs are drawn anew with replacement, the levels stay.
 *
 * @param tables One a variant, all with the same levels; variants are resampled apart.
 * @param statistics What is estimated, several numbers from one resample of each table.
 * @returns One interval a number.
 */
export function stratifiedBootstrap(
  tables: readonly ScoreTable["scores"][],
  statistics: (resampled: readonly ScoreTable["scores"][]) => readonly number[],
  options: BootstrapOptions,
): Interval[] {
  const { random } = options;
  const resample = () => tables.map((table) => table.map((row) => redrawn(row, random)));
  return intervals(() => statistics(resample()), options);
}

/**
 * Percentile intervals for paired data: whole rows are drawn with replacement, such as the values
 * of all variants under one seed.
 *
 * @param rows One a seed.
 */
export function pairedBootstrap<T>(
  rows: readonly T[],
  statistics: (resampled: readonly T[]) => readonly number[],
  options: BootstrapOptions,
): Interval[] {
  return intervals(() => statistics(redrawn(rows, options.random)), options);
}

function redrawn<T>(items: readonly T[], random: Pcg64): T[] {
  return items.map(() => items[random.integers(0, items.length)]!);
}

function intervals(
  draw: () => readonly number[],
  { draws = 2000, confidence = 0.95 }: BootstrapOptions,
): Interval[] {
  const samples = Array.from({ length: draws }, draw);
  const tail = (1 - confidence) / 2;
  return samples[0]!.map((_, k) => {
    const sorted = Float64Array.from(samples, (sample) => sample[k]!).sort();
    return [sortedQuantile(sorted, tail), sortedQuantile(sorted, 1 - tail)] as const;
  });
}
