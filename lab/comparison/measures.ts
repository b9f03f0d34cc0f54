/** What a run is measured by. */
import { areaUnder, type Curve, curve, type Duration, timeTo } from "../statistics/curves.ts";
import { scoreOf, whyNoScore } from "../statistics/score.ts";
import type { MeasureId } from "../plan.ts";
import type { Results } from "./results.ts";
import { shareName } from "./wording.ts";
import { endOf } from "./worlds.ts";
import type { RunSummary } from "../summary.ts";
import type { Evaluation, TrainingPosition, TrialRecord } from "../trial.ts";

/** What can be spent on training. */
export type Budget = "envSteps" | "episodes" | "seconds" | "calls" | "tokens" | "teacherSeconds";

const SPENT: Readonly<Record<Budget, (progress: TrainingPosition) => number>> = {
  envSteps: ({ envSteps }) => envSteps,
  episodes: ({ episodes }) => episodes,
  seconds: ({ seconds }) => seconds,
  calls: ({ teacher }) => teacher.calls,
  tokens: ({ teacher }) => teacher.tokens,
  teacherSeconds: ({ teacherSeconds }) => teacherSeconds,
};

/** What had been spent when something was measured. */
export function spentOn(budget: Budget, progress: TrainingPosition): number {
  return SPENT[budget](progress);
}

/**
 * Held-out success over what was spent. Points at which nothing more had been spent are left out.
 *
 * @throws RangeError as {@linkcode curve}.
 */
export function successCurve({ evaluations }: TrialRecord, budget: Budget = "envSteps"): Curve {
  const later = evaluations.filter((evaluation, i) =>
    i === 0 || spentOn(budget, evaluation) > spentOn(budget, evaluations[i - 1]!)
  );
  return curve(later.map((each) => spentOn(budget, each)), later.map(({ success }) => success));
}

/** Success between random actions, 0, and the expert, 1; null where the run's level has no score. */
export function scored({ summary }: TrialRecord, success: number): number | null {
  return scoreOf(success, referenceOf(summary));
}

/** Why a level has no score; null where all its runs have one. */
export function whyUnscored(results: Results, level: string): string | null {
  const runs = results.variants.flatMap((variant) => results.cell(variant, level).runs);
  for (const { record } of runs) {
    const reason = whyNoScore(referenceOf(record.summary));
    if (reason !== null) return reason;
  }
  return null;
}

/** The levels on which success can be scored. */
export function scoredLevels(results: Results): string[] {
  return results.levels.filter((level) => whyUnscored(results, level) === null);
}

function referenceOf({ floor, ceiling, referenceWorlds }: RunSummary) {
  return { floor, ceiling, worlds: referenceWorlds };
}

/** What success is told in: a score, or the plain share of worlds where a level has no score. */
export type Unit = "score" | "success";

/** The unit in which runs on these levels can be compared. */
export function unitOf(results: Results, levels: readonly string[]): Unit {
  return levels.every((level) => whyUnscored(results, level) === null) ? "score" : "success";
}

/** A number by which runs are compared. */
export interface Measure {
  readonly id: MeasureId;
  /** What it is called in a table. */
  readonly name: string;
  /** What its values are. */
  readonly unit: Unit | "steps";
  /** What more of it means. */
  readonly better: "higher" | "lower";
  /** How a statement begins: "bidirectional {verb} than alone". */
  readonly says: { readonly better: string; readonly worse: string };
  of(record: TrialRecord): number;
}

/**
 * The measures of a comparison: success at the end (on test worlds, where the plan has some) and over the whole of training, and environment
 * steps to the threshold (the whole budget where it was not reached).
 *
 * @param unit Whether success is scored between random actions and the expert: on levels that have a
 * score alone.
 */
export function measuresFor(threshold: number, unit: Unit): readonly Measure[] {
  const solved = shareName(threshold);
  const value = (record: TrialRecord, success: number) =>
    unit === "score" ? scored(record, success)! : success;
  return [
    {
      id: "final",
      name: `${unit} at the end`,
      unit,
      better: "higher",
      says: { better: "ends higher", worse: "ends lower" },
      of: (record) => value(record, endOf(record.summary).success),
    },
    {
      id: "area",
      name: `mean ${unit} over training`,
      unit,
      better: "higher",
      says: {
        better: "is higher over the whole of training",
        worse: "is lower over the whole of training",
      },
      of: (record) => value(record, areaUnder(successCurve(record))),
    },
    {
      id: "steps",
      name: `steps to ${solved}`,
      unit: "steps",
      better: "lower",
      says: { better: `reaches ${solved} sooner`, worse: `reaches ${solved} later` },
      of: (record) => timeTo(threshold, successCurve(record)).time,
    },
  ];
}

/** What was spent until held-out success reached the threshold; censored where it never did. */
export function timeToThreshold(
  record: TrialRecord,
  threshold: number,
  budget: Budget,
): Duration {
  return timeTo(threshold, successCurve(record, budget));
}

/** The iterations at which a run was measured: logs that differ in these cannot be compared. */
export function measuredAt({ evaluations }: TrialRecord): string {
  return evaluations.map(({ iteration }: Evaluation) => iteration).join(",");
}
