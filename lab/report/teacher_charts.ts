/** The charts of what a run's teacher is worth. */
import type { EffectSummary, SuccessRate } from "@tandem/core";
import { count, percent } from "../format.ts";
import { rate, shareInterval } from "../statistics/proportions.ts";
import type { RunSummary } from "../summary.ts";
import { drawFigure, type Figure, SHARE_AXIS } from "./figure.ts";
import {
  CALIBRATION,
  calibrationLayers,
  CONDITIONS,
  inkScale,
  intervalLayers,
  intervalRow,
  MOMENTS,
  nameAxis,
  rowLabels,
  rowPlaces,
} from "./layers.ts";
import type { RunRecord } from "./record.ts";
import { type ChartLayer, type ChartSpec, INK } from "./vega_svg.ts";

/** Accuracy against the expert by confidence; undefined where no guidance can be judged. */
export function calibrationChart({ evaluations }: RunRecord): Promise<Figure> | undefined {
  const measured = { start: evaluations[0], end: evaluations.at(-1) };
  const data = MOMENTS.flatMap(([when]) =>
    (measured[when]?.guidanceAccuracy.calibration ?? []).map(({ confidence, states, right }) => {
      const share = { hits: right, of: states };
      const key = { when, confidence, states };
      return intervalRow(key, { value: rate(share), ci95: shareInterval(share) });
    })
  );
  if (data.length === 0) return undefined;
  const words = { ...CALIBRATION, caption: `${CALIBRATION.caption}.`, data };
  return drawFigure(words, { layer: calibrationLayers(data) }, [260, 260]);
}

/** What single suggestions change; undefined where it was not measured. */
export function effectChart({ advice }: RunSummary): Promise<Figure> | undefined {
  const groups = [
    ["all", advice?.effects],
    ["right", advice?.rightEffects],
    ["wrong", advice?.wrongEffects],
  ] as const;
  const data = groups.flatMap(([name, effect]) => effect ? [effectRow(name, effect)] : []);
  const [all] = data;
  if (!all) return undefined;
  const ends = data.flatMap(({ low, high }) => [low, high, 0]);
  const axis = {
    type: "quantitative",
    title: "change in return",
    scale: { domain: [Math.min(...ends), Math.max(...ends)] },
    axis: { tickCount: 5, grid: true },
  };
  const y = nameAxis("suggestions", data.map(({ suggestions }) => suggestions));
  const zero: ChartLayer = {
    data: { values: [{ value: 0 }] },
    mark: { type: "rule", color: INK.muted, strokeDash: [3, 4] },
    encoding: { x: { field: "value", ...axis } },
  };
  const intervals = intervalLayers(data, y, axis, { value: INK.teacher });
  const chart: ChartSpec = { layer: [zero, ...intervals] };
  const words = {
    id: "effects",
    title: "What one suggestion changes",
    caption:
      "Return with a suggestion less that without it, branched from the same held-out states with " +
      "the same draws, at the end of training: means over states with 95\u00a0% intervals. " +
      `It raises the return in ${count(all.helped)} of ${
        count(all.states)
      } states and lowers it in ${count(all.hurt)}.`,
    legend: [],
    data,
  };
  const height = 60 + 28 * data.length;
  return drawFigure(words, chart, [height, height]);
}

function effectRow(suggestions: string, effect: EffectSummary) {
  const { mean, deviation, states, helped, hurt } = effect;
  const half = 1.96 * deviation / Math.sqrt(states);
  const key = { suggestions, states, helped, hurt };
  return intervalRow(key, { value: mean, ci95: [mean - half, mean + half] });
}

/** Success with the teacher and without it; undefined where it was not measured. */
export function retentionChart(
  { teacherStop, evaluations, worth }: RunRecord,
): Promise<Figure> | undefined {
  const end = evaluations.at(-1)?.success;
  const [first, second, third] = teacherStop
    ? [teacherStop.withTeacher, teacherStop.alone, end]
    : [end, worth?.withoutTeacher];
  if (!first || !second) return undefined;
  const data = CONDITIONS.flatMap(([condition], i) => {
    const success: SuccessRate | undefined = [first, second, third][i];
    if (!success) return [];
    const { rate: value, ci95, episodes: worlds } = success;
    return [
      intervalRow({ condition, worlds, label: `${condition}: ${percent(value)}` }, { value, ci95 }),
    ];
  });
  const axis = { ...SHARE_AXIS, axis: { format: "%", tickCount: 5, grid: true } };
  const y = rowPlaces("condition", data.map(({ condition }) => condition));
  const layer = intervalLayers(data, y, axis, inkScale("condition", CONDITIONS));
  const when = teacherStop
    ? `The teacher left after iteration ${count(teacherStop.iteration)}`
    : "Measured at the end";
  const words = {
    id: "retention",
    title: "What is left when the teacher leaves",
    caption:
      `Held-out success of the same student with the teacher and while it is silent. ${when}.`,
    legend: [],
    data,
  };
  const height = 50 + 38 * data.length;
  return drawFigure(words, { layer: [...layer, rowLabels(data, y)] }, [height, height]);
}

/** Held-out success against what the teacher had cost by then; undefined where nobody was asked. */
export function budgetChart({ evaluations }: RunRecord): Promise<Figure> | undefined {
  const data = evaluations.map(({ iteration, success, spent }) => ({
    iteration,
    ...spent,
    success: success.rate,
    low: success.ci95[0],
    high: success.ci95[1],
  }));
  if (!data.some(({ answers }) => answers > 0)) return undefined;
  const x = {
    field: "answers",
    type: "quantitative",
    title: "answers of the teacher in training",
    scale: { domainMin: 0, nice: false },
    axis: { format: "~s", tickCount: 6, labelExpr: "datum.value === 0 ? '0' : datum.label" },
  };
  const { answers, tokens, seconds } = data.at(-1)!;
  const words = {
    id: "budget",
    title: "What advice costs",
    caption: `Held-out success against what the teacher had been asked: in all ${
      count(answers)
    } answers, ${count(tokens)} tokens of its model and ${seconds.toFixed(1)} seconds of its work.`,
    legend: [],
    data,
  };
  return drawFigure(words, { layer: successLayers(data, x) }, [220, 200]);
}

/** Success with its intervals over what was spent. */
function successLayers(values: readonly unknown[], x: object): ChartLayer[] {
  const y = (field: string) => ({ field, ...SHARE_AXIS });
  const color = INK.teacher;
  return [
    {
      data: { values },
      mark: { type: "line", color, strokeWidth: 2 },
      encoding: { x, y: y("success") },
    },
    {
      data: { values },
      mark: { type: "rule", color, opacity: 0.5 },
      encoding: { x, y: y("low"), y2: { field: "high" } },
    },
    {
      data: { values },
      mark: { type: "point", filled: true, size: 50, opacity: 1, color },
      encoding: { x, y: y("success") },
    },
  ];
}
