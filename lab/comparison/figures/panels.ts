/** Figures of several panels side by side, one a level or one a question. */
import type { LegendEntry } from "../../report/figure.ts";
import { type ChartSpec, drawChart } from "../../report/vega_svg.ts";

/** A figure of panels; on a phone they stand below each other. */
export interface PanelFigure {
  readonly id: string;
  readonly title: string;
  /** What one sees, in a sentence or two. */
  readonly caption: string;
  readonly legend: readonly LegendEntry[];
  readonly panels: readonly Panel[];
  /** What is drawn, one record a point. */
  readonly data: readonly object[];
}

/** A panel: its title and its picture. */
export interface Panel {
  readonly title: string;
  readonly svg: string;
}

/** A chart to be drawn as a panel. */
export interface PanelChart {
  readonly title: string;
  readonly chart: ChartSpec;
}

const ONE = 780;
const TWO = 380;

/**
 * Draws a figure. A single panel is as wide as the page.
 *
 * @param height Of each panel in CSS pixels.
 */
export async function drawPanels(
  words: Omit<PanelFigure, "panels">,
  charts: readonly PanelChart[],
  height: number,
): Promise<PanelFigure> {
  const width = charts.length === 1 ? ONE : TWO;
  const panels = await Promise.all(charts.map(async ({ title, chart }) => ({
    title: charts.length === 1 ? "" : title,
    svg: await drawChart(chart, width, height, `${words.title}: ${title}`),
  })));
  return { ...words, panels };
}

/** A scale that gives each variant its ink. */
export function colorScale(
  variants: readonly string[],
  ink: (variant: string) => { readonly color: string },
): object {
  return {
    field: "variant",
    type: "nominal",
    legend: null,
    scale: { domain: variants, range: variants.map((variant) => ink(variant).color) },
  };
}

/** The same for dashes of lines. */
export function dashScale(
  variants: readonly string[],
  ink: (variant: string) => { readonly dash: readonly number[] },
): object {
  return {
    field: "variant",
    type: "nominal",
    legend: null,
    scale: { domain: variants, range: variants.map((variant) => ink(variant).dash) },
  };
}

/** An axis of names, in the order given. */
export function nameAxis(field: string, names: readonly string[]): object {
  return {
    field,
    type: "nominal",
    title: null,
    sort: names,
    scale: { domain: names },
    axis: {
      labelFontSize: 13,
      labelColor: "var(--ink)",
      ticks: false,
      domain: false,
      labelLimit: 240,
    },
  };
}

/** A rule of one reference value, such as a floor. */
export function referenceLayers(
  values: readonly { readonly name: string; readonly value: number }[],
  axis: object,
): { data: { values: readonly unknown[] }; mark: object; encoding: object }[] {
  const y = { field: "value", ...axis };
  return [
    {
      data: { values },
      mark: { type: "rule", color: "var(--muted)", strokeDash: [3, 4], opacity: 0.8 },
      encoding: { y },
    },
    {
      data: { values },
      mark: { type: "text", align: "right", baseline: "bottom", dy: -3, fontSize: 11 },
      encoding: { x: { value: "width" }, y, text: { field: "name" } },
    },
  ];
}
