/** Pairs of runs that a method takes, beside a number that is fixed before. */
import { Pcg64 } from "../../core/kit/random.ts";
import { sequentialPaired } from "../../lab/statistics/sequential.ts";
import { ALPHA, BOUND, FIRST, FLIPS, flips, type Method } from "./methods.ts";
import { differencesAt, times } from "./worlds.ts";

/** What a method comes to at some effect. */
export interface Savings {
  /** The share of simulations in which a difference was claimed. */
  readonly power: number;
  /** Pairs on average; the bound where nothing was claimed. */
  readonly mean: number;
}

/** The data of all methods, so that they are compared on the same. */
const RANDOM_SEED = 2;

/** Power and mean pairs of a method at an effect in standard deviations of the differences. */
export function savingsAt(method: Method, effect: number, runs: number, bound = BOUND): Savings {
  let [claims, pairs] = [0, 0];
  for (const differences of dataOf(effect, runs)) {
    const end = method(differences.slice(0, bound));
    if (end < Infinity) claims++;
    pairs += Math.min(end, bound);
  }
  return { power: claims / runs, mean: pairs / runs };
}

/** The power of one look at so many pairs. */
export function fixedPower(pairs: number, effect: number, runs: number): number {
  const design = { looks: [pairs], flips: FLIPS, levels: [ALPHA] };
  const claims = dataOf(effect, runs)
    .filter((values) => sequentialPaired(values.slice(0, pairs), design).pValue <= ALPHA);
  return claims.length / runs;
}

/** The fewest pairs whose one look has at least this power; undefined where twice the bound has not. */
export function fixedPairs(power: number, effect: number, runs: number): number | undefined {
  const sizes = times(2 * BOUND - 5, (k) => 6 + k);
  return sizes.find((pairs) => fixedPower(pairs, effect, runs) >= power);
}

/** The chosen test with the least bound from `least` on at which it has at least this power. */
export function boundFor(power: number, effect: number, runs: number, least: number) {
  for (let bound = least; bound <= 2 * BOUND; bound++) {
    const method = flips({ looks: times(bound - FIRST + 1, (k) => FIRST + k) });
    const savings = savingsAt(method, effect, runs, bound);
    if (savings.power >= power) return { bound, ...savings };
  }
  return undefined;
}

function dataOf(effect: number, runs: number): number[][] {
  const random = new Pcg64(RANDOM_SEED);
  return times(runs, () => differencesAt(effect, random, 2 * BOUND));
}
