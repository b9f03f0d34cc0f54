/** Layers that several figures share: values with intervals, and calibration. */
import { SHARE_AXIS } from "./figure.ts";
import type { ChartLayer } from "./vega_svg.ts";

/** A record of a value and its interval. */
export function intervalRow<T extends object>(
  keys: T,
  { value, ci95: [low, high] }: { value: number; ci95: readonly [number, number] },
): T & { value: number; low: number; high: number } {
  return { ...keys, value, low, high };
}

/**
 * A dot and its interval for each name.
 *
 * @param place More encodings, which set apart what shares a name.
 */
export function intervalLayers(
  values: readonly unknown[],
  y: object,
  axis: object,
  color: object,
  place: object = {},
): ChartLayer[] {
  return [
    {
      data: { values },
      mark: { type: "rule", strokeWidth: 3, opacity: 0.45, strokeCap: "round" },
      encoding: { ...place, y, x: { field: "low", ...axis }, x2: { field: "high" }, color },
    },
    {
      data: { values },
      mark: { type: "point", filled: true, size: 75, opacity: 1 },
      encoding: { ...place, y, x: { field: "value", ...axis }, color },
    },
  ];
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
      labelLimit: 0,
    },
  };
}

/** Places of names in the order given, for names that {@linkcode rowLabels} writes. */
export function rowPlaces(field: string, names: readonly string[]): object {
  return { field, type: "nominal", sort: names, scale: { domain: names }, axis: null };
}

/** The `label` of each record above its row, from the left: it needs no room beside the rows. */
export function rowLabels(values: readonly unknown[], y: object): ChartLayer {
  return {
    data: { values },
    mark: { type: "text", align: "left", baseline: "bottom", dy: -6, color: "var(--ink)" },
    encoding: { y, x: { value: 0 }, text: { field: "label" } },
  };
}

/** Names with the inks that they are drawn in, in order. */
export type Inks = readonly (readonly [name: string, ink: string])[];

/** A scale that gives each value of a field its ink. */
export function inkScale(field: string, inks: Inks): object {
  const [domain, range] = [inks.map(([name]) => name), inks.map(([, ink]) => ink)];
  return { field, type: "nominal", legend: null, scale: { domain, range } };
}

/** What is measured of a teacher's presence. */
export const CONDITIONS = [
  ["with the teacher", "var(--teacher)"],
  ["without it, at once", "var(--student)"],
  ["without it, at the end", "var(--good)"],
] as const satisfies Inks;

/** When calibration is measured. */
export const MOMENTS = [["start", "var(--muted)"], ["end", "var(--teacher)"]] as const;

/** What is said of a figure of calibration. */
export const CALIBRATION = {
  id: "calibration",
  title: "Does the teacher know what it knows?",
  caption:
    "How often suggestions are right in held-out states, against how sure the teacher was of " +
    "them; on the line it is as often right as it claims. Dots grow with the number of states",
  legend: MOMENTS.map(([when, ink]) => [`at the ${when}`, ink, "dot"] as const),
};

/**
 * Accuracy over confidence, and the line on which a teacher is as often right as it claims.
 *
 * @param values Records of `when`, `confidence`, `states` and an {@linkcode intervalRow}.
 */
export function calibrationLayers(values: readonly unknown[]): ChartLayer[] {
  const x = { ...SHARE_AXIS, title: "confidence" };
  const y = SHARE_AXIS;
  const color = inkScale("when", MOMENTS);
  return [
    {
      data: { values: [{ a: 0 }, { a: 1 }] },
      mark: { type: "line", color: "var(--line)" },
      encoding: { x: { field: "a", ...x }, y: { field: "a", ...y } },
    },
    {
      data: { values },
      mark: { type: "rule", opacity: 0.5 },
      encoding: {
        x: { field: "confidence", ...x },
        y: { field: "low", ...y },
        y2: { field: "high" },
        color,
      },
    },
    {
      data: { values },
      mark: { type: "point", filled: true, opacity: 1 },
      encoding: {
        x: { field: "confidence", ...x },
        y: { field: "value", ...y },
        size: { field: "states", type: "quantitative", legend: null, scale: { range: [25, 200] } },
        color,
      },
    },
  ];
}

/** A rule where the teacher leaves training, named; nothing where it stays. */
export function departureLayers(at: readonly number[], axis: object): ChartLayer[] {
  const values = at.map((envSteps, i) => ({ envSteps, name: i === 0 ? "the teacher leaves" : "" }));
  const x = { ...axis, field: "envSteps" };
  return [
    {
      data: { values },
      mark: { type: "rule", color: "var(--teacher)", strokeDash: [3, 4] },
      encoding: { x },
    },
    {
      data: { values },
      mark: {
        type: "text",
        align: "right",
        baseline: "bottom",
        dx: -5,
        dy: -5,
        color: "var(--teacher)",
      },
      encoding: { x, y: { value: "height" }, text: { field: "name" } },
    },
  ];
}
