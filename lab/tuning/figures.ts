/** Figures of a tuning run: how searches went, and what each option does. */
import type { Ink } from "../comparison/figures/palette.ts";
import {
  colorScale,
  drawPanels,
  type PanelChart,
  type PanelFigure,
} from "../comparison/figures/panels.ts";
import { SHARE_AXIS } from "../report/figure.ts";
import type { ChartLayer } from "../report/vega_svg.ts";
import type { Dimension } from "./dimension.ts";
import type { TuningResults, VariantSearch } from "./results.ts";

/** One trial in a figure. */
interface Point {
  readonly variant: string;
  readonly number: number;
  readonly iterations: number;
  readonly value: number;
  readonly best: number;
  readonly [option: `option ${string}`]: string | number | boolean | null;
}

/** The value of each trial, and the best so far, a panel a variant. */
export function searchFigure(
  results: TuningResults,
  ink: (variant: string) => Ink,
): Promise<PanelFigure> {
  const { searches, measure } = results;
  const points = searches.flatMap((search) => pointsOf(results, search));
  const names = searches.map(({ variant }) => variant.name);
  const charts = names.map((name): PanelChart => {
    const values = points.filter(({ variant }) => variant === name);
    const x = {
      field: "number",
      type: "quantitative",
      title: "trial",
      scale: { domainMin: 0, nice: false },
      axis: { format: "d", tickCount: 5 },
    };
    const color = colorScale(names, ink);
    return {
      title: name,
      chart: {
        layer: [
          line(values, x, valueAxis(results, "best"), color),
          dots(values, x, valueAxis(results), color),
        ],
      },
    };
  });
  return drawPanels(
    {
      id: "search",
      title: "How the searches went",
      caption:
        `Dots: the ${measure.name} of each trial that ended well, a mean over its runs. Line: the best ` +
        "of those that were as long, so far.",
      legend: [],
      data: points,
    },
    charts,
    220,
  );
}

/** The value of trials over the values of each option, a panel an option. */
export function optionsFigure(
  results: TuningResults,
  ink: (variant: string) => Ink,
): Promise<PanelFigure> {
  const { searches, plan: { space }, measure } = results;
  const points = searches.flatMap((search) => pointsOf(results, search));
  const names = searches.map(({ variant }) => variant.name);
  const charts = space.map((dimension): PanelChart => {
    const field = `option ${dimension.name}` as const;
    const values = points.filter((point) => field in point).map((point) => ({
      ...point,
      place: point[field],
    }));
    return {
      title: dimension.name,
      chart: {
        layer: [dots(values, optionAxis(dimension), valueAxis(results), colorScale(names, ink))],
      },
    };
  });
  return drawPanels(
    {
      id: "options",
      title: "What each option does",
      caption:
        `The ${measure.name} of each trial over the value of one option, whatever the others were.`,
      legend: names.map((name) => [name, ink(name).color, "dot"]),
      data: points,
    },
    charts,
    220,
  );
}

function pointsOf(results: TuningResults, { variant, attempts }: VariantSearch): Point[] {
  const best = new Map<number, number>();
  const isBetter = results.measure.better === "higher" ? Math.max : Math.min;
  return attempts.flatMap(({ number, iterations, configuration, runs }) => {
    const value = results.valueOf(runs);
    if (value === undefined) return [];
    best.set(iterations, isBetter(value, best.get(iterations) ?? value));
    const options = Object.entries(configuration).map(([name, set]) => [`option ${name}`, set]);
    return [{
      variant: variant.name,
      number,
      iterations,
      value,
      best: best.get(iterations)!,
      ...Object.fromEntries(options),
    }];
  });
}

function line(values: readonly object[], x: object, y: object, color: object): ChartLayer {
  return {
    data: { values },
    mark: { type: "line", strokeWidth: 2, interpolate: "step-after", opacity: 0.7 },
    encoding: { x, y, color, detail: { field: "iterations" } },
  };
}

function dots(values: readonly object[], x: object, y: object, color: object): ChartLayer {
  return {
    data: { values },
    mark: { type: "point", filled: true, size: 45, opacity: 0.75 },
    encoding: { x, y, color },
  };
}

function valueAxis({ measure }: TuningResults, field = "value"): object {
  if (measure.unit !== "steps") return { field, ...SHARE_AXIS };
  return { field, type: "quantitative", title: null, axis: { format: "~s", tickCount: 5 } };
}

/** Vega reads a dot in a name as a path: the place stands under a name of its own. */
function optionAxis(dimension: Dimension): object {
  if ("choices" in dimension) {
    return { field: "place", type: "nominal", title: null, axis: { labelAngle: 0 } };
  }
  const { low, high, log } = dimension;
  return {
    field: "place",
    type: "quantitative",
    title: null,
    scale: { type: log ? "log" : "linear", domain: [low, high], nice: false },
    axis: { tickCount: 4, format: "~g" },
  };
}
