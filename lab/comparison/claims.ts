/** What the data says, what it does not say, and what it cannot say. */
import { Pcg64 } from "@tandem/core/kit";
import type { Interval } from "../statistics/bootstrap.ts";
import { cliffsDelta, hedgesG } from "../statistics/effects.ts";
import { equivalenceP, leastEquivalenceP } from "../statistics/equivalence.ts";
import {
  holm,
  leastPairedP,
  mannWhitney,
  pairedPermutation,
  welch,
} from "../statistics/hypothesis.ts";
import { mean } from "../statistics/sample.ts";
import { leastSequentialP, sequentialPaired } from "../statistics/sequential.ts";
import { type Coverage, intervalOf } from "./intervals.ts";
import { type Measure, measuredAt, measuresFor, scoredLevels, unitOf } from "./measures.ts";
import { type Cell, MARGIN, type Results } from "./results.ts";

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
  /** Paired permutation test over seeds, and the same after Holm's correction over the pairs. */
  readonly pValue: number;
  readonly corrected: number;
  /** The same after Holm's correction over all that the plan compares. */
  readonly planWide: number;
  /** The least that so many seeds and comparisons let each of them be. */
  readonly floor: number;
  readonly correctedFloor: number;
  readonly planWideFloor: number;
  /** The difference that is too small to matter, in units of the measure. */
  readonly margin: number;
  /** Corrected p of two one-sided tests that the difference is within the margin. */
  readonly equivalence: number;
  readonly equivalenceFloor: number;
  /** Whether the plan named this measure before its first trial, and this is what it looks at. */
  readonly isPrimary: boolean;
  readonly effect: { readonly cliffsDelta: number; readonly hedgesG: number };
  /** p-values of tests that do not use the pairs, uncorrected: not what verdicts are made of. */
  readonly unpaired: { readonly welch: number; readonly mannWhitney: number };
  readonly seeds: number;
  /**
   * "better" and "worse" where the corrected p is at most {@linkcode ALPHA}, "same" where the
   * difference is shown to be within the margin.
   */
  readonly verdict: "better" | "worse" | "same" | "open";
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
 * the pairs that are compared there; beside it stands the one for the whole plan. Where the plan
 * states looks, every p holds at each of them.
 */
export function claimsOf(results: Results): Claim[] {
  const measures = scopesOf(results).map((level) => measuresOn(results, level));
  const claims = measures[0]!.flatMap((_, k) =>
    scopesOf(results).flatMap((level, s) => family(results, measures[s]![k]!, level))
  );
  return overThePlan(claims);
}

/** The comparisons that decide a plan: those by its primary measure, over all its levels. */
export function primaryClaims(results: Results): Claim[] {
  const [scope = null] = scopesOf(results);
  const measure = measuresOn(results, scope).find(({ id }) => id === results.question.primary);
  return measure ? family(results, measure, scope) : [];
}

/** All levels together, where there are several, and each by itself. */
function scopesOf({ levels }: Results): (string | null)[] {
  return levels.length > 1 ? [null, ...levels] : [...levels];
}

function measuresOn(results: Results, level: string | null): readonly Measure[] {
  const scored = levelsOf(results, { level, measure: { unit: "score" } });
  return measuresFor(results.question.threshold, unitOf(results, scored));
}

