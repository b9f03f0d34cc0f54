/** What the runs of a cell have cost. */
import { compact, duration } from "../format.ts";
import { mean } from "../statistics/sample.ts";
import type { Cell, Prices } from "./results.ts";

/** What a run has cost in training, a mean over runs; measuring is left out but where it says so. */
export interface Spending {
  /** Seconds by the clock. */
  readonly seconds: number;
  /**
   * Processor seconds of a run's own thread, measuring included, over the runs of which they are known;
   * null where they are of none.
   */
  readonly processorSeconds: number | null;
  /** Questions that the teacher was asked, and tokens that its model read and wrote. */
  readonly questions: number;
  readonly tokens: number;
  /** By the prices that were told; null where none were. */
  readonly money: number | null;
}

/** What a run of a cell has cost; undefined where there is none. */
export function spendingOf({ runs }: Cell, prices: Prices | undefined): Spending | undefined {
  const ends = runs.flatMap(({ record }) => record.evaluations.at(-1) ?? []);
  if (ends.length === 0) return undefined;
  const seconds = mean(ends.map((end) => end.seconds));
  const questions = mean(ends.map(({ teacher }) => teacher.calls));
  const tokens = mean(ends.map(({ teacher }) => teacher.tokens));
  const money = prices
    ? seconds / 3600 * (prices.hour ?? 0) + tokens / 1e6 * (prices.tokens ?? 0)
    : null;
  const known = runs.flatMap(({ record }) => record.summary.processorSeconds ?? []);
  const processorSeconds = known.length > 0 ? mean(known) : null;
  return { seconds, processorSeconds, questions, tokens, money };
}

/** Heads of the columns that {@linkcode spendingCells} fills. */
export function spendingHeads(prices: Prices | undefined): string[] {
  const time = ["training takes, by the clock", "processor time of the run's thread"];
  return [...time, "questions", "tokens", ...prices ? ["money"] : []];
}

/** What a run of a cell has cost, column by column. */
export function spendingCells(cell: Cell, prices: Prices | undefined): string[] {
  const spent = spendingOf(cell, prices);
  if (!spent) return spendingHeads(prices).map(() => "–");
  const { seconds, processorSeconds, questions, tokens, money } = spent;
  return [
    duration(seconds),
    processorSeconds === null ? "–" : duration(processorSeconds),
    compact(questions),
    compact(tokens),
    ...money === null ? [] : [moneyText(money)],
  ];
}

/** Money in three digits: a run may cost less than a cent. */
function moneyText(money: number): string {
  return money === 0 ? "0" : money < 0.01 ? money.toPrecision(2) : money.toFixed(2);
}
