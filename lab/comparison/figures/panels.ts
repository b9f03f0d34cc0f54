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
  /** How many panels stand side by side. */
  readonly columns: keyof typeof WIDTHS;
  readonly panels: readonly Panel[];
  /** What is drawn, one record a point. */
  readonly data: readonly object[];
}

/** A panel: its title and its picture. */
export interface Panel {
  readonly title: string;
  readonly svg: string;
  /** Another picture for a phone, where the first would become too small. */
  readonly narrow?: string;
}

/** A chart to be drawn as a panel. */
export interface PanelChart {
  readonly title: string;
  readonly chart: ChartSpec;
  /** In CSS pixels, where it differs from that of the others. */
  readonly height?: number;
}

/** Widths of panels by how many stand side by side, in CSS pixels. */
const WIDTHS = { 1: 780, 2: 380, 3: 250 } as const;
const PHONE = 350;

/**
 * Draws a figure. A single panel is as wide as the page.
 *
 * @param height Of each panel in CSS pixels.
 * @param most How many panels may stand side by side.
 */
export async function drawPanels(
  words: Omit<PanelFigure, "panels" | "columns">,
  charts: readonly PanelChart[],
  height: number,
  most: 2 | 3 = 2,
): Promise<PanelFigure> {
  const columns = charts.length === 1 ? 1 : most;
  const panels = await Promise.all(charts.map(async ({ title, chart, height: own = height }) => {
    const draw = (width: number) => drawChart(chart, width, own, `${words.title}: ${title}`);
    const svg = await draw(WIDTHS[columns]);
    return columns === 1 ? { title: "", svg, narrow: await draw(PHONE) } : { title, svg };
  }));
  return { ...words, columns, panels };
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

/** An axis of amounts from 0 on, such as steps. */
export function amountAxis(field: string, title: string, format = "~s"): object {
  return {
    field,
    type: "quantitative",
    title,
    scale: { domainMin: 0, nice: false },
    // Vega would give 0 the unit of the others.
    axis: { format, tickCount: 5, labelExpr: "datum.value === 0 ? '0' : datum.label" },
  };
}
