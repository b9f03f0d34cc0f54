/** From logits to a token: greedy, or drawn at a temperature from the likeliest tokens. */

import { TandemError } from "@tandem/core";
import { Pcg64 } from "@tandem/core/kit";

/** A source of uniform numbers in [0, 1). */
export interface RandomSource {
  /** The next number from 0 on and below 1. */
  random(): number;
}

/** How the next token is chosen. */
export interface SamplingOptions {
  /** Divides the logits before drawing; 0 takes the likeliest token. Default 0. */
  readonly temperature?: number;
  /** Draw from the k likeliest tokens alone. Default: all. */
  readonly topK?: number;
  /** Draw from the smallest set of likeliest tokens that holds this probability. Default 1. */
  readonly topP?: number;
}

/**
 * log(sum(exp(row))), without overflow.
 *
 * @example
 * ```ts
 * import { logSumExp } from "./sampling.ts";
 * import assert from "node:assert/strict";
 * assert.equal(logSumExp(Float32Array.of(1000, 1000)), 1000 + Math.log(2));
 * ```
 */
export function logSumExp(row: Float32Array): number {
  let max = -Infinity;
  for (const value of row) if (value > max) max = value;
  let sum = 0;
  for (const value of row) sum += Math.exp(value - max);
  return max + Math.log(sum);
}

/** Index of the largest value; of equal ones the first. */
export function argmax(row: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < row.length; i++) if (row[i]! > row[best]!) best = i;
  return best;
}

/**
 * Chooses a token: the likeliest at temperature 0, else one drawn in proportion to
 * exp(logit / temperature) among those that `topK` and then `topP` leave.
 *
 * @param logits [vocab] of one row.
 * @param random Asked once, and only where there is something to draw.
 */
export function chooseToken(
  logits: Float32Array,
  options: SamplingOptions,
  random: RandomSource | undefined,
): number {
  const { temperature = 0, topK = 0, topP = 1 } = options;
  if (temperature === 0 || !random) return argmax(logits);
  const least = leastKept(logits, temperature, topK, topP);
  const max = logits[argmax(logits)]!;
  const weights = Float64Array.from(
    logits,
    (value) => value >= least ? Math.exp((value - max) / temperature) : 0,
  );
  let left = random.random() * weights.reduce((sum, weight) => sum + weight, 0);
  for (let token = 0; token < weights.length; token++) {
    left -= weights[token]!;
    if (left < 0) return token;
  }
  return argmax(logits);
}

/** The smallest logit that may still be drawn. */
function leastKept(logits: Float32Array, temperature: number, topK: number, topP: number): number {
  const limit = topK > 0 ? Math.min(topK, logits.length) : logits.length;
  if (limit === logits.length && topP >= 1) return -Infinity;
  const ordered = logits.slice().sort().reverse();
  if (topP >= 1) return ordered[limit - 1]!;
  const weights = Array.from(
    ordered.subarray(0, limit),
    (value) => Math.exp((value - ordered[0]!) / temperature),
  );
  const enough = topP * weights.reduce((sum, weight) => sum + weight, 0);
  let held = weights[0]!;
  let kept = 1;
  while (kept < limit && held < enough) held += weights[kept++]!;
  return ordered[kept - 1]!;
}

/** What draws come from: a source, or a seed a prompt. */
export interface DrawOptions extends SamplingOptions {
  /** Where the seeds of the prompts' draws come from; needed for a temperature above 0. */
  readonly random?: RandomSource;
  /** Seeds of the prompts' draws, whole numbers below 2^32, in place of `random`. */
  readonly seeds?: readonly number[];
}

/**
 * A seed for each prompt's draws, so that what a prompt gets does not depend on the batch that it
 * comes in; undefined where there is nothing to draw.
 *
 * @throws TandemError E_OPTION where there is something to draw and nothing to draw from.
 */
export function seedsFor(
  prompts: number,
  { temperature = 0, random, seeds }: DrawOptions,
): readonly number[] | undefined {
  if (temperature === 0) return undefined;
  if (seeds?.length === prompts) return seeds;
  if (random) {
    return Array.from({ length: prompts }, () => Math.floor(random.random() * 2 ** 32));
  }
  throw new TandemError(
    "E_OPTION",
    `The temperature "${temperature}" needs a source of random numbers or a seed a prompt; 0 needs none.`,
  );
}

/** The streams of {@linkcode seedsFor}. */
export function streamsFor(prompts: number, options: DrawOptions): (RandomSource | undefined)[] {
  const seeds = seedsFor(prompts, options);
  return Array.from({ length: prompts }, (_, i) => seeds && new Pcg64(seeds[i]!));
}
