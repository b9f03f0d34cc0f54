/** Where time goes, and whether the feedback edge is worth its share. */
import { STAGE_KINDS, type StageKind } from "@tandem/core";
import { duration, percent } from "../format.ts";
import { mean } from "../statistics/sample.ts";
import {
  kaplanMeier,
  leastLogRankP,
  logRank,
  medianInterval,
  medianTime,
} from "../statistics/survival.ts";
import type { Detection } from "./detectors.ts";
import { ALPHA } from "./claims.ts";
import { type Budget, timeToThreshold } from "./measures.ts";
import type { Cell } from "./results.ts";
import { flooredP } from "./statements.ts";
import { shareName } from "./wording.ts";

/** What an iteration of a cell takes, on average over runs. */
export interface IterationCost {
  /** Seconds an iteration. */
  readonly seconds: number;
  readonly byStage: Readonly<Record<StageKind, number>>;
  /** The share of it that the feedback edge takes, 0 to 1. */
  readonly feedbackShare: number;
}

/** The cost of an iteration of some cells; undefined where nothing was trained. */
export function iterationCost(cells: readonly Cell[]): IterationCost | undefined {
  const summaries = cells.flatMap(({ runs }) => runs.map(({ record }) => record.summary))
    .filter(({ iterations }) => iterations > 0);
  if (summaries.length === 0) return undefined;
  const per = (of: (summary: typeof summaries[number]) => number) =>
    mean(summaries.map((summary) => of(summary) / summary.iterations));
  const seconds = per(({ trainingSeconds }) => trainingSeconds);
  const stages = STAGE_KINDS.map((kind) => [kind, per(({ stageSeconds }) => stageSeconds[kind])]);
  return {
    seconds,
    byStage: Object.fromEntries(stages) as Record<StageKind, number>,
    feedbackShare: seconds > 0 ? per(({ feedbackSeconds }) => feedbackSeconds) / seconds : 0,
  };
}

/** What half of the runs needed to reach the threshold. */
export interface Effort {
  /** The median over runs by Kaplan and Meier; null where more than half never got there. */
  readonly median: number | null;
  readonly ci95: readonly [number | null, number | null];
  readonly reached: number;
  readonly runs: number;
}

/** What the runs of a cell needed to reach the threshold. */
export function effortOf({ runs }: Cell, threshold: number, budget: Budget): Effort {
  const durations = runs.map(({ record }) => timeToThreshold(record, threshold, budget));
  const points = kaplanMeier(durations);
  return {
    median: medianTime(points),
    ci95: medianInterval(points),
    reached: durations.filter(({ reached }) => reached).length,
    runs: runs.length,
  };
}

/**
 * Feedback that costs more time than it saves: training with it reaches the threshold later, in
 * seconds, than guidance alone does (log-rank test).
 */
export function detectCostlyFeedback(cell: Cell, oneWay: Cell, threshold: number): Detection {
  const share = iterationCost([cell])?.feedbackShare;
  const [x, y] = [cell, oneWay].map(({ runs }) =>
    runs.map(({ record }) => timeToThreshold(record, threshold, "seconds"))
  );
  const takes = `Feedback takes ${percent(share)} of the training time`;
  if (![...x!, ...y!].some(({ reached }) => reached)) {
    return { state: "cannot tell", because: `${takes}; neither reached ${shareName(threshold)}.` };
  }
  const [own, other] = [cell, oneWay].map((each) => effortOf(each, threshold, "seconds").median);
  const p = logRank(x!, y!);
  const because = `${takes}; half of the runs need ${orNever(own!)} to ` +
    `${shareName(threshold)}, with guidance alone ${orNever(other!)} (log-rank ${
      flooredP(p, leastLogRankP(x!.length, y!.length))
    }).`;
  const later = (own ?? Infinity) > (other ?? Infinity);
  return { state: later && p <= ALPHA ? "found" : "not found", because };
}

/** A time of training, or that it never came. */
function orNever(seconds: number | null): string {
  return seconds === null ? "more than was tried" : duration(seconds);
}
