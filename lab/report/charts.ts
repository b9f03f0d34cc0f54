/** The charts of a run. Each is a figure: the picture for wide and narrow pages, and its data. */
import type { RunSummary } from "../summary.ts";
import type { RunRecord } from "./record.ts";
import { type ChartSpec, drawChart, INK } from "./vega_svg.ts";

/** A chart of the report. */
export interface Figure {
  readonly id: string;
  readonly title: string;
  /** What one sees, in a sentence. */
  readonly caption: string;
  readonly legend:
    readonly (readonly [name: string, color: string, mark: "line" | "dot" | "area"])[];
  /** SVG for pages wider than a phone. */
  readonly wide: string;
  /** SVG for a phone; the same picture where it serves both. */
  readonly narrow: string;
  /** What is drawn, one record a point. */
  readonly data: readonly Readonly<Record<string, unknown>>[];
}

const WIDE = 760;
const NARROW = 350;
/** More points than this are averaged for the picture; the data stays whole. */
const MOST_POINTS = 240;
/** Up to this many iterations verdicts are drawn as one bar each. */
const MOST_BARS = 60;

type Row = Readonly<Record<string, number | string | null>>;

const share = (title: string | null) => ({
  type: "quantitative",
  title,
  scale: { domain: [0, 1] },
  axis: { format: "%", tickCount: 5, domain: false, ticks: false },
});
const steps = {
  field: "envSteps",
  type: "quantitative",
  title: "environment steps",
  scale: { domainMin: 0, nice: false },
  axis: { format: "~s", grid: false, tickCount: 6 },
};
const iterations = {
  field: "iteration",
  type: "quantitative",
  title: "iteration",
  scale: { nice: false, zero: false },
  axis: { format: "d", grid: false, tickCount: 6 },
};

/** Success over environment steps, between the random floor and the expert's ceiling. */
export function learningCurve(record: RunRecord, summary: RunSummary): Promise<Figure> {
  const training = record.iterations.filter(({ ended }) => ended > 0).map((event) => ({
    iteration: event.iteration,
    envSteps: event.envSteps,
    training: event.solved / event.ended,
  }));
  const heldOut = record.evaluations.map(({ iteration, envSteps, success }) => ({
    iteration,
    envSteps,
    heldOut: success.rate,
    low: success.ci95[0],
    high: success.ci95[1],
  }));
  const levels = [["random floor", summary.floor], ["bot", summary.ceiling]]
    .filter(([, rate]) => rate !== null).map(([name, rate]) => ({ name, rate }));
  const chart: ChartSpec = {
    layer: [
      {
        data: { values: levels },
        mark: { type: "rule", color: INK.muted, strokeDash: [4, 4] },
        encoding: { y: { field: "rate", ...share(null) } },
      },
      {
        data: { values: levels },
        mark: { type: "text", align: "right", baseline: "bottom", dy: -3, color: INK.muted },
        encoding: {
          x: { value: "width" },
          y: { field: "rate", type: "quantitative" },
          text: { field: "name" },
        },
      },
      {
        data: { values: averaged(training) },
        mark: { type: "line", color: INK.student, strokeWidth: 2, strokeJoin: "round" },
        encoding: { x: steps, y: { field: "training", ...share(null) } },
      },
      {
        data: { values: heldOut },
        mark: { type: "rule", color: INK.text, strokeWidth: 1.5 },
        encoding: { x: steps, y: { field: "low", ...share(null) }, y2: { field: "high" } },
      },
      {
        data: { values: heldOut },
        mark: { type: "point", filled: true, size: 70, color: INK.text, opacity: 1 },
        encoding: { x: steps, y: { field: "heldOut", ...share(null) } },
      },
    ],
  };
  return figure(
    {
      id: "learning-curve",
      title: "The student learns",
      caption:
        "Share of episodes solved. Held-out worlds are never trained on; bars are their 95 % intervals.",
      legend: [["training", INK.student, "line"], ["held-out worlds", INK.text, "dot"]],
      data: [...training, ...heldOut],
    },
    chart,
    [300, 250],
  );
}

