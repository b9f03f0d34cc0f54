/** Sums what was noted of a run: seconds by work, over the iterations that count. */
import type { Span, Work } from "./spans.ts";
import { WORK } from "./spans.ts";

/** When an iteration ran, in milliseconds of the clock. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** When what happened. */
export interface Timeline {
  /** What stages did, iterations or not. */
  readonly spans: readonly Span[];
  /** The iterations that count. */
  readonly iterations: readonly Interval[];
  /** What lies between iterations, before them and after: measuring on held-out worlds. */
  readonly measuring: readonly Interval[];
}

/** Milliseconds by work; together all that the timeline covers. */
export function millisecondsByWork(timeline: Timeline): Record<Work, number> {
  const total = Object.fromEntries(Object.keys(WORK).map((work) => [work, 0])) as Record<
    Work,
    number
  >;
  total.measuring = sum(timeline.measuring);
  for (const { work, from, to } of timeline.spans) {
    if (timeline.iterations.some((one) => from >= one.from && to <= one.to)) {
      total[work] += to - from;
    }
  }
  const stages = Object.values(total).reduce((all, one) => all + one, 0) - total.measuring;
  total.rest = Math.max(0, sum(timeline.iterations) - stages);
  return total;
}

/** What was being done at a moment; undefined before and after, and in iterations that do not count. */
export function workAt(
  { spans, iterations, measuring }: Timeline,
  moment: number,
): Work | undefined {
  const holds = ({ from, to }: Interval) => from <= moment && moment < to;
  if (measuring.some(holds)) return "measuring";
  if (!iterations.some(holds)) return undefined;
  let [low, high] = [0, spans.length]; // the first span that ends after the moment
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle]!.to > moment) high = middle;
    else low = middle + 1;
  }
  const span = spans[low];
  return span && holds(span) ? span.work : "rest";
}

function sum(intervals: readonly Interval[]): number {
  return intervals.reduce((all, { from, to }) => all + to - from, 0);
}

/** What a table is made of beside the milliseconds. */
export interface Scale {
  readonly iterations: number;
  /** Environment steps of one iteration. */
  readonly steps: number;
}

/** One row of the table. */
export interface ProfileRow {
  readonly name: string;
  /** Milliseconds an iteration. */
  readonly milliseconds: number;
  /** Share of all. */
  readonly share: number;
  /** Microseconds an environment step. */
  readonly microseconds: number;
}

/** The rows in their order; extra stages only where they did something. */
export function profileRows(
  found: Readonly<Record<Work, number>>,
  { iterations, steps }: Scale,
): ProfileRow[] {
  const all = Object.values(found).reduce((sum, one) => sum + one, 0);
  return (Object.keys(WORK) as Work[])
    .filter((work) => work !== "extras" || found[work] > 0)
    .map((work) => ({
      name: WORK[work],
      milliseconds: found[work] / iterations,
      share: all > 0 ? found[work] / all : 0,
      microseconds: 1000 * found[work] / (iterations * steps),
    }));
}

/** The table as lines of text. */
export function profileTable(rows: readonly ProfileRow[]): string {
  const line = (name: string, ...cells: string[]) =>
    `${name.padEnd(24)}${cells.map((cell) => cell.padStart(16)).join("")}`;
  const cells = ({ name, milliseconds, share, microseconds }: ProfileRow) =>
    line(name, milliseconds.toFixed(2), `${(100 * share).toFixed(1)} %`, microseconds.toFixed(2));
  const all = rows.reduce((sum, row) => ({
    name: "all",
    milliseconds: sum.milliseconds + row.milliseconds,
    share: sum.share + row.share,
    microseconds: sum.microseconds + row.microseconds,
  }));
  return [
    line("", "ms an iteration", "share", "µs an env step"),
    ...rows.map(cells),
    cells(all),
  ].join("\n");
}
