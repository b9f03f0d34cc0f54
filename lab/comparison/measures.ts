/** What a run is measured by. */
import { areaUnder, type Curve, curve, type Duration, timeTo } from "../statistics/curves.ts";
import { normalise } from "../summary.ts";
import { shareName } from "./wording.ts";
import type { Evaluation, Progress, TrialRecord } from "../trial.ts";

/** What can be spent on training. */
export type Budget = "envSteps" | "episodes" | "seconds" | "calls" | "tokens" | "teacherSeconds";

const SPENT: Readonly<Record<Budget, (progress: Progress) => number>> = {
  envSteps: ({ envSteps }) => envSteps,
  episodes: ({ episodes }) => episodes,
  seconds: ({ seconds }) => seconds,
  calls: ({ teacher }) => teacher.calls,
  tokens: ({ teacher }) => teacher.tokens,
  teacherSeconds: ({ teacherSeconds }) => teacherSeconds,
};

/** What had been spent when something was measured. */
export function spentOn(budget: Budget, progress: Progress): number {
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

/** Success between random actions, 0, and the expert, 1; raw where these are not known. */
export function scored(record: TrialRecord, success: number): number {
  const { floor, ceiling } = record.summary;
  return normalise(success, floor, ceiling) ?? success;
}

/** A number by which runs are compared. */
export interface Measure {
  readonly id: "final" | "area" | "steps";
  /** What it is called in a table. */
  readonly name: string;
  /** What more of it means. */
  readonly better: "higher" | "lower";
  /** How a statement begins: "bidirectional {verb} than alone". */
  readonly says: { readonly better: string; readonly worse: string };
  of(record: TrialRecord): number;
}

/**
 * The measures of a comparison: success at the end and over the whole of training, normalised
 * between random actions and the expert, and environment steps to the threshold (the whole budget
 * where it was not reached).
 */
export function measuresFor(threshold: number): readonly Measure[] {
  const solved = shareName(threshold);
  return [
    {
      id: "final",
      name: "score at the end",
      better: "higher",
      says: { better: "ends higher", worse: "ends lower" },
      of: (record) => scored(record, record.summary.success.end),
    },
    {
      id: "area",
      name: "mean score over training",
      better: "higher",
      says: {
        better: "is higher over the whole of training",
        worse: "is lower over the whole of training",
      },
      of: (record) => scored(record, areaUnder(successCurve(record))),
    },
    {
      id: "steps",
      name: `steps to ${solved}`,
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
