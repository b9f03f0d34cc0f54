/** Times to an event that some runs never reached: those are censored, not dropped. */
import type { Duration } from "./curves.ts";
import { chiSquaredTail, normalQuantile } from "./distributions.ts";

/** The share that has not reached the event, from a time on. */
export interface SurvivalPoint {
  /** When it ends. */
  readonly time: number;
  /** Share that is left then, 0 to 1. */
  readonly share: number;
  /** 95 % interval of the share; null where it is not defined (shares 0 and 1). */
  readonly ci95: readonly [number, number] | null;
}

/**
 * Kaplan and Meier's estimate (JASA 53, 1958) of the share still without the event, with
 * log(-log) intervals by Greenwood's variance. One point an event time; before the first it is 1.
 *
 * @example Three runs; the second is censored before the third gets there.
 * ```ts
 * import { kaplanMeier } from "@tandem/lab/statistics";
 * import assert from "node:assert/strict";
 * const points = kaplanMeier([
 *   { time: 10, reached: true }, { time: 20, reached: false }, { time: 30, reached: true },
 * ]);
 * assert.deepEqual(points.map(({ time, share }) => [time, share.toFixed(3)]),
 *   [[10, "0.667"], [30, "0.000"]]);
 * ```
 */
export function kaplanMeier(durations: readonly Duration[]): SurvivalPoint[] {
  const z = normalQuantile(0.975);
  let [share, greenwood] = [1, 0];
  return eventTimes(durations).map((time) => {
    const atRisk = durations.filter((duration) => duration.time >= time).length;
    const events = eventsAt(durations, time);
    share *= 1 - events / atRisk;
    greenwood += events / (atRisk * (atRisk - events));
    if (share <= 0) return { time, share: 0, ci95: null };
    const spread = z * Math.sqrt(greenwood) / Math.log(share);
    const at = (sign: number) => share ** Math.exp(sign * spread);
    return { time, share, ci95: [at(-1), at(1)] as const };
  });
}

/** The first time at which at most half is left; null where more than half never reached it. */
export function medianTime(points: readonly SurvivalPoint[]): number | null {
  return points.find(({ share }) => share <= 0.5 + 1e-12)?.time ?? null;
}

/**
 * The 95 % interval of the median time: where the interval of the share contains a half (Brookmeyer
 * & Crowley, Biometrics 38, 1982). An end that the data does not reach is null.
 */
export function medianInterval(
  points: readonly SurvivalPoint[],
): readonly [low: number | null, high: number | null] {
  const low = points.find(({ share, ci95 }) => (ci95 ? ci95[0] : share) <= 0.5);
  const high = points.find(({ share, ci95 }) => (ci95 ? ci95[1] : share) <= 0.5);
  return [low?.time ?? null, high?.time ?? null];
}

/** The two-sided p-value of the log-rank test (Mantel 1966): do two groups take equally long? */
export function logRank(x: readonly Duration[], y: readonly Duration[]): number {
  const all = [...x, ...y];
  let [excess, spread] = [0, 0];
  for (const time of eventTimes(all)) {
    const atRisk = all.filter((duration) => duration.time >= time).length;
    const share = x.filter((duration) => duration.time >= time).length / atRisk;
    const events = eventsAt(all, time);
    excess += eventsAt(x, time) - events * share;
    if (atRisk > 1) {
      spread += events * share * (1 - share) * (atRisk - events) / (atRisk - 1);
    }
  }
  return spread > 0 ? chiSquaredTail(excess ** 2 / spread, 1) : 1;
}

/**
 * The least p-value that {@linkcode logRank} can give for groups of n and m: all of one group are there
 * before any of the other, at those times, some of them equal, that make the statistic largest.
 *
 * @example
 * ```ts
 * import { leastLogRankP, logRank } from "@tandem/lab/statistics";
 * import assert from "node:assert/strict";
 * const at = (time: number, reached = true) => ({ time, reached });
 * const p = logRank([at(1), at(1), at(2)], [at(9, false), at(9, false), at(9, false)]);
 * assert.ok(Math.abs(leastLogRankP(3, 3) - p) < 1e-12);
 * assert.equal(p.toFixed(3), "0.022");
 * ```
 */
export function leastLogRankP(n: number, m: number): number {
  const largest = Math.max(largestLogRank(n, m), largestLogRank(m, n));
  return largest > 0 ? chiSquaredTail(largest, 1) : 1;
}

/** An excess of events and its variance, each summed over the times of events. */
interface Excess {
  readonly excess: number;
  readonly spread: number;
}

/**
 * The largest excess² / spread where n reach the event before any of m. It is the largest
 * 2 u excess - u² spread over all u, which adds up over times: the best times for a u give the next u.
 */
function largestLogRank(n: number, m: number): number {
  let [u, largest] = [1, 0];
  while (true) {
    const { excess, spread } = bestTimes(n, m, u);
    const found = spread > 0 ? excess ** 2 / spread : 0;
    if (found <= largest) return largest;
    [u, largest] = [excess / spread, found];
  }
}

/** By how many of n are left: the ties that make 2 u excess - u² spread largest from there on. */
function bestTimes(n: number, m: number, u: number): Excess {
  const best: Excess[] = [{ excess: 0, spread: 0 }];
  const worth = ({ excess, spread }: Excess) => 2 * u * excess - u ** 2 * spread;
  for (let left = 1; left <= n; left++) {
    const atRisk = left + m;
    const options = best.map(({ excess, spread }, after) => {
      const events = left - after;
      const variance = events * left * m / atRisk ** 2 * (atRisk - events) /
        Math.max(1, atRisk - 1);
      return { excess: excess + events * m / atRisk, spread: spread + variance };
    });
    best.push(options.reduce((a, b) => worth(b) > worth(a) ? b : a));
  }
  return best[n]!;
}

function eventTimes(durations: readonly Duration[]): number[] {
  const times = durations.filter(({ reached }) => reached).map(({ time }) => time);
  return [...new Set(times)].sort((a, b) => a - b);
}

function eventsAt(durations: readonly Duration[], time: number): number {
  return durations.filter((duration) => duration.reached && duration.time === time).length;
}
