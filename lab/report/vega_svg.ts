/** Charts: a Vega-Lite specification in, an SVG in the page's own colours out. */
import { parse, View, Warn } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

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
 */
export async function drawChart(
  chart: ChartSpec,
  width: number,
  height: number,
  label: string,
): Promise<string> {
  const spec = {
    layer: chart.layer.filter(({ data }) => data.values.length > 0),
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
  const view = new View(parse(compile(spec).spec), { renderer: "none", logLevel: Warn });
  try {
    return forPage(await view.toSVG(), label);
  } finally {
    view.finalize();
  }
}

/** Lets the page's style decide fonts and size, and gives the picture a name. */
function forPage(svg: string, label: string): string {
  const name = label.replace(/[<>&"]/g, "");
  return svg
    .replace(/ (font-family|xmlns(:xlink)?|role|class|aria-[a-z]+|pointer-events)="[^"]*"/g, "")
    .replace(/ width="\d+" height="\d+"/, "")
    .replace("<svg", () => `<svg role="img" aria-label="${name}"`);
}
