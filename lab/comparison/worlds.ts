/** Which worlds the numbers of a comparison are of. */
import { count } from "../format.ts";
import type { TestedPlan } from "../store.ts";
import type { RunSummary } from "../summary.ts";
import { shortHash, testPlanOf } from "../test_plan.ts";
import type { Results } from "./results.ts";

/** What a run came to at its end: on the test worlds of its plan, where it has some. */
export interface RunEnd {
  readonly success: number;
  readonly episodes: number;
  /** null where the teacher has said nothing. */
  readonly withoutTeacher: number | null;
  /** Share of states in which guidance is right; null where nobody can tell. */
  readonly guidance: number | null;
}

/** What a run came to at its end. */
export function endOf(summary: RunSummary): RunEnd {
  const { test, success, withoutTeacher, advice, guidanceAccuracy } = summary;
  if (!test) {
    return {
      success: success.end,
      episodes: success.episodes,
      withoutTeacher: withoutTeacher ?? advice?.withoutTeacher.rate ?? null,
      guidance: guidanceAccuracy.end,
    };
  }
  return {
    success: test.success,
    episodes: test.episodes,
    withoutTeacher: test.withoutTeacher?.success ?? null,
    guidance: test.guidanceAccuracy.rate,
  };
}

/** The set of worlds on which the ends were measured; undefined where runs differ in it. */
export function worldsAtEnd({ runs, plan }: Results): "test" | "development" | undefined {
  const sets = new Set(runs.map(({ run }) => run.record.summary.test ? "test" : "development"));
  if (sets.size === 0) return testPlanOf(plan) === undefined ? "development" : "test";
  return sets.size === 1 ? [...sets][0] : undefined;
}

/** The words behind "at the end" in a head of a table, such as " (test worlds)". */
export function endWords(results: Results): string {
  const worlds = worldsAtEnd(results);
  return worlds === undefined ? " (test or development worlds)" : ` (${worlds} worlds)`;
}

/**
 * Which worlds the numbers are of, in sentences.
 *
 * @param seen The plans whose test worlds the store has seen.
 */
export function worldsText(results: Results, seen: readonly TestedPlan[] = []): string[] {
  const { evaluation } = results.plan.pipeline;
  const plan = testPlanOf(results.plan);
  const worlds = count(evaluation.episodes);
  if (plan === undefined) {
    return [
      `Every number is of ${worlds} development worlds, which all runs share and tuning may have seen: ` +
      "run the plan on test worlds (--worlds test) before you claim anything.",
    ];
  }
  const others = seen.filter((other) => other.plan !== plan);
  return [
    `Success at the end is measured on ${worlds} test worlds a seed, drawn for this plan ` +
    `(${
      shortHash(plan)
    }) and seen by nothing before its runs had ended; curves, the mean over training ` +
    `and the steps to a threshold on ${worlds} development worlds, which all runs share. Intervals of ` +
    "differences at the end are of seeds drawn anew, and of worlds within each (hierarchical bootstrap); " +
    "those of the other measures are of seeds alone.",
    ...(worldsAtEnd(results) === "test" || results.runs.length === 0
      ? []
      : ["Some of the runs have no test worlds: their ends are of development worlds."]),
    ...(others.length === 0 ? [] : [
      `This store has seen the test worlds of ${others.length} other plan${
        others.length === 1 ? "" : "s"
      } (${
        others.map(told).join("; ")
      }): the plan was changed after that, and has other worlds now.`,
    ]),
  ];
}

function told({ plan, trials, since }: TestedPlan): string {
  const day = since.toISOString().slice(0, 10);
  return `${shortHash(plan)}, ${count(trials)} trial${trials === 1 ? "" : "s"} from ${day} on`;
}
