/** What several levels come to together. */
import { Pcg64 } from "@tandem/core/kit";
import { type Interval, stratifiedBootstrap } from "../statistics/bootstrap.ts";
import {
  AGGREGATES,
  performanceProfile,
  probabilityOfImprovement,
  type ScoreTable,
  scoreTable,
} from "../statistics/scores.ts";
import { scored, scoredLevels } from "./measures.ts";
import type { Results } from "./results.ts";
import { endOf } from "./worlds.ts";

/** A number with its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly ci95: Interval;
}

/** The aggregates of a variant's scores at the end. */
export interface VariantAggregate {
  readonly variant: string;
  readonly aggregates: Readonly<Record<keyof typeof AGGREGATES, Estimate>>;
  /** The share of runs above each score of {@linkcode TAUS}, with a band. */
  readonly profile: readonly (Estimate & { readonly tau: number })[];
}

/** The chance that a run of a variant beats one of another on a level drawn at random. */
export interface Improvement extends Estimate {
  readonly variant: string;
  readonly against: string;
}

/** Scores at which performance profiles are drawn. */
const TAUS: readonly number[] = Array.from({ length: 51 }, (_, i) => i / 50);

const RANDOM_SEED = 7;

/**
 * The scores of a variant at the end, on the levels that have a score; undefined where a run is missing
 * or no level has one.
 */
export function scoresOf(results: Results, variant: string): ScoreTable | undefined {
  const seeds = results.seedsOf(variant);
  const levels = scoredLevels(results);
  const cells = levels.map((level) => results.cell(variant, level));
  if (cells.length === 0 || cells.some(({ runs }) => runs.length !== seeds.length)) {
    return undefined;
  }
  const scores = cells.map(({ runs }) =>
    runs.map(({ record }) => scored(record, endOf(record.summary).success)!)
  );
  return scoreTable(levels, seeds, scores);
}

/** The aggregates of all variants whose runs are complete. */
export function aggregatesOf(results: Results): VariantAggregate[] {
  return results.variants.flatMap((variant) => {
    const table = scoresOf(results, variant);
    if (!table) return [];
    const names = Object.keys(AGGREGATES) as (keyof typeof AGGREGATES)[];
    const statistics = (scores: ScoreTable["scores"]) => [
      ...names.map((name) => AGGREGATES[name](scores)),
      ...performanceProfile(scores, TAUS),
    ];
    const values = statistics(table.scores);
    const intervals = stratifiedBootstrap(
      [table.scores],
      ([scores]) => statistics(scores!),
      { random: new Pcg64(RANDOM_SEED) },
    );
    const estimate = (k: number) => ({ value: values[k]!, ci95: intervals[k]! });
    return [{
      variant,
      aggregates: Object.fromEntries(
        names.map((name, k) => [name, estimate(k)]),
      ) as VariantAggregate["aggregates"],
      profile: TAUS.map((tau, k) => ({ tau, ...estimate(names.length + k) })),
    }];
  });
}

/** The chance of improvement for all pairs whose runs are complete. */
export function improvementsOf(results: Results): Improvement[] {
  return results.pairs.flatMap(([variant, against]) => {
    const [x, y] = [scoresOf(results, variant), scoresOf(results, against)];
    if (!x || !y) return [];
    const [ci95] = stratifiedBootstrap(
      [x.scores, y.scores],
      ([a, b]) => [probabilityOfImprovement(a!, b!)],
      { random: new Pcg64(RANDOM_SEED) },
    );
    const value = probabilityOfImprovement(x.scores, y.scores);
    return [{ variant, against, value, ci95: ci95! }];
  });
}
