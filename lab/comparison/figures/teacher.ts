/** What the teacher knows of its own knowledge, and what its words change. */
import { SHARE_AXIS } from "../../report/figure.ts";
import {
  CALIBRATION,
  calibrationLayers,
  CONDITIONS,
  inkScale,
  intervalLayers,
  intervalRow,
  MOMENTS,
  nameAxis,
} from "../../report/layers.ts";
import type { ChartLayer } from "../../report/vega_svg.ts";
import { rate, shareInterval } from "../../statistics/proportions.ts";
import {
  calibrationError,
  calibrationOf,
  type EffectGroup,
  effectOf,
  retentionOf,
} from "../advice.ts";
import { pooledCell, type Results } from "../results.ts";
import { palette } from "./palette.ts";
import { colorScale, drawPanels, type PanelChart, type PanelFigure } from "./panels.ts";

/** Accuracy against the bot by confidence, at the start and the end, a panel a variant. */
export function calibrationFigure(results: Results): Promise<PanelFigure> | undefined {
  const data = results.variants.flatMap((variant) =>
    MOMENTS.flatMap(([when]) =>
      calibrationOf(results.cellsOf(variant), when).map(({ confidence, right }) => ({
        ...intervalRow({ variant, when, confidence, states: right.of }, {
          value: rate(right),
          ci95: shareInterval(right),
        }),
      }))
    )
  );
  const advised = results.variants.filter((name) => data.some(({ variant }) => variant === name));
  if (advised.length === 0) return undefined;
  const charts = advised.map((variant): PanelChart => ({
    title: `${variant}${missedBy(results, variant)}`,
    chart: { layer: calibrationLayers(data.filter((row) => row.variant === variant)) },
  }));
  const words = {
    ...CALIBRATION,
    caption: `${CALIBRATION.caption}; by how many points it is off at the end stands above ` +
      "(expected calibration error).",
    data,
  };
  return drawPanels(words, charts, 200, 3);
}

function missedBy(results: Results, variant: string): string {
  const error = calibrationError(calibrationOf(results.cellsOf(variant), "end"));
  return error === null ? "" : `, off by ${(100 * error).toFixed(1)} points`;
}

/** Success with the teacher and without it; undefined where it was not measured. */
export function retentionFigure(results: Results): Promise<PanelFigure> | undefined {
  const data = results.variants.flatMap((variant) => retentionRows(results, variant));
  if (data.length === 0) return undefined;
  const variants = [...new Set(data.map(({ variant }) => variant))];
  const shown = CONDITIONS.filter(([name]) => data.some(({ condition }) => condition === name));
  const names = shown.map(([name]) => name);
  const color = inkScale("condition", shown);
  const least = Math.floor(10 * Math.min(...data.map(({ low }) => low))) / 10;
  const axis = {
    ...SHARE_AXIS,
    scale: { domain: [least, 1] },
    axis: { format: "%", tickCount: 5, grid: true },
  };
  const place = { yOffset: { field: "condition", type: "nominal", sort: names } };
  const layer = intervalLayers(data, nameAxis("variant", variants), axis, color, place);
  const words = {
    id: "retention",
    title: "What is left when the teacher leaves",
    caption:
      "Held-out success of the same students with their teacher and while it is silent, all " +
      "levels and seeds together: when it left training, or at the end where it stayed.",
    legend: shown.map(([name, ink]) => [name, ink, "dot"] as const),
    data,
  };
  const height = 50 + (12 + 12 * names.length) * variants.length;
  return drawPanels(words, [{ title: "all levels", chart: { layer } }], height);
}

function retentionRows(results: Results, variant: string) {
  const retention = retentionOf(pooledCell(results.cellsOf(variant)));
  if (!retention) return [];
  const shares = [retention.withTeacher, retention.without, retention.later];
  return CONDITIONS.flatMap(([condition], i) => {
    const share = shares[i];
    if (!share) return [];
    const key = { variant, condition, worlds: share.of };
    return [intervalRow(key, { value: rate(share), ci95: shareInterval(share) })];
  });
}

/** Which suggestions, and what their panel is called. */
const GROUPS: readonly (readonly [EffectGroup, string])[] = [
  ["rightEffects", "Right suggestions"],
  ["wrongEffects", "Wrong suggestions"],
];

const EFFECT_WORDS = {
  id: "effects",
  title: "What one suggestion changes",
  caption:
    "Return with a suggestion less that without it, branched from the same held-out states " +
    "with the same draws, at the end of training; 95 % intervals over runs where there are three.",
  legend: [],
} as const;

/** What one suggestion changes, from the same state with the same draws. */
export function effectFigure(results: Results): Promise<PanelFigure> | undefined {
  const data = results.variants.flatMap((variant) =>
    GROUPS.flatMap(([group]) => {
      const effect = effectOf(pooledCell(results.cellsOf(variant)), group);
      if (!effect) return [];
      const { mean: value, ci95, ...counts } = effect;
      const row = intervalRow({ variant, ...counts }, { value, ci95: ci95 ?? [value, value] });
      return [{ group, ...row }];
    })
  );
  if (data.length === 0) return undefined;
  const variants = results.variants.filter((name) => data.some(({ variant }) => variant === name));
  const ends = data.flatMap(({ low, high }) => [low, high, 0]);
  const axis = {
    type: "quantitative",
    title: "change in return",
    scale: { domain: [Math.min(...ends), Math.max(...ends)], nice: true },
    axis: { tickCount: 5, grid: true },
  };
  const zero: ChartLayer = {
    data: { values: [{ value: 0 }] },
    mark: { type: "rule", color: "var(--muted)", strokeDash: [3, 4] },
    encoding: { x: { field: "value", ...axis } },
  };
  const color = colorScale(variants, palette(results));
  const charts = GROUPS.map(([group, title]): PanelChart => {
    const rows = data.filter((row) => row.group === group);
    const intervals = intervalLayers(rows, nameAxis("variant", variants), axis, color);
    return { title, chart: { layer: [zero, ...intervals] } };
  });
  return drawPanels({ ...EFFECT_WORDS, data }, charts, 60 + 26 * variants.length);
}
