/**
 * The tables and the figure of docs/results/students.md, from what bench/students/measure.ts has
 * written: frames to 95 % by level.
 *
 *     deno task draw:students [FILE] > TABLES.md
 *
 * The figure is written to docs/images/students.svg.
 */
import { parseArgs } from "node:util";
import { type ChartSpec, drawChart, INK } from "../../lab/report/vega_svg.ts";
import { standingAlone } from "../standing_alone.ts";
import { type Curve, HELD, held, parseCurves, reached } from "./curves.ts";
import { MORE_ROOMS, ROOMS } from "./settings.ts";

const FIGURE = "docs/images/students.svg";
const [WIDTH, ROW, EDGE] = [760, 22, 70];

const { positionals: [file = "bench/students/curves.jsonl"] } = parseArgs({
  allowPositionals: true,
});

const order = [...ROOMS, ...MORE_ROOMS].flatMap(({ levels }) => levels);
const curves = parseCurves(await Deno.readTextFile(file))
  .sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level) || a.seed - b.seed);

for (const groups of [ROOMS, MORE_ROOMS]) {
  const levels = groups.flatMap(({ levels }) => levels);
  console.log(`${table(curves.filter(({ level }) => levels.includes(level)))}\n`);
}
await Deno.writeTextFile(FIGURE, await figure(curves));

/** A row a level; what is of several seeds stands in their order. */
function table(curves: readonly Curve[]): string {
  const rows = [...Map.groupBy(curves, ({ level }) => level)].map(([level, seeds]) => {
    const each = (of: (curve: Curve) => string | number) => seeds.map(of).join("; ");
    return [
      level,
      each(({ seed }) => seed),
      ...[0.9, HELD].map((share) => each(({ points }) => count(reached(points, share)))),
      each(({ points }) => count(held(points, HELD))),
      each(({ points }) => share(points.at(-1)![1])),
      each(({ seconds }) => seconds),
    ];
  });
  const head = ["level", "seeds", "90 %", "95 %", "95 % held from", "at the end", "seconds"];
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** A dot a level and seed: full where 95 % was held, hollow at the last frame where it was not. */
async function figure(curves: readonly Curve[]): Promise<string> {
  const dots = curves.map(({ level, points }) => {
    const frames = held(points, HELD);
    return { level, frames: (frames ?? points.at(-1)![0]) / 1000, held: frames !== undefined };
  });
  const levels = [...new Set(dots.map(({ level }) => level))];
  const chart: ChartSpec = {
    layer: [true, false].map((isHeld) => ({
      data: { values: dots.filter((dot) => dot.held === isHeld) },
      mark: {
        ...{ type: "point", size: 70, strokeWidth: 1.5, filled: isHeld },
        color: isHeld ? INK.student : INK.quiet,
      },
      encoding: {
        x: {
          ...{ field: "frames", type: "quantitative", title: "thousand frames (logarithmic)" },
          scale: { type: "log", domain: [4, 2048] },
          axis: { grid: true, values: [4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048] },
        },
        y: { field: "level", type: "nominal", title: null, scale: { domain: levels } },
      },
    })),
  };
  const label = `Thousand frames to 95 % of ${levels.length} levels, student alone; hollow where ` +
    "95 % was not held";
  const svg = await drawChart(chart, WIDTH, EDGE + ROW * levels.length, label);
  return `${standingAlone(svg)}\n`;
}

function share(x: number): string {
  return x.toFixed(3).replace(/^0/, "");
}

function count(frames: number | undefined): string {
  return frames === undefined ? "-" : frames.toLocaleString("en-US");
}
