/** A figure: a chart drawn for wide and for narrow pages, with its words and its data. */
import { type ChartSpec, drawChart } from "./vega_svg.ts";

/** A chart of the report. */
export interface Figure {
  readonly id: string;
  readonly title: string;
  /** What one sees, in a sentence. */
  readonly caption: string;
  readonly legend: readonly LegendEntry[];
  /** SVG for pages wider than a phone. */
  readonly wide: string;
  /** SVG for a phone. */
  readonly narrow: string;
  /** What is drawn, one record a point. */
  readonly data: readonly Readonly<Record<string, unknown>>[];
}

/** A name, its colour and the mark that it is drawn with. */
export type LegendEntry = readonly [name: string, color: string, mark: "line" | "dot" | "area"];

const WIDE = 760;
const NARROW = 350;
/** More points than this are averaged for the picture; the data stays whole. */
const MOST_POINTS = 240;

/**
 * Draws a figure.
 *
 * @param heights Of the wide and of the narrow picture, in CSS pixels.
 */
export async function drawFigure(
  words: Omit<Figure, "wide" | "narrow">,
  chart: ChartSpec,
  heights: readonly [wide: number, narrow: number],
): Promise<Figure> {
  const [wide, narrow] = await Promise.all([
    drawChart(chart, WIDE, heights[0], words.title),
    drawChart(chart, NARROW, heights[1], words.title),
  ]);
  return { ...words, wide, narrow };
}

/** Means over neighbours, so that a picture of a long run stays small; the rows themselves if few. */
export function thinned<T extends Readonly<Record<string, number | null>>>(
  rows: readonly T[],
): readonly T[] {
  const size = Math.ceil(rows.length / MOST_POINTS);
  if (size <= 1) return rows;
  const keys = Object.keys(rows[0]!);
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => {
    const bin = rows.slice(i * size, (i + 1) * size);
    const mean = (key: string) => bin.reduce((sum, row) => sum + Number(row[key]), 0) / bin.length;
    return Object.fromEntries(keys.map((key) => [key, mean(key)])) as T;
  });
}

/** An axis of shares from 0 to 100 %. */
export const SHARE_AXIS = {
  type: "quantitative",
  title: null,
  scale: { domain: [0, 1] },
  axis: { format: "%", tickCount: 5 },
} as const;

/** The axis of iterations. */
export const ITERATION_AXIS = {
  field: "iteration",
  type: "quantitative",
  title: "iteration",
  scale: { nice: false, zero: false },
  axis: { format: ",d", tickCount: 6 },
} as const;

/** The axis of environment steps, from the start. */
export const STEPS_AXIS = {
  field: "envSteps",
  type: "quantitative",
  title: "environment steps",
  scale: { domainMin: 0, nice: false },
  // Vega would give 0 the unit of the others.
  axis: { format: "~s", tickCount: 6, labelExpr: "datum.value === 0 ? '0' : datum.label" },
} as const;
