/** Figures over all levels: aggregates, performance profiles, chances of improvement. */
import { SHARE_AXIS } from "../../report/figure.ts";
import { intervalLayers, intervalRow, nameAxis } from "../../report/layers.ts";
import type { ChartLayer } from "../../report/vega_svg.ts";
import { aggregatesOf, improvementsOf, type VariantAggregate } from "../aggregate.ts";
import { scoredLevels } from "../measures.ts";
import type { Results } from "../results.ts";
import { listed } from "../statements.ts";
import { palette, variantLegend } from "./palette.ts";
import { colorScale, dashScale, drawPanels, type PanelFigure } from "./panels.ts";

const AGGREGATE_NAMES: readonly (readonly [keyof VariantAggregate["aggregates"], string])[] = [
  ["iqm", "Interquartile mean"],
  ["mean", "Mean"],
  ["median", "Median of levels"],
  ["optimalityGap", "Optimality gap (less is better)"],
];

/** Which levels have no score and so no part in a figure. */
function leftOut(results: Results): string {
  const scored = scoredLevels(results);
  const others = results.levels.filter((level) => !scored.includes(level));
  return others.length > 0 ? ` Without ${listed(others)}: no score.` : "";
}

const SCORE_AXIS = {
  type: "quantitative",
  title: null,
  axis: { tickCount: 5, grid: true },
  scale: { nice: true, zero: false },
} as const;

/** Aggregates of the scores at the end, with intervals; undefined where runs are missing. */
export function aggregateFigure(results: Results): Promise<PanelFigure> | undefined {
  const aggregates = aggregatesOf(results);
  if (aggregates.length < 2) return undefined;
  const ink = palette(results);
  const variants = aggregates.map(({ variant }) => variant);
  const data = AGGREGATE_NAMES.flatMap(([id]) =>
    aggregates.map(({ variant, aggregates: of }) => intervalRow({ aggregate: id, variant }, of[id]))
  );
  const charts = AGGREGATE_NAMES.map(([id, title]) => ({
    title,
    chart: {
      layer: intervalLayers(
        data.filter((row) => row.aggregate === id),
        nameAxis("variant", variants),
        SCORE_AXIS,
        colorScale(variants, ink),
      ),
    },
  }));
  const words = {
    id: "aggregates",
    title: "Scores at the end",
    caption: "0 is the score of random actions and 1 that of the expert; with 95 % stratified " +
      `bootstrap intervals.${leftOut(results)}`,
    legend: [],
    data,
  };
  return drawPanels(words, charts, 60 + 26 * variants.length);
}

/** Performance profiles: the share of runs above each score. */
export function profileFigure(results: Results): Promise<PanelFigure> | undefined {
  const aggregates = aggregatesOf(results);
  if (aggregates.length < 2) return undefined;
  const ink = palette(results);
  const variants = aggregates.map(({ variant }) => variant);
  const data = aggregates.flatMap(({ variant, profile }) =>
    profile.map(({ tau, ...share }) => intervalRow({ variant, tau }, share))
  );
  const x = {
    field: "tau",
    type: "quantitative",
    title: "score",
    scale: { domain: [0, 1] },
    axis: { tickCount: 6 },
  };
  const color = colorScale(variants, ink);
  const y = (field: string) => ({ field, ...SHARE_AXIS });
  const layer: ChartLayer[] = [
    {
      data: { values: data },
      mark: { type: "area", opacity: 0.13, line: false },
      encoding: { x, y: y("low"), y2: { field: "high" }, color },
    },
    {
      data: { values: data },
      mark: { type: "line", strokeWidth: 2 },
      encoding: { x, y: y("value"), color, strokeDash: dashScale(variants, ink) },
    },
  ];
  const words = {
    id: "profiles",
    title: "Performance profiles",
    caption:
      "Share of runs, over all levels and seeds, whose score at the end is above the one on " +
      `the axis. A curve above another is better throughout.${leftOut(results)}`,
    legend: variantLegend(variants, ink),
    data,
  };
  return drawPanels(words, [{ title: "all levels", chart: { layer } }], 260);
}

/** The chance that a run of one variant beats one of another. */
export function improvementFigure(results: Results): Promise<PanelFigure> | undefined {
  const { baseline } = results.question;
  const data = improvementsOf(results).map(({ variant, against, ...share }) =>
    intervalRow({ variant, against }, share)
  );
  if (data.length === 0) return undefined;
  const ink = palette(results);
  const others = data.filter(({ against }) => against !== baseline);
  const groups = [
    {
      title: `over ${baseline}`,
      rows: data.filter((row) => !others.includes(row)),
      name: "variant",
    },
    { title: "bidirectional over", rows: others, name: "against" },
  ] as const;
  const charts = groups.filter(({ rows }) => rows.length > 0).map(({ title, rows, name }) => {
    const names = rows.map((row) => row[name]);
    const color = colorScale(rows.map(({ variant }) => variant), ink);
    return {
      title,
      chart: {
        layer: [HALF, ...intervalLayers(rows, nameAxis(name, names), CHANCE_AXIS, color)],
      },
      height: 50 + 26 * names.length,
    };
  });
  const words = {
    id: "improvement",
    title: `Chance of improvement${charts.length === 1 ? ` ${charts[0]!.title}` : ""}`,
    caption: "How likely a run of a variant scores higher at the end than one of the other, on a " +
      `level drawn at random; 50 % is no difference.${leftOut(results)}`,
    legend: [],
    data,
  };
  return drawPanels(words, charts, 0);
}

const CHANCE_AXIS = { ...SHARE_AXIS, axis: { format: "%", tickCount: 5, grid: true } } as const;

const HALF: ChartLayer = {
  data: { values: [{ value: 0.5 }] },
  mark: { type: "rule", color: "var(--muted)", strokeDash: [3, 4] },
  encoding: { x: { field: "value", ...CHANCE_AXIS } },
};
