/** What variants come to at the same cost, beside what they come to after the same steps. */
import { Pcg64 } from "@tandem/core/kit";
import { duration, percent, signed } from "../format.ts";
import { type Interval, pairedBootstrap } from "../statistics/bootstrap.ts";
import { heightAt } from "../statistics/curves.ts";
import { holm, leastPairedP, pairedPermutation } from "../statistics/hypothesis.ts";
import { mean } from "../statistics/sample.ts";
import { successCurve } from "./measures.ts";
import type { Results, SeededRun } from "./results.ts";
import { flooredP } from "./statements.ts";

/** Two variants on one level at the seconds that the quicker one of each seed took. */
export interface EqualCost {
  readonly level: string;
  readonly variant: string;
  readonly against: string;
  /** Seconds of training in all, means over seeds. */
  readonly seconds: number;
  readonly otherSeconds: number;
  /** Seconds at which both are compared, a mean over seeds. */
  readonly at: number;
  /** Success on development worlds there, means over seeds. */
  readonly value: number;
  readonly other: number;
  readonly difference: number;
  /** 95 % bootstrap interval over seeds; null for a single one. */
  readonly ci95: Interval | null;
  /** Paired permutation test by seed, after Holm's correction over the pairs of the level. */
  readonly corrected: number;
  /** The least that so many seeds and pairs let it be. */
  readonly correctedFloor: number;
}

/** Seeds of the resampling: the same data gives the same statements. */
const RANDOM_SEED = 9;

/**
 * All pairs of a plan at equal seconds of training, level by level; pairs that lack a run are left out.
 * Success between two measurements is interpolated: at a second that no measurement was made at, it is
 * what a straight line between its neighbours says.
 */
export function equalCostOf(results: Results): EqualCost[] {
  return results.levels.flatMap((level) => {
    const found = results.pairs.flatMap(([variant, against]) => {
      const [own, other] = results.pair(variant, against, level);
      const isWhole = [own, other].every(({ missing, failed }) =>
        missing.length + failed.length === 0
      );
      return isWhole ? [compared(level, [variant, own.runs], [against, other.runs])] : [];
    });
    const corrected = holm(found.map((pair) => pair.corrected));
    return found.map((pair, i) => ({
      ...pair,
      corrected: corrected[i]!,
      correctedFloor: Math.min(1, found.length * pair.correctedFloor),
    }));
  });
}

type Side = readonly [name: string, runs: readonly SeededRun[]];

function compared(level: string, [variant, own]: Side, [against, others]: Side): EqualCost {
  const rows = own.map(({ record }, i) => {
    const curves = [record, others[i]!.record].map((each) => successCurve(each, "seconds"));
    const [seconds, otherSeconds] = curves.map(({ x }) => x.at(-1)!) as [number, number];
    const at = Math.min(seconds, otherSeconds);
    const [value, other] = curves.map((each) => heightAt(at, each)) as [number, number];
    return { seconds, otherSeconds, at, value, other, difference: value - other };
  });
  const of = (name: keyof typeof rows[0]) => rows.map((row) => row[name]);
  const random = () => new Pcg64(RANDOM_SEED);
  const [ci95] = pairedBootstrap(of("difference"), (drawn) => [mean(drawn)], { random: random() });
  const { difference, pValue } = pairedPermutation(of("value"), of("other"), random());
  return {
    ...{ level, variant, against, difference },
    seconds: mean(of("seconds")),
    otherSeconds: mean(of("otherSeconds")),
    at: mean(of("at")),
    value: mean(of("value")),
    other: mean(of("other")),
    ci95: rows.length > 1 ? ci95! : null,
    corrected: pValue,
    correctedFloor: leastPairedP(rows.length),
  };
}

/** A comparison at equal cost as a sentence. */
export function equalCostText(pair: EqualCost): string {
  const { variant, against, seconds, otherSeconds, at, value, other, difference, ci95 } = pair;
  const quicker = seconds < otherSeconds ? variant : against;
  const range = ci95 ? ` (${ci95.map((end) => signed(end)).join(" to ")})` : "";
  return `at the ${duration(at)} that ${quicker} took (in all, ${variant} ${
    duration(seconds)
  } and ` +
    `${against} ${duration(otherSeconds)}), ${variant} has ${percent(value)} and ${against} ` +
    `${percent(other)}: ${signed(difference)}${range}, ${
      flooredP(pair.corrected, pair.correctedFloor)
    }`;
}

/** How comparisons at equal cost are to be read. */
export const EQUAL_COST_NOTE =
  "Success on development worlds when as many seconds of training had gone by, between two measurements by " +
  "a straight line; 95 % bootstrap intervals over seeds, paired permutation tests after Holm's correction " +
  "over the pairs of a level, each p beside its floor, the least that so many seeds let it be. Seconds are those of the clock, measuring left out: they hold where no more " +
  "trials ran at once than there were free cores.";
