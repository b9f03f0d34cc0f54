/** How soon levels are solved, and what solving them costs. */
import { SHARE_AXIS } from "../../report/figure.ts";
import { kaplanMeier } from "../../statistics/survival.ts";
import { budgetCurve } from "../advice.ts";
import { type Budget, timeToThreshold } from "../measures.ts";
import { type Cell, pooledCell, type Results } from "../results.ts";
import { shareName } from "../wording.ts";
import { palette, variantLegend } from "./palette.ts";
import {
  amountAxis,
  colorScale,
  dashScale,
  drawPanels,
  type PanelChart,
  type PanelFigure,
} from "./panels.ts";

/** The share of runs that reached the threshold, over episodes; undefined where none did. */
export function solvedFigure(results: Results): Promise<PanelFigure> | undefined {
  const { threshold } = results.question;
  const ink = palette(results);
  const data = results.levels.flatMap((level) =>
    results.variants.flatMap((variant) => solvedSteps(results.cell(variant, level), threshold))
  );
  if (!data.some(({ share }) => share > 0)) return undefined;
  const charts = results.levels.map((level): PanelChart => ({
    title: level,
    chart: {
      layer: [{
        data: { values: data.filter((step) => step.level === level) },
        mark: { type: "line", interpolate: "step-after", strokeWidth: 2 },
        encoding: {
          x: amountAxis("episodes", "episodes"),
          y: { field: "share", ...SHARE_AXIS },
          color: colorScale(results.variants, ink),
          strokeDash: dashScale(results.variants, ink),
        },
      }],
    },
  }));
  const words = {
    id: "solved",
    title: `Who gets to ${shareName(threshold)}, and when`,
    caption:
      "Share of runs whose held-out success has reached the threshold (Kaplan and Meier; a " +
      "line ends where its runs end).",
    legend: variantLegend(results.variants, ink),
    data,
  };
  return drawPanels(words, charts, 220);
}

function solvedSteps({ level, variant, runs }: Cell, threshold: number) {
  const durations = runs.map(({ record }) => timeToThreshold(record, threshold, "episodes"));
  const points = kaplanMeier(durations).map(({ time, share }) => ({
    episodes: time,
    share: 1 - share,
  }));
  const end = Math.max(0, ...durations.map(({ time }) => time));
  const last = points.at(-1)?.share ?? 0;
  if (runs.length === 0) return [];
  return [{ episodes: 0, share: 0 }, ...points, { episodes: end, share: last }]
    .map((point) => ({ level, variant, ...point }));
}

/** Success against seconds of training, a panel a level; undefined where nothing took any. */
export function secondsFigure(results: Results): Promise<PanelFigure> | undefined {
  const ink = palette(results);
  const data = results.levels.flatMap((level) =>
    results.variants.flatMap((variant) =>
      budgetCurve(results.cell(variant, level), "seconds")
        .map((point) => ({ level, variant, ...point }))
    )
  );
  if (!data.some(({ spent }) => spent > 0)) return undefined;
  const charts = results.levels.map((level): PanelChart => ({
    title: level,
    chart: {
      layer: [{
        data: { values: data.filter((point) => point.level === level) },
        mark: { type: "line", strokeWidth: 2, point: { size: 16, filled: true } },
        encoding: {
          x: amountAxis("spent", "seconds of training", "~g"),
          y: { field: "success", ...SHARE_AXIS },
          color: colorScale(results.variants, ink),
          strokeDash: dashScale(results.variants, ink),
        },
      }],
    },
  }));
  const words = {
    id: "seconds",
    title: "What a second brings",
    caption:
      "Success on development worlds against the seconds of training that had gone by: means " +
      "over seeds. A line ends where its runs end: the same steps take each variant another time.",
    legend: variantLegend(results.variants, ink),
    data,
  };
  return drawPanels(words, charts, 220);
}

const BUDGETS: readonly (readonly [Budget, string])[] = [
  ["calls", "the teacher's answers"],
  ["tokens", "tokens of its model"],
  ["teacherSeconds", "seconds of its work"],
];

/** Success against what was spent on advice; undefined where nobody was asked. */
export function budgetFigure(results: Results): Promise<PanelFigure> | undefined {
  const ink = palette(results);
  const data = BUDGETS.flatMap(([budget]) =>
    results.variants.flatMap((variant) =>
      budgetCurve(pooledCell(results.cellsOf(variant)), budget)
        .map((point) => ({ budget, variant, ...point }))
    )
  );
  const asked = results.variants.filter((name) =>
    data.some(({ variant, budget, spent }) => variant === name && budget === "calls" && spent > 0)
  );
  const shown = BUDGETS.filter(([name]) =>
    data.some(({ budget, spent }) => budget === name && spent > 0)
  );
  if (asked.length === 0) return undefined;
  const charts = shown.map(([name, title]): PanelChart => ({
    title: `By ${title}`,
    chart: {
      layer: [{
        data: {
          values: data.filter(({ budget, variant }) => budget === name && asked.includes(variant)),
        },
        mark: { type: "line", strokeWidth: 2, point: { size: 22, filled: true } },
        encoding: {
          x: amountAxis("spent", title, name === "teacherSeconds" ? "~g" : "~s"),
          y: { field: "success", ...SHARE_AXIS },
          color: colorScale(asked, ink),
        },
      }],
    },
  }));
  const words = {
    id: "budget",
    title: "What advice costs",
    caption: "Held-out success against what the teacher had cost in training by then: means over " +
      "seeds and levels.",
    legend: variantLegend(asked, ink),
    data,
  };
  return drawPanels(words, charts, 220);
}