/** How much of the guidance is followed, and how much of it is right. */
export function guidanceChart(record: RunRecord): Promise<Figure> | undefined {
  const followed = record.iterations.filter((event) => event.followed !== null)
    .map(({ iteration, followed }) => ({ iteration, followed }));
  const right = record.evaluations.filter((event) => event.guidanceAccuracy.rate !== null)
    .map(({ iteration, guidanceAccuracy }) => ({ iteration, right: guidanceAccuracy.rate }));
  if (followed.length + right.length === 0) return undefined;
  const chart: ChartSpec = {
    layer: [
      {
        data: { values: averaged(followed) },
        mark: { type: "line", color: INK.student, strokeWidth: 2, strokeJoin: "round" },
        encoding: { x: iterations, y: { field: "followed", ...share(null) } },
      },
      {
        data: { values: right },
        mark: { type: "line", color: INK.teacher, strokeDash: [2, 3] },
        encoding: { x: iterations, y: { field: "right", ...share(null) } },
      },
      {
        data: { values: right },
        mark: { type: "point", filled: true, size: 70, color: INK.teacher, opacity: 1 },
        encoding: { x: iterations, y: { field: "right", ...share(null) } },
      },
    ],
  };
  return figure(
    {
      id: "guidance",
      title: "The teacher advises",
      caption:
        "How often the student did what it was told, and how often what it was told was right.",
      legend: [["followed in training", INK.student, "line"], [
        "right in held-out states",
        INK.teacher,
        "dot",
      ]],
      data: [...followed, ...right],
    },
    chart,
    [230, 220],
  );
}

/** The verdicts by kind, as shares of an iteration's verdicts. */
export function verdictChart(record: RunRecord): Promise<Figure> | undefined {
  const data = record.iterations.map(({ iteration, verdicts }) => ({ iteration, ...verdicts }));
  const kinds = [["positive", INK.good], ["negative", INK.bad], ["abstained", INK.quiet]] as const;
  const shares = data.flatMap((row) => {
    const all = row.positive + row.negative + row.abstained;
    return all === 0 ? [] : [{
      iteration: row.iteration,
      positive: row.positive / all,
      negative: row.negative / all,
      abstained: row.abstained / all,
    }];
  });
  if (shares.length === 0) return undefined;
  const values = averaged(shares).flatMap((row) =>
    kinds.map(([kind], order) => ({ iteration: row.iteration, kind, order, share: row[kind] }))
  );
  const bars = shares.length <= MOST_BARS;
  const x = bars
    ? {
      field: "iteration",
      title: "iteration",
      type: "ordinal",
      axis: { labelAngle: 0, labelOverlap: true },
    }
    : iterations;
  const chart: ChartSpec = {
    layer: [{
      data: { values },
      mark: bars ? { type: "bar" } : { type: "area", interpolate: "step-after" },
      encoding: {
        x,
        y: { field: "share", ...share(null), stack: "zero" },
        color: {
          field: "kind",
          type: "nominal",
          legend: null,
          scale: { domain: kinds.map(([kind]) => kind), range: kinds.map(([, color]) => color) },
        },
        order: { field: "order", type: "quantitative" },
      },
    }],
  };
  return figure(
    {
      id: "verdicts",
      title: "The student judges",
      caption: "Verdicts on the teacher's guidance by iteration.",
      legend: kinds.map(([kind, color]) => [kind, color, "area"] as const),
      data,
    },
    chart,
    [200, 190],
  );
}

