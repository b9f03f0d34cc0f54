/** What is known of a comparison before it runs: what its seeds can show, and what it takes. */
import { count, duration } from "../format.ts";
import { pairsNeeded } from "../statistics/power.ts";
import { deviation, mean } from "../statistics/sample.ts";
import { ALPHA, leastP, seedsNeeded } from "./claims.ts";
import { measuresFor, unitOf } from "./measures.ts";
import type { Results } from "./results.ts";

/** The difference in success by which plans are sized: ten points. */
const TEN_POINTS = 0.1;

/** What seeds can show, in sentences: floors, seeds for ten points, the primary measure. */
export function powerText(results: Results, spread?: number): string[] {
  const { plan, looks, pairs, question: { primary, threshold } } = results;
  if (pairs.length === 0) return ["There is one variant alone: nothing is compared."];
  const named = measuresFor(threshold, "score").find(({ id }) => id === primary);
  return [
    named
      ? `The primary measure is the ${named.name}; ${comparisons(pairs.length)} by it decide.`
      : `No primary measure is named: ${count(measuresFor(threshold, "score").length)} measures ` +
        "stand beside each other. --primary final names one.",
    floorText(plan.seeds.length, pairs.length, looks),
    sizeText(results, spread),
  ];
}

function comparisons(number: number): string {
  return `${count(number)} comparison${number === 1 ? "" : "s"}`;
}

function floorText(seeds: number, pairs: number, looks: readonly number[] | undefined): string {
  const needed = seedsNeeded(pairs, looks);
  const floor = leastP(seeds, looks);
  const least = `p cannot be below ${Number(floor.toPrecision(3))}`;
  const corrected = Math.min(1, pairs * floor);
  const among = pairs > 1
    ? `, nor below ${
      Number(corrected.toPrecision(3))
    } after the correction for ${pairs} comparisons`
    : "";
  const claim = needed > seeds
    ? `: nothing can be claimed${needed === Infinity ? "" : `; ${needed} seeds can`}`
    : needed === seeds || !looks
    ? ""
    : `; nothing can be claimed before ${needed}`;
  return `${seeds} seed${seeds === 1 ? "" : "s"}: ${least}${among}${claim}.`;
}

/** How many seeds ten points take, by a spread that is stated or seen in the store. */
function sizeText(results: Results, stated: number | undefined): string {
  const spread = stated ?? spreadOf(results);
  if (spread === undefined) {
    return "How many seeds a difference of 10 points takes is known by a pilot of three seeds, or by " +
      "--spread, the standard deviation of differences between runs that share a seed.";
  }
  const from = stated === undefined ? "as the store has it" : "as stated";
  if (spread === 0) {
    return "The runs in the store do not differ in their differences: no spread is known.";
  }
  const seeds = Math.max(
    pairsNeeded(TEN_POINTS, spread, ALPHA / results.pairs.length),
    seedsNeeded(results.pairs.length),
  );
  return `A difference of 10 points takes about ${count(seeds)} seeds (80 % power, corrected for ` +
    `${comparisons(results.pairs.length)}, at a spread of ${
      Number(spread.toPrecision(2))
    }, ${from}).`;
}

/** The spread of paired differences at the end, the widest of the pairs; undefined below three seeds. */
function spreadOf(results: Results): number | undefined {
  const spreads = results.levels.flatMap((level) => {
    const [final] = measuresFor(results.question.threshold, unitOf(results, [level]));
    return results.pairs.flatMap(([variant, against]) => {
      const [a, b] = [results.cell(variant, level), results.cell(against, level)];
      const others = new Map(b.runs.map(({ seed, record }) => [seed, final!.of(record)]));
      const differences = a.runs.filter(({ seed }) => others.has(seed))
        .map(({ seed, record }) => final!.of(record) - others.get(seed)!);
      return differences.length < 3 ? [] : [deviation(differences)];
    });
  });
  return spreads.length > 0 ? Math.max(...spreads) : undefined;
}

/** How long trials take. */
export interface Pace {
  /** Trials that are yet to be run: to the first look, and at most. */
  readonly first: readonly number[];
  readonly most: readonly number[];
}

/** Hours by the clock of trials one after the other, as one thread on a free core takes them. */
export function threadHours(seconds: readonly number[]): number {
  return seconds.reduce((sum, value) => sum + value, 0) / 3600;
}

/** How long a plan takes, in a sentence. @param lanes Trials side by side. */
export function paceText({ first, most }: Pace, lanes: number, by: string): string {
  const part = (seconds: readonly number[]) => {
    const hours = threadHours(seconds);
    return `${count(seconds.length)} trials, ${hoursText(hours)} on one core, ` +
      `${duration(3600 * hours / Math.min(lanes, seconds.length))} on ${
        Math.min(lanes, seconds.length)
      }`;
  };
  if (first.length === most.length) return `To run: ${part(most)} (${by}).`;
  return `To run: ${part(first)} to the first look; at most ${part(most)} (${by}).`;
}

/** Hours in two digits. */
export function hoursText(hours: number): string {
  const value = Number(hours.toPrecision(2));
  return hours < 0.1 ? duration(3600 * hours) : `${value} hour${value === 1 ? "" : "s"}`;
}

/** Seconds of a trial by those of its kind that have ended; undefined where none has. */
export function knownSeconds(results: Results, variant: string, level: string): number | undefined {
  const { runs } = results.cell(variant, level);
  return runs.length > 0 ? mean(runs.map(({ record }) => record.summary.wallSeconds)) : undefined;
}
