/**
 * The table and the figure of docs/results/imperfect.md, from what `deno task export` has written of the
 * comparison:
 *
 *     deno task export runs/imperfect --as csv
 *     deno run --lock=deno.lock --frozen -P=read --allow-env --allow-write=docs/images \
 *       bench/mutual/draw_imperfect.ts runs/imperfect/export/runs.csv > TABLE.md
 *
 * The figure is written to docs/images/imperfect.svg.
 */
import { parseArgs } from "node:util";
import { type ChartSpec, drawChart, INK } from "../../lab/report/vega_svg.ts";
import { standingAlone } from "../standing_alone.ts";

const FIGURE = "docs/images/imperfect.svg";
const MEASURED = {
  success: "test_success",
  alone: "test_success_without_teacher",
  before: "guidance_start",
  right: "test_guidance",
  seconds: "processor_seconds",
} as const;

type Measure = keyof typeof MEASURED;

/** The means over seeds of a variant on a level; NaN where nothing was measured. */
interface Cell extends Readonly<Record<Measure, number>> {
  readonly level: string;
  /** What the variant is, without its rate. */
  readonly variant: string;
  /** The share of sentences that are lost, 0 to 1; undefined where no teacher is told anything. */
  readonly rate: number | undefined;
  /** Success of each seed. */
  readonly seeds: readonly number[];
}

const { positionals: [file = "runs/imperfect/export/runs.csv"] } = parseArgs({
  allowPositionals: true,
});
const cells = cellsOf(await Deno.readTextFile(file));
console.log(table(cells));
await Deno.writeTextFile(FIGURE, await figure(cells));

/** @param csv A row a run, under the columns' names. */
function cellsOf(csv: string): Cell[] {
  const [head = [], ...rows] = csv.trim().split(/\r?\n/).map((line) => line.split(","));
  const of = (row: readonly string[], column: string) => row[head.indexOf(column)] ?? "";
  const groups = Map.groupBy(rows, (row) => `${of(row, "level")} ${of(row, "variant")}`);
  return [...groups].map(([name, runs]) => {
    const [level = "", variant = ""] = name.split(" ");
    const numbers = (column: string) => runs.map((row) => Number(of(row, column) || NaN));
    const means = Object.entries(MEASURED).map(([key, column]) => [key, mean(numbers(column))]);
    const [, kind = variant, percent] = /^(.*)-(\d+)$/.exec(variant) ?? [];
    return {
      ...Object.fromEntries(means) as Record<Measure, number>,
      ...{ level, variant: kind, seeds: numbers(MEASURED.success) },
      rate: percent === undefined ? undefined : Number(percent) / 100,
    };
  });
}

function table(cells: readonly Cell[]): string {
  const head = ["level", "variant", "lost", "success", "seeds", "without the teacher", "right"];
  const rows = cells.map(({ level, variant, rate, success, seeds, alone, before, right }) => [
    level,
    `\`${variant}\``,
    rate === undefined ? "–" : `${100 * rate} %`,
    percent(success),
    seeds.map((seed) => (100 * seed).toFixed(0)).join(", "),
    percent(alone),
    Number.isNaN(right) ? "–" : `${percent(before)} → ${percent(right)}`,
  ]);
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** Success over the share of sentences that are lost, a line a variant and level. */
async function figure(cells: readonly Cell[]): Promise<string> {
  const rates = [...new Set(cells.flatMap(({ rate }) => rate ?? []))];
  // Who is told nothing is the same at every rate.
  const points = cells.flatMap((cell) =>
    (cell.rate === undefined ? rates : [cell.rate]).map((rate) => ({ ...cell, rate }))
  );
  const variants = [...new Set(cells.map(({ variant }) => variant))];
  const colours = [INK.quiet, INK.text, INK.student, INK.teacher];
  const places = {
    x: {
      ...{ field: "rate", type: "quantitative", title: "share of sentences that are lost" },
      axis: { format: "%", values: rates },
    },
    y: {
      ...{ field: "success", type: "quantitative", title: "success at the end" },
      ...{ scale: { domain: [0, 1] }, axis: { format: "%" } },
    },
    color: {
      ...{ field: "variant", type: "nominal", title: null },
      scale: { domain: variants, range: colours },
    },
  } as const;
  const chart: ChartSpec = {
    layer: [
      {
        data: { values: points },
        mark: { type: "line", strokeWidth: 2 },
        encoding: { ...places, strokeDash: { field: "level", type: "nominal", title: null } },
      },
      {
        data: { values: points },
        mark: { type: "circle", size: 40, opacity: 1 },
        encoding: places,
      },
    ],
  };
  const label = "Success at the end over the share of sentences that the teacher is not told";
  return `${standingAlone(await drawChart(chart, 760, 340, label))}\n`;
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

function percent(share: number): string {
  return Number.isNaN(share) ? "–" : `${(100 * share).toFixed(1)} %`;
}
