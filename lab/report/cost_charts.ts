/** The charts of what a run cost and what its student reported. */
import { duration, percent } from "../format.ts";
import type { RunSummary } from "../summary.ts";
import { drawFigure, type Figure, ITERATION_AXIS, thinned } from "./figure.ts";
import type { RunRecord } from "./record.ts";
import { type ChartSpec, drawChart, INK } from "./vega_svg.ts";

/** Seconds by stage. */
export function timeChart({ stageSeconds, wallSeconds }: RunSummary): Promise<Figure> {
  const stages = Object.entries(stageSeconds).map(([stage, seconds]) => ({ stage, seconds }));
  const counted = stages.reduce((sum, { seconds }) => sum + seconds, 0);
  const total = Math.max(wallSeconds, counted);
  const data = [...stages, { stage: "the rest", seconds: total - counted }];
  const longest = Math.max(1e-3, ...data.map(({ seconds }) => seconds));
  const values = data.map(({ stage, seconds }) => ({
    stage,
    seconds,
    label: `${duration(seconds)}, ${percent(seconds / total)}`,
    color: stage === "student" ? INK.student : stage === "teacher" ? INK.teacher : INK.quiet,
  }));
  const y = {
    field: "stage",
    type: "nominal",
    sort: null,
    title: null,
    axis: { labelColor: INK.text, labelFontSize: 13 },
  };
  const x = {
    field: "seconds",
    type: "quantitative",
    axis: null,
    stack: null,
    // Room for the words beside the longest bar.
    scale: { domain: [0, longest * 1.45], nice: false },
  };
  const chart: ChartSpec = {
    layer: [
      {
        data: { values },
        mark: { type: "bar", height: 12 },
        encoding: { x, y, color: { field: "color", type: "nominal", scale: null } },
      },
      {
        data: { values },
        mark: { type: "text", align: "left", dx: 8 },
        encoding: { x, y, text: { field: "label" } },
      },
    ],
  };
  const words = {
    id: "time",
    title: "Where the time went",
    caption:
      "By stage while training. The rest is making the stages and measuring on held-out worlds.",
    legend: [],
    data,
  };
  return drawFigure(words, chart, [190, 190]);
}

/** A small picture for each number that the student reports, losses first: name and SVG. */
export function metricCharts(
  iterations: RunRecord["iterations"],
): Promise<{ name: string; svg: string }[]> {
  const names = [...new Set(iterations.flatMap(({ metrics }) => Object.keys(metrics)))];
  const isLoss = (name: string) => /loss$/i.test(name);
  const ordered = [...names.filter(isLoss), ...names.filter((name) => !isLoss(name))];
  return Promise.all(ordered.map(async (name) => {
    const values = iterations.filter(({ metrics }) => Number.isFinite(metrics[name]))
      .map(({ iteration, metrics }) => ({ iteration, value: metrics[name]! }));
    const chart: ChartSpec = {
      layer: [{
        data: { values: thinned(values) },
        mark: { type: "line", color: INK.student, strokeWidth: 1.5, strokeJoin: "round" },
        encoding: {
          x: { ...ITERATION_AXIS, title: null, axis: { format: ",d", tickCount: 3 } },
          y: {
            field: "value",
            type: "quantitative",
            title: null,
            scale: { zero: false },
            axis: { format: ".2~g", tickCount: 3 },
          },
        },
      }],
    };
    return {
      name: words(name),
      svg: await drawChart(chart, 260, 120, `${words(name)} by iteration`),
    };
  }));
}

/** "policyLoss" as "policy loss". */
function words(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, (_, a, b) => `${a} ${b.toLowerCase()}`);
}
