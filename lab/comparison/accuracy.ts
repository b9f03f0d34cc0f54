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
  readonly byKind: readonly KindAccuracy[];
}

/** The same in the states in which the expert does an action of one kind: numbers of states. */
export type KindAccuracy = Omit<ActionAccuracy, "action">;

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
    const byAction = [...actions].map(([action, group]) => ({ action, ...added(group) }));
    return [{
      ...{ level, variant, states, judged, byAction },
      rate: pooled(({ rate }) => rate),
      constant: pooled(({ constant }) => constant.rate),
      constantActions: [...constants].sort(([, a], [, b]) => b.length - a.length)
        .map(([action]) => action),
      perfectCredit: pooled(({ perfectCredit }) => perfectCredit),
      byKind: [...Map.groupBy(byAction, ({ kind }) => kind).values()].map(added),
    }];
  });
}

function added(group: readonly KindAccuracy[]): KindAccuracy {
  const sum = (name: Exclude<keyof KindAccuracy, "kind">) =>
    group.reduce((all, each) => all + each[name], 0);
  return {
    kind: group[0]!.kind,
    wanted: sum("wanted"),
    right: sum("right"),
    constant: sum("constant"),
    perfectCredit: sum("perfectCredit"),
    said: sum("said"),
  };
}

/** Columns of the tables that {@linkcode accuracyRow} fills. */
export const ACCURACY_HEADS = [
  "teacher of",
  "states",
  "right",
  "best constant",
  "perfect credit",
  "by kind of action that the expert does: right of so many states (best constant, perfect credit)",
  "said, by action",
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
    accuracy.byKind.filter(({ wanted }) => wanted > 0).map(kindText).join("; "),
    accuracy.byAction.map(({ action, said }) => `${action} ${said === 0 ? "never" : count(said)}`)
      .join(", "),
  ];
}

function kindText({ kind, wanted, right, constant, perfectCredit }: KindAccuracy): string {
  const [own, constants, credit] = [right, constant, perfectCredit].map((hits) =>
    percent(hits / wanted)
  );
  return `${kind} ${own} of ${count(wanted)} (${constants}, ${credit})`;
}

/** What the columns mean. */
export const ACCURACY_NOTE =
  "At the end, on test worlds, all runs together. Three kinds of states: after four random moves (walk), " +
  "an eighth of those where the student goes with its teacher, and those of an expert that does what " +
  "chance wants in a quarter of its steps. Best constant: the one action that is right most often, chosen " +
  "in hindsight. Perfect credit: what a table of the things in sight (mission and sentence, as the channels " +
  "see a state) gets right without any model, told the truth in the states of the other half of the " +
  "worlds; more states would raise it, so it is the least that perfect credit could reach. By kind of action: " +
  "the states in which the expert does one of that kind, and in which share of them the teacher, the same " +
  "best constant and the same perfect credit are right.";
