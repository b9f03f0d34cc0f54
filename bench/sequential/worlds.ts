/** Simulated runs: plans in which no variant is better than another, and pairs in which one is. */
import type { Pcg64 } from "../../core/kit/random.ts";

/** Values of each variant, seed by seed: [variants][seeds]. */
export type SimulatedPlan = readonly (readonly number[])[];

/** A value for each variant of one seed; all variants have the same distribution. */
type Draw = (random: Pcg64, variants: number) => number[];

/** Kinds of runs in which no variant differs from another. A seed's luck is shared, as its worlds are. */
export const NULLS: Readonly<Record<string, Draw>> = {
  "normal, half of the variance shared": (random, variants) => {
    const shared = random.gaussian();
    return times(variants, () => shared + random.gaussian());
  },
  "rare failures (exponential tails)": (random, variants) =>
    times(variants, () => Math.log(1 - random.random())),
  "rare disasters (Student's t with 2 degrees)": (random, variants) =>
    times(variants, () => random.gaussian() / Math.sqrt(-Math.log(1 - random.random()))),
  "success on 128 worlds near the ceiling, with ties": (random, variants) => {
    const failing = 0.03 * random.random();
    return times(variants, () => sharesOf(128, 1 - failing, random));
  },
};

/** A plan of one of the kinds in turn. */
export function nullPlan(random: Pcg64, which: number, variants: number, seeds: number) {
  const draws = Object.values(NULLS);
  const draw = draws[which % draws.length]!;
  const rows = times(seeds, () => draw(random, variants));
  return times(variants, (variant) => rows.map((row) => row[variant]!));
}

/** Equal means, but one variant always comes to the same and the other is skewed: no symmetry at all. */
export function skewedDifferences(random: Pcg64, seeds: number): number[] {
  return times(seeds, () => -Math.log(1 - random.random()) - 1);
}

/** Differences of pairs, normal with standard deviation 1. */
export function differencesAt(effect: number, random: Pcg64, seeds: number): number[] {
  return times(seeds, () => effect + random.gaussian());
}

/** Calls a function so many times. */
export function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

function sharesOf(worlds: number, success: number, random: Pcg64): number {
  let solved = 0;
  for (let i = 0; i < worlds; i++) if (random.random() < success) solved++;
  return solved / worlds;
}
