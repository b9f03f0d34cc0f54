/** What the teacher's words are worth: how sure it is, what they cost, what is left without them. */
import type { CalibrationBin, EffectSummary } from "@tandem/core";
import type { Interval } from "../statistics/bootstrap.ts";
import { studentQuantile } from "../statistics/distributions.ts";
import { differenceInterval, type Share } from "../statistics/proportions.ts";
import { deviation, mean } from "../statistics/sample.ts";
import type { Evaluation } from "../trial.ts";
import { type Budget, spentOn } from "./measures.ts";
import type { Cell } from "./results.ts";
import { endOf } from "./worlds.ts";

/** States in which a teacher was about as sure, over all runs. */
export interface CalibrationPoint {
  readonly confidence: number;
  readonly right: Share;
}

/** Bins of confidence into which states are sorted, as the scheduler sorts them. */
const BINS = 10;

/** A teacher's calibration at the first or the last measurement, all runs together. */
export function calibrationOf(cells: readonly Cell[], when: "start" | "end"): CalibrationPoint[] {
  const bins = cells.flatMap(({ runs }) => runs).flatMap(({ record: { evaluations } }) =>
    (when === "start" ? evaluations[0] : evaluations.at(-1))?.calibration ?? []
  );
  const sorted = Array.from({ length: BINS }, () => [] as CalibrationBin[]);
  for (const bin of bins) sorted[Math.min(BINS - 1, Math.floor(bin.confidence * BINS))]!.push(bin);
  return sorted.filter((group) => group.length > 0).map((group) => {
    const sum = (of: (bin: CalibrationBin) => number) =>
      group.reduce((all, bin) => all + of(bin), 0);
    const states = sum((bin) => bin.states);
    return {
      confidence: sum((bin) => bin.confidence * bin.states) / states,
      right: { hits: sum((bin) => bin.right), of: states },
    };
  });
}

/**
 * By how much a teacher's confidence misses its accuracy, weighted by states: the expected
 * calibration error (Naeini et al., AAAI 2015); null without states.
 */
export function calibrationError(points: readonly CalibrationPoint[]): number | null {
  const states = points.reduce((sum, { right }) => sum + right.of, 0);
  if (states === 0) return null;
  const missed = points.map(({ confidence, right }) =>
    Math.abs(right.hits - confidence * right.of)
  );
  return missed.reduce((sum, value) => sum + value, 0) / states;
}

/** Success that was bought with some advice, as means over runs. */
export interface BudgetPoint {
  readonly spent: number;
  readonly success: number;
}

/** The advice budget curve of a cell: held-out success against what had been spent on it. */
export function budgetCurve({ runs }: Cell, budget: Budget): BudgetPoint[] {
  const count = Math.min(...runs.map(({ record }) => record.evaluations.length));
  if (!Number.isFinite(count)) return [];
  return Array.from({ length: count }, (_, k) => {
    const at: Evaluation[] = runs.map(({ record }) => record.evaluations[k]!);
    return {
      spent: mean(at.map((evaluation) => spentOn(budget, evaluation))),
      success: mean(at.map(({ success }) => success)),
    };
  });
}

/**
 * What is left of success when the teacher falls silent: when it left (on development worlds), or at the
 * end where it stayed.
 */
export interface Retention {
  readonly withTeacher: Share;
  /** The same students on the same worlds, at once. */
  readonly without: Share;
  /** 95 % interval of what the teacher's presence adds. */
  readonly added: Interval;
  /** The end of training that went on without the teacher; undefined where it stayed. */
  readonly later: Share | undefined;
}

/** Success of one run with and without its teacher. */
interface Presence {
  readonly episodes: number;
  readonly withTeacher: number;
  readonly alone: number;
  readonly later?: number;
}

/** The retention of a cell, all runs together; undefined where it was not measured. */
export function retentionOf({ runs }: Cell): Retention | undefined {
  const summaries = runs.map(({ record: { summary } }) => summary);
  const measured = summaries.flatMap((summary): Presence[] => {
    const { success: { end, episodes }, retention } = summary;
    if (retention) return [{ episodes, ...retention, later: end }];
    const { withoutTeacher: alone, ...at } = endOf(summary);
    return alone === null ? [] : [{ episodes: at.episodes, withTeacher: at.success, alone }];
  });
  if (measured.length === 0) return undefined;
  const pool = (of: (run: Presence) => number | undefined): Share => {
    const known = measured.filter((run) => of(run) !== undefined);
    return {
      hits: Math.round(known.reduce((sum, run) => sum + of(run)! * run.episodes, 0)),
      of: known.reduce((sum, { episodes }) => sum + episodes, 0),
    };
  };
  const withTeacher = pool((run) => run.withTeacher);
  const without = pool((run) => run.alone);
  const later = pool((run) => run.later);
  const added = differenceInterval(withTeacher, without);
  return { withTeacher, without, added, later: later.of > 0 ? later : undefined };
}

/** The mean effect of single suggestions on the return. */
export interface Effect {
  readonly mean: number;
  /** 95 % interval over runs; null for fewer than three runs. */
  readonly ci95: Interval | null;
  readonly states: number;
  readonly helped: number;
  readonly hurt: number;
}

/** Which suggestions are meant. */
export type EffectGroup = "effects" | "rightEffects" | "wrongEffects";

/** The effect of single suggestions in a cell; undefined where it was not measured. */
export function effectOf({ runs }: Cell, group: EffectGroup): Effect | undefined {
  const all = runs.map(({ record }) => record.summary.advice?.[group] ?? null)
    .filter((effect): effect is EffectSummary => effect !== null);
  if (all.length === 0) return undefined;
  const means = all.map((effect) => effect.mean);
  const sum = (of: (effect: EffectSummary) => number) => all.reduce((to, one) => to + of(one), 0);
  const half = studentQuantile(0.95, means.length - 1) * deviation(means) / Math.sqrt(means.length);
  const centre = mean(means);
  return {
    mean: centre,
    ci95: means.length < 3 ? null : [centre - half, centre + half],
    states: sum(({ states }) => states),
    helped: sum(({ helped }) => helped),
    hurt: sum(({ hurt }) => hurt),
  };
}
