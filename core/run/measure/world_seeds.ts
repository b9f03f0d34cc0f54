/**
 * The seeds of three sets of worlds, which no seed is in two of: training worlds lie below
 * {@linkcode HELD_OUT_SEEDS}, development worlds from there on, test worlds from
 * {@linkcode TEST_SEEDS} on.
 */
import { namedStream } from "../../kit/random.ts";
import type { WorldSet } from "../../stages/evaluation.ts";

/** Seeds of development worlds start here; seeds of training worlds end below. */
export const HELD_OUT_SEEDS = 1_000_000_000;

/** Seeds of test worlds start here, as many again; those of development worlds end far below. */
export const TEST_SEEDS: number = 2 ** 30;

/** Seeds of training worlds: a block of so many for every run seed. */
const BLOCK = 10_000;

/**
 * Seeds of training worlds: a block of 10,000 for every run seed, all below the development ones.
 *
 * @param resets How often worlds were started before.
 * @param group Environments that share a seed; each has its own unless told.
 */
export function trainingSeeds(seed: number, envs: number, resets: number, group = 1): number[] {
  const first = (seed % (HELD_OUT_SEEDS / BLOCK)) * BLOCK;
  return Array.from(
    { length: envs },
    (_, i) => first + (resets * envs + Math.floor(i / group)) % BLOCK,
  );
}

/** Seeds of development worlds: the same for every run, for whoever tunes and stops by them. */
export function developmentSeeds(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => HELD_OUT_SEEDS + i);
}

/**
 * Seeds of test worlds: drawn for one plan and one seed of a run, so that two plans of n and m worlds
 * share n m / 2^30 of them on average.
 *
 * @param plan What the plan is known by, such as its hash.
 * @param seed The run's seed.
 * @returns Each once; fewer are the first of more.
 */
export function testSeeds(plan: string, seed: number, count: number): Int32Array {
  const random = namedStream(seed, `test worlds of ${plan}`);
  const drawn = new Set<number>();
  while (drawn.size < count) drawn.add(random.integers(TEST_SEEDS, 2 * TEST_SEEDS));
  return Int32Array.from(drawn);
}

/** The set that a seed's world belongs to. */
export function worldSetOf(seed: number): WorldSet {
  if (seed < HELD_OUT_SEEDS) return "training";
  return seed < TEST_SEEDS ? "development" : "test";
}