/** The pairs by one measure on one level or on all, corrected for each other. */
function family(results: Results, measure: Measure, level: string | null): Claim[] {
  const { pairs } = results;
  return corrected(
    pairs.map(([variant, against]) =>
      compare(results, { measure, variant, against, level }, pairs.length)
    ),
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
  looks: readonly number[] | undefined,
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
  return tooFewSeeds(pairs[0]![0].runs.length, comparisons, looks);
}

/** Why so many seeds can show nothing; undefined where they can. */
function tooFewSeeds(
  seeds: number,
  comparisons: number,
  looks?: readonly number[],
): string | undefined {
  const needed = seedsNeeded(comparisons, looks);
  if (seeds >= needed) return undefined;
  return `${seeds} seed${seeds === 1 ? "" : "s"} cannot give a corrected p of ${ALPHA} among ` +
    `${comparisons} comparison${comparisons === 1 ? "" : "s"}; ` +
    (needed === Infinity ? `nor can all ${looks?.at(-1)} of the plan` : `${needed} seeds can`);
}

/**
 * The fewest pairs of runs with which a paired permutation test can pass Holm's first step; Infinity
 * where none of the looks can.
 */
export function seedsNeeded(comparisons: number, looks?: readonly number[]): number {
  const isEnough = (seeds: number) => leastP(seeds, looks) * comparisons <= ALPHA + 1e-12;
  if (looks) return looks.find(isEnough) ?? Infinity;
  let seeds = 2;
  while (!isEnough(seeds)) seeds++;
  return seeds;
}

/** The least p that so many seeds can give, looked at once or as the plan says. */
export function leastP(seeds: number, looks?: readonly number[]): number {
  return looks ? leastSequentialP(seeds, { looks }) : leastPairedP(seeds);
}

function compare(results: Results, comparison: Comparison, comparisons: number): Claim {
  const { measure, variant, against, level } = comparison;
  const { looks, question, flips } = results;
  const pairs = levelsOf(results, comparison).map((name) => results.pair(variant, against, name));
  const missing = whatIsMissing(pairs, comparisons, looks);
  if (missing !== undefined) return { ...comparison, verdict: "refused", missing };
  const rows = rowsOf(pairs, measure);
  const [x, y] = [rows.map(([value]) => value), rows.map(([, other]) => other)];
  const differences = rows.map(([value, other]) => value - other);
  const interval = intervalOf(differences, measure, pairs);
  const margin = marginOf(pairs, measure, question.margin);
  const pValue = looks
    ? sequentialPaired(differences, { looks, flips }).pValue
    : pairedPermutation(x, y, new Pcg64(RANDOM_SEED)).pValue;
  return {
    ...comparison,
    value: mean(x),
    other: mean(y),
    difference: mean(differences),
    ...interval,
    ...uncorrected(pValue, leastP(rows.length, looks)),
    margin,
    equivalence: equivalenceP(differences, margin, looks, flips),
    equivalenceFloor: leastEquivalenceP(rows.length, looks),
    isPrimary: measure.id === question.primary && level === (scopesOf(results)[0] ?? null),
    effect: { cliffsDelta: cliffsDelta(x, y), hedgesG: hedgesG(x, y) },
    unpaired: { welch: welch(x, y).pValue, mannWhitney: mannWhitney(x, y).pValue },
    seeds: rows.length,
    verdict: "open",
  };
}

/** One row a seed: the means over levels, so that seeds stay what is drawn at random. */
function rowsOf(pairs: readonly (readonly [Cell, Cell])[], measure: Measure) {
  return pairs[0]![0].runs.map((_, i) => {
    const side = (k: 0 | 1) => mean(pairs.map((pair) => measure.of(pair[k].runs[i]!.record)));
    return [side(0), side(1)] as const;
  });
}

/** The margin in units of a measure: of steps, a share of all that a run may take. */
function marginOf(
  pairs: readonly (readonly [Cell, Cell])[],
  { unit }: Measure,
  share = MARGIN,
): number {
  if (unit !== "steps") return share;
  const ends = pairs.flat().flatMap(({ runs }) =>
    runs.map(({ record: { evaluations } }) => evaluations.at(-1)!.envSteps)
  );
  return share * Math.max(1, ...ends);
}

/** A p and its floor, before any correction. */
function uncorrected(pValue: number, floor: number) {
  return {
    pValue,
    corrected: pValue,
    planWide: pValue,
    floor,
    correctedFloor: floor,
    planWideFloor: floor,
  };
}

/** The claims of one family, corrected for each other. */
function corrected(claims: readonly Claim[]): Claim[] {
  const findings = claims.filter((claim) => claim.verdict !== "refused");
  const different = holm(findings.map(({ pValue }) => pValue));
  const equivalent = holm(findings.map(({ equivalence }) => equivalence));
  return claims.map((claim) => {
    if (claim.verdict === "refused") return claim;
    const place = findings.indexOf(claim);
    const found = {
      ...claim,
      corrected: different[place]!,
      correctedFloor: Math.min(1, findings.length * claim.floor),
      equivalence: equivalent[place]!,
      equivalenceFloor: Math.min(1, findings.length * claim.equivalenceFloor),
    };
    return { ...found, verdict: verdictOn(found) };
  });
}

/** The same claims, each with what is left of its p among all of the plan. */
function overThePlan(claims: readonly Claim[]): Claim[] {
  const findings = claims.filter((claim) => claim.verdict !== "refused");
  const adjusted = holm(findings.map(({ pValue }) => pValue));
  return claims.map((claim) => {
    if (claim.verdict === "refused") return claim;
    const planWide = adjusted[findings.indexOf(claim)]!;
    return { ...claim, planWide, planWideFloor: Math.min(1, findings.length * claim.floor) };
  });
}

function verdictOn({ difference, measure, ...p }: Finding): Finding["verdict"] {
  // Levels are quotients: 3 times 0.05 / 3 is not quite 0.05.
  const isShown = (value: number) => value <= ALPHA + 1e-12;
  if (isShown(p.corrected) && difference !== 0) {
    return (difference > 0) === (measure.better === "higher") ? "better" : "worse";
  }
  return isShown(p.equivalence) ? "same" : "open";
}

function seedList(seeds: readonly number[]): string {
  const named = seeds.slice(0, 6).join(", ");
  return `seed${seeds.length === 1 ? "" : "s"} ${named}${seeds.length > 6 ? ", ..." : ""}`;
}
