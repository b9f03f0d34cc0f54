/** How often a variant's teachers are right, beside what is right without them. */
import type { ActionAccuracy, AskedStates } from "@tandem/core";
import { count, percent } from "../format.ts";
import type { Cell, Results } from "./results.ts";

/** The accuracy of a cell's teachers at the end, in one kind of states, all runs together. */
export interface CellAccuracy {
  readonly level: string;
  readonly variant: string;
  readonly states: AskedStates;
  readonly judged: number;
  /** Shares of the states that were judged. */
  readonly rate: number;
  readonly constant: number;
  /** The constant answers that were best, the most frequent one first. */
  readonly constantActions: readonly string[];
  readonly perfectCredit: number;
  readonly byAction: readonly ActionAccuracy[];
}

const STATES: readonly AskedStates[] = ["walk", "student", "erring expert"];

/** The accuracy of all teachers at the end of their runs, on test worlds, level by level. */
export function accuraciesOf(results: Results): CellAccuracy[] {
  return results.levels.flatMap((level) =>
    results.variants.flatMap((variant) => accuracyOf(results.cell(variant, level)))
  );
}

function accuracyOf({ level, variant, runs }: Cell): CellAccuracy[] {
  const found = runs.flatMap(({ record }) => record.summary.test?.accuracy ?? []);
  return STATES.flatMap((states) => {
    const own = found.filter((each) => each.states === states);
    const judged = own.reduce((sum, each) => sum + each.judged, 0);
    if (judged === 0) return [];
    const pooled = (of: (each: typeof own[number]) => number) =>
      own.reduce((sum, each) => sum + each.judged * of(each), 0) / judged;
    const constants = Map.groupBy(own, ({ constant }) => constant.action);
    const actions = Map.groupBy(own.flatMap(({ byAction }) => byAction), ({ action }) => action);
    return [{
      ...{ level, variant, states, judged },
      rate: pooled(({ rate }) => rate),
      constant: pooled(({ constant }) => constant.rate),
      constantActions: [...constants].sort(([, a], [, b]) => b.length - a.length)
        .map(([action]) => action),
      perfectCredit: pooled(({ perfectCredit }) => perfectCredit),
      byAction: [...actions].map(([action, group]) => added(action, group)),
    }];
  });
}

function added(action: string, group: readonly ActionAccuracy[]): ActionAccuracy {
  const sum = (name: "wanted" | "right" | "said") =>
    group.reduce((all, each) => all + each[name], 0);
  return { action, wanted: sum("wanted"), right: sum("right"), said: sum("said") };
}

/** Columns of the tables that {@linkcode accuracyRow} fills. */
export const ACCURACY_HEADS = [
  "teacher of",
  "states",
  "right",
  "best constant",
  "perfect credit",
  "by what the expert does: right of wanted, said",
] as const;

/** The accuracy in one kind of states, column by column. */
export function accuracyRow(accuracy: CellAccuracy): string[] {
  const { variant, states, judged, rate, constant, constantActions, perfectCredit } = accuracy;
  return [
    variant,
    `${states} (${count(judged)})`,
    percent(rate),
    `${percent(constant)}, ${constantActions[0]}`,
    percent(perfectCredit),
    accuracy.byAction.map(({ action, wanted, right, said }) =>
      `${action} ${count(right)}/${count(wanted)}, ${said === 0 ? "never said" : count(said)}`
    ).join("; "),
  ];
}

/** What the columns mean. */
export const ACCURACY_NOTE =
  "At the end, on test worlds, all runs together. Three kinds of states: after four random moves (walk), " +
  "an eighth of those where the student goes with its teacher, and those of an expert that does what " +
  "chance wants in a quarter of its steps. Best constant: the one action that is right most often, chosen " +
  "in hindsight. Perfect credit: what a table of the things in sight (mission and sentence, as the channels " +
  "see a state) gets right without any model, told the truth in the states of the other half of the " +
  "worlds; more states would raise it, so it is the least that perfect credit could reach. By action: the " +
  "states that want it and those of them in which the teacher is right, and how often it says it at all.";
