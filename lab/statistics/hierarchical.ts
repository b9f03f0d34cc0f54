/** Intervals that cover two levels of chance: the seeds that were drawn, and the worlds within each. */
import { type BootstrapOptions, type Interval, pairedBootstrap } from "./bootstrap.ts";
import { mean } from "./sample.ts";
import type { Pcg64 } from "@tandem/core/kit";

/** Two variants on the same worlds, world by world. */
export interface PairedWorlds {
  /** "1" for each world that was solved, "0" for each that was not; both of one length. */
  readonly x: string;
  readonly y: string;
  /** What one of success counts, such as 1 / (ceiling - floor). */
  readonly scale: number;
}

/** Beyond so many worlds the sum of a resample is drawn from the normal distribution that it has come to. */
const EXACT_WORLDS = 1000;

/**
 * Hierarchical bootstrap (two-stage, Davison & Hinkley 1997, section 3.8) of the mean difference x - y: in
 * each resample seeds are drawn with replacement, and within each drawn seed worlds are, the same for
 * both variants; on several levels, worlds within each, and the mean over levels counts.
 *
 * Of n worlds of which a share p+ is solved by x alone and p- by y alone, the sum of differences of a
 * resample has the distribution of n draws from -1, 0 and 1: it is computed and drawn from, in one draw a
 * seed in place of n.
 *
 * @param seeds For each seed, its worlds on each level.
 * @throws RangeError where x and y are not of one length, or empty.
 * @example
 * ```ts
 * import { hierarchicalBootstrap } from "./hierarchical.ts";
 * import { Pcg64 } from "@tandem/core/kit";
 * import assert from "node:assert/strict";
 * const always = [{ x: "1111", y: "0000", scale: 1 }];
 * assert.deepEqual(hierarchicalBootstrap([always, always], { random: new Pcg64(0) }), [1, 1]);
 * ```
 */
export function hierarchicalBootstrap(
  seeds: readonly (readonly PairedWorlds[])[],
  options: BootstrapOptions,
): Interval {
  const { random } = options;
  const drawers = seeds.map((levels) => levels.map((worlds) => meanDrawer(worlds, random)));
  const [interval] = pairedBootstrap(
    drawers,
    (drawn) => [mean(drawn.map((levels) => mean(levels.map((draw) => draw()))))],
    options,
  );
  return interval!;
}

/** Draws the mean difference over a resample of worlds. */
function meanDrawer({ x, y, scale }: PairedWorlds, random: Pcg64): () => number {
  const n = x.length;
  if (n === 0 || y.length !== n) {
    throw new RangeError(`Worlds are paired: ${n} and ${y.length} are not of one length.`);
  }
  let [plus, minus] = [0, 0];
  for (let i = 0; i < n; i++) {
    if (x[i] === y[i]) continue;
    if (x[i] === "1") plus++;
    else minus++;
  }
  const [p, q] = [plus / n, minus / n];
  if (n > EXACT_WORLDS) {
    const deviation = Math.sqrt((p + q - (p - q) ** 2) / n);
    return () => scale * (p - q + deviation * random.gaussian());
  }
  const cumulative = sumsOf(n, p, q);
  return () => scale * (placeOf(random.random(), cumulative) - n) / n;
}

/**
 * [2 n + 1] the distribution function of the sum of n draws that are 1 with probability p, -1 with
 * probability q and 0 otherwise, from -n on.
 */
function sumsOf(n: number, p: number, q: number): Float64Array {
  let now = new Float64Array(2 * n + 1);
  now[n] = 1;
  for (let k = 1; k <= n; k++) {
    const next = new Float64Array(2 * n + 1);
    for (let s = n - k; s <= n + k; s++) {
      next[s] = p * (now[s - 1] ?? 0) + (1 - p - q) * now[s]! + q * (now[s + 1] ?? 0);
    }
    now = next;
  }
  for (let s = 1; s <= 2 * n; s++) now[s]! += now[s - 1]!;
  return now;
}

/** The first place at which a distribution function is above u; the last where rounding leaves none. */
function placeOf(u: number, cumulative: Float64Array): number {
  let [low, high] = [0, cumulative.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle]! > u) high = middle;
    else low = middle + 1;
  }
  return low;
}