/** A small chart for each number that the student reports. */
export async function metricCharts(record: RunRecord): Promise<Figure[]> {
  const names = [...new Set(record.iterations.flatMap(({ metrics }) => Object.keys(metrics)))];
  const losses = names.filter((name) => /loss$/i.test(name));
  const ordered = [...losses, ...names.filter((name) => !losses.includes(name))];
  return await Promise.all(ordered.map(async (name) => {
    const data = record.iterations.filter(({ metrics }) => Number.isFinite(metrics[name]))
      .map(({ iteration, metrics }) => ({ iteration, [name]: metrics[name]! }));
    const chart: ChartSpec = {
      layer: [{
        data: { values: averaged(data) },
        mark: { type: "line", color: INK.student, strokeWidth: 1.5, strokeJoin: "round" },
        encoding: {
          x: { ...iterations, title: null, axis: { ...iterations.axis, tickCount: 3 } },
          y: {
            field: name,
            type: "quantitative",
            title: null,
            scale: { zero: false },
            axis: { format: ".2~g", tickCount: 3, domain: false, ticks: false },
          },
        },
      }],
    };
    const picture = await drawChart(chart, 260, 120, `${words(name)} by iteration`);
    return {
      id: `metric-${name}`,
      title: words(name),
      caption: "",
      legend: [],
      wide: picture,
      narrow: picture,
      data,
    };
  }));
}

/** Where the time went. */
export function timeChart({ stageSeconds, wallSeconds }: RunSummary): Promise<Figure> {
  const stages = Object.entries(stageSeconds).map(([stage, seconds]) => ({ stage, seconds }));
  const counted = stages.reduce((sum, { seconds }) => sum + seconds, 0);
  const rest = Math.max(0, wallSeconds - counted);
  const data = [...stages, { stage: "the rest", seconds: rest }].map((row) => ({
    ...row,
    share: wallSeconds > 0 ? row.seconds / wallSeconds : 0,
  }));
  const y = {
    field: "stage",
    type: "nominal",
    sort: null,
    title: null,
    axis: { domain: false, ticks: false, labelColor: INK.text, labelPadding: 8 },
  };
  const x = {
    field: "seconds",
    type: "quantitative",
    axis: null,
    scale: {
      domainMin: 0,
      domainMax: Math.max(...data.map(({ seconds }) => seconds)) * 1.25 || 1,
      nice: false,
    },
  };
  const chart: ChartSpec = {
    layer: [
      {
        data: { values: data },
        mark: { type: "bar", color: INK.student, cornerRadiusEnd: 2, height: 14 },
        encoding: {
          x,
          y,
          color: {
            condition: { test: "datum.stage === 'the rest'", value: INK.quiet },
            value: INK.student,
          },
        },
      },
      {
        data: { values: data },
        mark: { type: "text", align: "left", dx: 6 },
        transform: [{
          calculate: "format(datum.seconds, '.1f') + ' s, ' + format(datum.share, '.0%')",
          as: "label",
        }],
        encoding: { x, y, text: { field: "label" } },
      },
    ],
  };
  return figure(
    {
      id: "time",
      title: "Where the time went",
      caption:
        "Seconds by stage while training; the rest is measuring on held-out worlds and loading.",
      legend: [],
      data,
    },
    chart,
    [190, 190],
  );
}

type Drawn = "wide" | "narrow";

async function figure(
  about: Omit<Figure, Drawn>,
  chart: ChartSpec,
  [wideHeight, narrowHeight]: readonly [number, number],
): Promise<Figure> {
  const [wide, narrow] = await Promise.all([
    drawChart(chart, WIDE, wideHeight, about.title),
    drawChart(chart, NARROW, narrowHeight, about.title),
  ]);
  return { ...about, wide, narrow };
}

/** Means over neighbours, so that at most {@linkcode MOST_POINTS} rows are left. */
function averaged<T extends Row>(rows: readonly T[]): T[] {
  const size = Math.ceil(rows.length / MOST_POINTS);
  if (size <= 1) return [...rows];
  const keys = Object.keys(rows[0]!);
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => {
    const bin = rows.slice(i * size, (i + 1) * size);
    return Object.fromEntries(
      keys.map((key) => [key, bin.reduce((sum, row) => sum + Number(row[key]), 0) / bin.length]),
    ) as T;
  });
}

/** "policyLoss" as "policy loss". */
function words(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, (_, a, b) => `${a} ${b.toLowerCase()}`);
}
