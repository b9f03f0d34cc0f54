/**
 * Successive halving. Jamieson & Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter
 * Optimization", AISTATS 2016, figure 3.
 */
import { byScore, type Configuration, type Tried } from "./space.ts";

/** Configurations that are tried for so many iterations each. */
export interface Rung {
  readonly size: number;
  readonly iterations: number;
}

/** A third of the configurations goes on to the next rung, as in Hyperband (Li et al. 2018). */
const FACTOR = 3;
/** Below a ninth of its iterations a run says little of its end. */
const MOST_RUNGS = 3;

/**
 * The rungs that cost no more than so many whole trials: an equal share each, from many short ones to
 * a few whole ones, every rung three times as long as the one before.
 *
 * @param iterations Of a whole trial.
 * @example
 * ```ts
 * import { rungsOf } from "./halving.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(rungsOf(12, 90), [
 *   { size: 36, iterations: 10 },
 *   { size: 12, iterations: 30 },
 *   { size: 4, iterations: 90 },
 * ]);
 * ```
 */
export function rungsOf(trials: number, iterations: number): Rung[] {
  let count = Math.min(MOST_RUNGS, trials);
  while (count > 1 && iterations < FACTOR ** (count - 1)) count--;
  const share = trials * iterations / count;
  return Array.from({ length: count }, (_, i) => {
    const length = Math.ceil(iterations / FACTOR ** (count - 1 - i));
    return { size: Math.floor(share / length + 1e-9), iterations: length };
  });
}

/** The best of a rung, in their order there; of equal ones those that were tried first. */
export function survivorsOf(tried: readonly Tried[], count: number): Configuration[] {
  const ranked = tried.map((_, i) => i).sort((a, b) => byScore(tried[a]!, tried[b]!) || a - b);
  const kept = new Set(ranked.slice(0, count));
  return tried.filter((_, i) => kept.has(i)).map(({ configuration }) => configuration);
}
