/** What the data says, what it does not say, and what it cannot say. */
import { Pcg64 } from "@tandem/core/kit";
import type { Interval } from "../statistics/bootstrap.ts";
import { cliffsDelta, hedgesG } from "../statistics/effects.ts";
import {
  holm,
  leastPairedP,
  mannWhitney,
  pairedPermutation,
  welch,
} from "../statistics/hypothesis.ts";
import { mean } from "../statistics/sample.ts";
import { type Coverage, intervalOf } from "./intervals.ts";
import { type Measure, measuredAt, measuresFor, scoredLevels, unitOf } from "./measures.ts";
import type { Cell, Results } from "./results.ts";

/** Claims are made where the corrected p is at most this. */
export const ALPHA = 0.05;

/** A comparison of two variants by one measure, on one level or on all. */
export interface Comparison {
  readonly measure: Measure;
  readonly variant: string;
  readonly against: string;
  /** null for all levels together. */
  readonly level: string | null;
}

/** A comparison that could be made. */
export interface Finding extends Comparison {
  /** Means over seeds. */
  readonly value: number;
  readonly other: number;
  /** Difference of the means and its 95 % bootstrap interval, and what that covers. */
  readonly difference: number;
  readonly ci95: Interval;
  readonly covers: Coverage;
  /** Paired permutation test over seeds, and the same after Holm's correction. */
  readonly pValue: number;
  readonly corrected: number;
  readonly effect: { readonly cliffsDelta: number; readonly hedgesG: number };
  /** p-values of tests that do not use the pairs, uncorrected: not what verdicts are made of. */
  readonly unpaired: { readonly welch: number; readonly mannWhitney: number };
  readonly seeds: number;
  /** "better" and "worse" where the corrected p is at most {@linkcode ALPHA}. */
  readonly verdict: "better" | "worse" | "open";
}

/** A comparison that cannot be made, with what is missing. */
export interface Refusal extends Comparison {
  readonly verdict: "refused";
  readonly missing: string;
}

/** A statement about two variants. */
export type Claim = Finding | Refusal;

/** Seeds of the resampling: the same data gives the same statements. */
const RANDOM_SEED = 6;

/**
 * All comparisons of a plan. Within a measure and a level (or all levels) Holm's correction is for
 * the pairs that are compared there.
 */
export function claimsOf(results: Results): Claim[] {
  const { levels, pairs, question: { threshold } } = results;
  const scopes: (string | null)[] = levels.length > 1 ? [null, ...levels] : [...levels];
  const measures = scopes.map((level) => {
    const scored = levelsOf(results, { level, measure: { unit: "score" } });
    return measuresFor(threshold, unitOf(results, scored));
  });
  return measures[0]!.flatMap((_, k) =>
    scopes.flatMap((level, s) => {
      const measure = measures[s]![k]!;
      const claims = pairs.map(([variant, against]) =>
        compare(results, { measure, variant, against, level }, pairs.length)
      );
      return corrected(claims);
    })
  );
}

/** The levels of a comparison; by scores, over all levels, those that have one, where any has. */
function levelsOf(
  results: Results,
  { level, measure }: Pick<Comparison, "level"> & { readonly measure: Pick<Measure, "unit"> },
): readonly string[] {
  if (level !== null) return [level];
  const scored = measure.unit === "steps" ? [] : scoredLevels(results);
  return scored.length > 0 ? scored : results.levels;
}

/** What stands in the way of comparing these cells, pair by pair; undefined where nothing does. */
function whatIsMissing(
  pairs: readonly (readonly [Cell, Cell])[],
  comparisons: number,
): string | undefined {
  for (const cell of pairs.flat()) {
    const gaps = [
      cell.missing.length > 0 && `${seedList(cell.missing)} not run`,
      cell.failed.length > 0 && `${seedList(cell.failed.map(({ seed }) => seed))} failed`,
    ].filter(Boolean);
    if (gaps.length > 0) return `${cell.variant} on ${cell.level}: ${gaps.join(", ")}`;
  }
  for (const [a, b] of pairs) {
    const logs = new Set([...a.runs, ...b.runs].map(({ record }) => measuredAt(record)));
    if (logs.size > 1) {
      return `the runs of ${a.variant} and ${b.variant} on ${a.level} were not measured at the ` +
        `same iterations`;
    }
  }
  const seeds = pairs[0]![0].runs.length;
  const needed = seedsNeeded(comparisons);
  if (seeds >= needed) return undefined;
  return `${seeds} seed${seeds === 1 ? "" : "s"} cannot give a corrected p of ${ALPHA} among ` +
    `${comparisons} comparison${comparisons === 1 ? "" : "s"}; ${needed} seeds can`;
}

/** The fewest pairs of runs with which a paired permutation test can pass Holm's first step. */
export function seedsNeeded(comparisons: number): number {
  let seeds = 2;
  while (leastPairedP(seeds) * comparisons > ALPHA) seeds++;
  return seeds;
}

function compare(results: Results, comparison: Comparison, comparisons: number): Claim {
  const { measure, variant, against } = comparison;
  const levels = levelsOf(results, comparison);
  const pairs = levels.map((name) =>
    [results.cell(variant, name), results.cell(against, name)] as const
  );
  const missing = whatIsMissing(pairs, comparisons);
  if (missing !== undefined) return { ...comparison, verdict: "refused", missing };
  // One row a seed: the mean over levels, so that seeds stay what is drawn at random.
  const rows = pairs[0]![0].runs.map((_, i) =>
    [0, 1].map((side) => mean(pairs.map((pair) => measure.of(pair[side]!.runs[i]!.record)))) as [
      number,
      number,
    ]
  );
  const [x, y] = [rows.map(([value]) => value), rows.map(([, other]) => other)];
  const { difference, pValue } = pairedPermutation(x, y, new Pcg64(RANDOM_SEED));
  const interval = intervalOf(x.map((value, i) => value - y[i]!), measure, pairs);
  return {
    ...comparison,
    value: mean(x),
    other: mean(y),
    difference,
    ...interval,
    pValue,
    corrected: pValue,
    effect: { cliffsDelta: cliffsDelta(x, y), hedgesG: hedgesG(x, y) },
    unpaired: { welch: welch(x, y).pValue, mannWhitney: mannWhitney(x, y).pValue },
    seeds: rows.length,
    verdict: "open",
  };
}

function corrected(claims: readonly Claim[]): Claim[] {
  const findings = claims.filter((claim) => claim.verdict !== "refused");
  const adjusted = holm(findings.map(({ pValue }) => pValue));
  return claims.map((claim) => {
    if (claim.verdict === "refused") return claim;
    const p = adjusted[findings.indexOf(claim)]!;
    return { ...claim, corrected: p, verdict: verdictOn(claim, p) };
  });
}

function verdictOn({ difference, measure }: Finding, p: number): Finding["verdict"] {
  if (p > ALPHA || difference === 0) return "open";
  return (difference > 0) === (measure.better === "higher") ? "better" : "worse";
}

function seedList(seeds: readonly number[]): string {
  const named = seeds.slice(0, 6).join(", ");
  return `seed${seeds.length === 1 ? "" : "s"} ${named}${seeds.length > 6 ? ", ..." : ""}`;
}
