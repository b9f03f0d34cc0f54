/** Learning curves: held-out success over what was spent, with bands over seeds. */
import { Pcg64 } from "@tandem/core/kit";
import { percent } from "../../format.ts";
import { SHARE_AXIS } from "../../report/figure.ts";
import { teacherStopLayers } from "../../report/layers.ts";
import { pairedBootstrap } from "../../statistics/bootstrap.ts";
import { mean } from "../../statistics/sample.ts";
import type { Evaluation } from "../../trial.ts";
import type { Cell, Results } from "../results.ts";
import { palette, variantLegend } from "./palette.ts";
import {
  amountAxis,
  colorScale,
  dashScale,
  drawPanels,
  type PanelChart,
  type PanelFigure,
  referenceLayers,
} from "./panels.ts";

/** A mean over seeds and its 95 % bootstrap interval, at one measurement. */
interface BandPoint {
  readonly level: string;
  readonly variant: string;
  readonly iteration: number;
  readonly envSteps: number;
  readonly mean: number;
  /** Equal to the mean for a single seed. */
  readonly low: number;
  readonly high: number;
  readonly seeds: number;
}

const RANDOM_SEED = 8;

/** Held-out success over environment steps, a panel a level. */
export function learningFigure(results: Results): Promise<PanelFigure> {
  return curvesFigure(results, {
    id: "learning-curves",
    title: "Held-out success",
    caption:
      "Share of development worlds solved, which training never sees: means over seeds, with bands of 95 % " +
      "(bootstrap over seeds).",
    of: ({ success }) => success,
    references: true,
  });
}

/** The accuracy of guidance over training; undefined where no guidance can be judged. */
export function guidanceFigure(results: Results): Promise<PanelFigure> | undefined {
  const judged = results.runs.some(({ run }) =>
    run.record.evaluations.some(({ guidance }) => guidance !== null)
  );
  if (!judged) return undefined;
  return curvesFigure(results, {
    id: "guidance",
    title: "How often the teacher is right",
    caption:
      "Share of held-out states in which the teacher's likeliest suggestion is right, while " +
      "it hears verdicts: means over seeds, with bands of 95 %.",
    of: ({ guidance }) => guidance,
    references: false,
  });
}

interface Curves {
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly of: (evaluation: Evaluation) => number | null;
  readonly references: boolean;
}

function curvesFigure(
  results: Results,
  { id, title, caption, of, references }: Curves,
): Promise<PanelFigure> {
  const ink = palette(results);
  const data = results.levels.flatMap((level) =>
    results.variants.flatMap((variant) => bandOf(results.cell(variant, level), of))
  );
  const shown = results.variants.filter((name) => data.some(({ variant }) => variant === name));
  const charts = results.levels.map((level): PanelChart => {
    const values = data.filter((point) => point.level === level);
    const color = colorScale(shown, ink);
    const x = amountAxis("envSteps", "environment steps");
    const y = (field: string) => ({ field, ...SHARE_AXIS });
    return {
      title: level,
      chart: {
        layer: [
          ...(references ? referenceLayers(referencesOf(results, level), SHARE_AXIS) : []),
          ...(references ? teacherStopLayers(teacherStopsOf(results, level), x) : []),
          {
            data: { values: values.filter(({ low, high }) => low < high) },
            mark: { type: "area", opacity: 0.15, line: false },
            encoding: { x, y: y("low"), y2: { field: "high" }, color },
          },
          {
            data: { values },
            mark: { type: "line", strokeWidth: 2, strokeJoin: "round" },
            encoding: { x, y: y("mean"), color, strokeDash: dashScale(shown, ink) },
          },
        ],
      },
    };
  });
  return drawPanels({ id, title, caption, legend: variantLegend(shown, ink), data }, charts, 250);
}

/** A cell's mean curve; only measurements that all its runs have. */
function bandOf({ level, variant, runs }: Cell, of: Curves["of"]): BandPoint[] {
  const count = Math.min(...runs.map(({ record }) => record.evaluations.length));
  if (!Number.isFinite(count)) return [];
  const rows = runs.map(({ record }) => record.evaluations.slice(0, count).map(of));
  if (rows.flat().some((value) => value === null)) return [];
  const numbers = rows as number[][];
  const meanOf = (drawn: readonly (readonly number[])[]) =>
    Array.from({ length: count }, (_, k) => mean(drawn.map((row) => row[k]!)));
  const bands = pairedBootstrap(numbers, meanOf, { random: new Pcg64(RANDOM_SEED), draws: 1000 });
  return meanOf(numbers).map((value, k) => {
    const { iteration, envSteps } = runs[0]!.record.evaluations[k]!;
    const [low, high] = bands[k]!;
    return { level, variant, iteration, envSteps, mean: value, low, high, seeds: runs.length };
  });
}

/** The environment steps at which teachers leave, each once; a mean over runs that share a variant. */
function teacherStopsOf(results: Results, level: string): number[] {
  const steps = results.variants.flatMap((variant) => {
    const left = results.cell(variant, level).runs.flatMap(({ record: { summary } }) => {
      const { retention, envSteps, iterations } = summary;
      return retention ? [envSteps * retention.iteration / iterations] : [];
    });
    return left.length > 0 ? [Math.round(mean(left))] : [];
  });
  return [...new Set(steps)];
}

/** The random floor and the expert's ceiling of a level, as means over runs. */
function referencesOf(results: Results, level: string) {
  const summaries = results.variants.flatMap((variant) => results.cell(variant, level).runs)
    .map(({ record }) => record.summary);
  return (["floor", "ceiling"] as const).flatMap((which) => {
    const known = summaries.map((summary) => summary[which]).filter((value) => value !== null);
    if (known.length === 0) return [];
    const value = mean(known);
    return [{ name: `${which === "floor" ? "random" : "bot"} ${percent(value)}`, value }];
  });
}
