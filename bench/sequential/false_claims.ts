/** How often a plan in which nothing differs makes a claim, whenever one stops. */
import { Pcg64 } from "../../core/kit/random.ts";
import { type SequentialDesign, sequentialPaired } from "../../lab/statistics/sequential.ts";
import { ALPHA, BOUND, EACH, FLIPS, UNCORRECTED } from "./methods.ts";
import { differencesAt, nullPlan, skewedDifferences, times } from "./worlds.ts";

/** Plans, and those among them that claimed something. */
export interface Claimed {
  readonly of: number;
  readonly hits: number;
}

/** What is counted, by name. */
export interface FalseClaims {
  /** Five comparisons of four variants by the primary measure, corrected for each other. */
  readonly primary: Claimed;
  /** The same by three measures, corrected over the whole plan. */
  readonly planWide: Claimed;
  /** One comparison. */
  readonly single: Claimed;
  /** One comparison by uncorrected tests at ten looks. */
  readonly uncorrected: Claimed;
  /** "The same" of two variants that differ by just the margin. */
  readonly equivalence: Claimed;
  /** One comparison where the means agree and the differences are skewed. */
  readonly skewed: Claimed;
}

/** alone, one-way, synthetic and bidirectional, as a comparison pairs them. */
const PAIRS = [[1, 0], [2, 0], [3, 0], [3, 1], [3, 2]] as const;
const [VARIANTS, MEASURES] = [4, 3] as const;
/** The levels that decide Holm's first steps. Fewer levels than a comparison has: p can but be lower. */
const STEPS = [ALPHA, ALPHA / PAIRS.length, ALPHA / PAIRS.length / MEASURES];

/** Counts of several batches of plans, each with draws of its own, so that they may be made apart. */
export function falseClaimsOf(plans: number, batches: number): FalseClaims {
  const counted = times(batches, (batch) => falseClaims(plans / batches, batch));
  const sum = (name: keyof FalseClaims) => ({
    hits: counted.reduce((all, each) => all + each[name].hits, 0),
    of: plans,
  });
  const names = Object.keys(counted[0]!) as (keyof FalseClaims)[];
  return Object.fromEntries(names.map((name) => [name, sum(name)])) as unknown as FalseClaims;
}

/**
 * Counts false claims. p never rises while seeds are added, so that a plan has claimed something at
 * some look exactly if it has at the last.
 */
export function falseClaims(plans: number, seed: number): FalseClaims {
  const random = new Pcg64(seed);
  const counts = { primary: 0, planWide: 0, single: 0, uncorrected: 0, equivalence: 0, skewed: 0 };
  for (let plan = 0; plan < plans; plan++) {
    const p = measuresOf(random, plan).map((values) => PAIRS.map((pair) => pOf(values, pair)));
    const least = (values: readonly number[]) => Math.min(...values) * values.length;
    const differences = differencesAt(0, random, BOUND);
    const atMargin = differencesAt(2, random, BOUND);
    counts.primary += isClaim(least(p[0]!));
    counts.planWide += isClaim(least(p.flat()));
    counts.single += isClaim(p[0]![0]!);
    counts.uncorrected += UNCORRECTED(differences) < Infinity ? 1 : 0;
    // The other of the two tests is sure at such a distance.
    counts.equivalence += isClaim(sequential(atMargin.map((value) => 2 - value), "greater"));
    counts.skewed += isClaim(sequential(skewedDifferences(random, BOUND)));
  }
  const counted = Object.entries(counts).map(([name, hits]) => [name, { hits, of: plans }]);
  return Object.fromEntries(counted);
}

/** Three measures of the same runs: each agrees with the first in part. */
function measuresOf(random: Pcg64, plan: number) {
  const first = nullPlan(random, plan, VARIANTS, BOUND);
  const others = times(MEASURES - 1, () => {
    const own = nullPlan(random, plan, VARIANTS, BOUND);
    return first.map((row, i) => row.map((value, k) => 0.7 * value + 0.3 * own[i]![k]!));
  });
  return [first, ...others];
}

function pOf(values: readonly (readonly number[])[], [a, b]: readonly [number, number]): number {
  return sequential(values[a]!.map((value, i) => value - values[b]![i]!));
}

function sequential(differences: readonly number[], side?: SequentialDesign["side"]): number {
  const design = { looks: EACH, flips: FLIPS, levels: STEPS, side };
  return sequentialPaired(differences, design).pValue;
}

function isClaim(p: number): 0 | 1 {
  return p <= ALPHA + 1e-12 ? 1 : 0;
}

/**
 * The upper 99 % bound of a share of counts (C. J. Clopper & E. S. Pearson, Biometrika 26, 1934), by
 * halving.
 */
export function upperBound({ hits, of }: Claimed): number {
  let [low, high] = [hits / of, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (atMost(hits, of, middle) > 0.01) low = middle;
    else high = middle;
  }
  return high;
}

/** P(X <= hits) of a binomial distribution. */
function atMost(hits: number, of: number, share: number): number {
  let [log, sum] = [of * Math.log1p(-share), 0];
  for (let k = 0; k <= hits; k++) {
    sum += Math.exp(log);
    log += Math.log((of - k) / (k + 1)) + Math.log(share) - Math.log1p(-share);
  }
  return sum;
}
