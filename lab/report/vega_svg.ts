/** Charts: a Vega-Lite specification in, an SVG in the page's own colours out. */
import type { TopLevelSpec } from "vega-lite";
import { importOptional } from "@tandem/core/internal";

/** Colours are variables of the page, so that one picture serves light, dark and print. */
export const INK = {
  text: "var(--ink)",
  muted: "var(--muted)",
  line: "var(--line)",
  student: "var(--student)",
  teacher: "var(--teacher)",
  good: "var(--good)",
  bad: "var(--bad)",
  quiet: "var(--quiet)",
} as const;

/** The layers of a Vega-Lite specification, each with its data; a layer without any is left out. */
export interface ChartSpec {
  readonly layer: readonly ChartLayer[];
}

/** One layer, as Vega-Lite describes it. */
export interface ChartLayer {
  readonly data: { readonly values: readonly unknown[] };
  readonly mark: object;
  readonly encoding: object;
}

/** Axes that step back: no frame, numbers in grey, lines across only. */
const AXES = {
  axis: {
    labelColor: INK.muted,
    titleColor: INK.muted,
    titleFontWeight: "normal",
    titlePadding: 8,
    labelFontSize: 12,
    titleFontSize: 12,
    labelFlush: false,
    domainColor: INK.line,
    tickColor: INK.line,
    gridColor: INK.line,
  },
  axisX: { grid: false },
  axisY: { domain: false, ticks: false, labelPadding: 10 },
} as const;

/**
 * Draws a chart. It needs neither a browser nor a canvas.
 *
 * @param chart Layers and shared encoding of a Vega-Lite specification, data inline.
 * @param width,height Outer size in CSS pixels; the picture scales with the page.
 * @param label What the picture shows, for those who do not see it.
 * @throws TandemError E_PACKAGE where Vega is not installed.
 */
export async function drawChart(
  chart: ChartSpec,
  width: number,
  height: number,
  label: string,
): Promise<string> {
  const spec = {
    layer: chart.layer.filter(({ data }) => data.values.length > 0).flatMap(withLonePoints),
    width,
    height,
    background: null,
    autosize: { type: "fit", contains: "padding" },
    padding: 2,
    config: {
      aria: false,
      view: { stroke: null },
      ...AXES,
      text: { color: INK.muted, fontSize: 12 },
    },
  } as unknown as TopLevelSpec;
  const { parse, View, Warn, compile } = await loadVega();
  const view = new View(parse(compile(spec).spec), { renderer: "none", logLevel: Warn });
  try {
    return forPage(await view.toSVG(), label);
  } finally {
    view.finalize();
  }
}

/**
 * The packages that draw, which take half a second to load.
 *
 * @throws TandemError E_PACKAGE where they are not installed.
 */
export async function loadVega() {
  const load = <T>(name: string) =>
    importOptional<T>(name, "draws the charts of reports", (it) => import(it));
  const { parse, View, Warn } = await load<typeof import("vega")>("vega");
  const { compile } = await load<typeof import("vega-lite")>("vega-lite");
  return { parse, View, Warn, compile };
}

/** Encodings that part the rows of a layer into lines of their own. */
const PARTING = ["color", "detail", "strokeDash"] as const;

/**
 * A layer, and where it draws lines the dots of those that have one point: a line without a length is
 * not seen.
 */
function withLonePoints(layer: ChartLayer): ChartLayer[] {
  const { type, color } = layer.mark as { type?: string; color?: string };
  if (type !== "line") return [layer];
  const encoding = layer.encoding as Readonly<Record<string, { field?: string } | undefined>>;
  const parting = PARTING.flatMap((channel) => encoding[channel]?.field ?? []);
  const lines = new Map<string, unknown[]>();
  for (const row of layer.data.values as Readonly<Record<string, unknown>>[]) {
    if (encoding.y?.field !== undefined && typeof row[encoding.y.field] !== "number") continue;
    const line = JSON.stringify(parting.map((field) => row[field]));
    lines.set(line, lines.get(line) ?? []);
    lines.get(line)!.push(row);
  }
  const values = [...lines.values()].filter(({ length }) => length === 1).flat();
  if (values.length === 0) return [layer];
  const { strokeDash: _, ...seen } = layer.encoding as Record<string, unknown>;
  const mark = { type: "point", filled: true, size: LONE_POINT, opacity: 1, color };
  return [layer, { data: { values }, mark, encoding: seen }];
}

/** The area of a dot in square pixels: wider than a line. */
const LONE_POINT = 40;

/** Lets the page's style decide fonts and size, and gives the picture a name. */
function forPage(svg: string, label: string): string {
  const name = label.replace(/[<>&"]/g, "");
  return svg
    .replace(/ (font-family|xmlns(:xlink)?|role|class|aria-[a-z]+|pointer-events)="[^"]*"/g, "")
    .replace(/ width="\d+" height="\d+"/, "")
    .replace("<svg", () => `<svg role="img" aria-label="${name}"`);
}
