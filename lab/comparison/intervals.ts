/** Intervals of differences: over seeds, and over the worlds within each where these are known one by one. */
import { Pcg64 } from "@tandem/core/kit";
import { type Interval, pairedBootstrap } from "../statistics/bootstrap.ts";
import { hierarchicalBootstrap, type PairedWorlds } from "../statistics/hierarchical.ts";
import { mean } from "../statistics/sample.ts";
import type { TrialRecord } from "../trial.ts";
import { type Measure, scored } from "./measures.ts";
import type { Cell } from "./results.ts";

/** What an interval covers: how else the seeds, or the worlds too, could have been drawn. */
export type Coverage = "seeds" | "seeds and worlds";

/** A 95 % interval and what it covers. */
export interface CoveredInterval {
  readonly ci95: Interval;
  readonly covers: Coverage;
}

/** Seeds of the resampling: the same data gives the same intervals. */
const RANDOM_SEED = 6;

/**
 * The 95 % bootstrap interval of a mean difference.
 *
 * @param rows For each seed the difference, a mean over levels.
 * @param pairs The cells that are compared, level by level.
 */
export function intervalOf(
  rows: readonly number[],
  measure: Pick<Measure, "id" | "unit">,
  pairs: readonly (readonly [Cell, Cell])[],
): CoveredInterval {
  const random = new Pcg64(RANDOM_SEED);
  const seeds = measure.id === "final" ? worldsOf(measure.unit === "score", pairs) : undefined;
  if (seeds) return { ci95: hierarchicalBootstrap(seeds, { random }), covers: "seeds and worlds" };
  const [ci95] = pairedBootstrap(rows, (drawn) => [mean(drawn)], { random });
  return { ci95: ci95!, covers: "seeds" };
}

/** The test worlds of each seed on each level; undefined where a run has none, or others. */
function worldsOf(
  isScored: boolean,
  pairs: readonly (readonly [Cell, Cell])[],
): PairedWorlds[][] | undefined {
  const seeds: PairedWorlds[][] = [];
  for (let i = 0; i < pairs[0]![0].runs.length; i++) {
    const levels = pairs.map(([own, other]) =>
      pairedWorlds(own.runs[i]!.record, other.runs[i]!.record, isScored)
    );
    if (levels.some((worlds) => worlds === undefined)) return undefined;
    seeds.push(levels as PairedWorlds[]);
  }
  return seeds;
}

function pairedWorlds(a: TrialRecord, b: TrialRecord, isScored: boolean): PairedWorlds | undefined {
  const [x, y] = [a.summary.test, b.summary.test];
  if (!x || !y || x.plan !== y.plan || x.solved.length !== y.solved.length) return undefined;
  // A score is linear in success.
  const scale = isScored ? scored(a, 1)! - scored(a, 0)! : 1;
  return { x: x.solved, y: y.solved, scale };
}
