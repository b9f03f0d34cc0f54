/** The charts of how a run went: the student learns, the teacher advises, the student judges. */
import { percent } from "../format.ts";
import type { RunSummary } from "../summary.ts";
import {
  drawFigure,
  type Figure,
  ITERATION_AXIS,
  SHARE_AXIS,
  STEPS_AXIS,
  thinned,
} from "./figure.ts";
import { teacherStopLayers } from "./layers.ts";
import type { RunRecord } from "./record.ts";
import { type ChartLayer, type ChartSpec, INK } from "./vega_svg.ts";

/** Up to so many iterations verdicts are drawn as one bar each. */
const MOST_BARS = 60;

const line = (color: string) => ({ type: "line", color, strokeWidth: 2, strokeJoin: "round" });
const dot = (color: string) => ({ type: "point", filled: true, size: 70, color, opacity: 1 });
const shareOf = (field: string) => ({ field, ...SHARE_AXIS });

/** Success over environment steps, between the random floor and the expert's ceiling; undefined before any. */
export function learningCurve(
  record: RunRecord,
  summary: RunSummary,
): Promise<Figure> | undefined {
  if (record.iterations.length === 0) return undefined;
  const training = record.iterations.filter(({ ended }) => ended > 0)
    .map(({ iteration, envSteps, solved, ended }) => ({
      iteration,
      envSteps,
      training: solved / ended,
    }));
  const heldOut = record.evaluations.map(({ iteration, envSteps, success }) => ({
    iteration,
    envSteps,
    heldOut: success.rate,
    low: success.ci95[0],
    high: success.ci95[1],
  }));
  const chart: ChartSpec = {
    layer: [
      ...referenceLines(summary),
      ...teacherStopLayers(record.teacherStop ? [record.teacherStop.envSteps] : [], STEPS_AXIS),
      {
        data: { values: thinned(training) },
        mark: line(INK.student),
        encoding: { x: STEPS_AXIS, y: shareOf("training") },
      },
      {
        data: { values: heldOut },
        mark: { type: "rule", color: INK.text, strokeWidth: 1.5 },
        encoding: { x: STEPS_AXIS, y: shareOf("low"), y2: { field: "high" } },
      },
      {
        data: { values: heldOut },
        mark: dot(INK.text),
        encoding: { x: STEPS_AXIS, y: shareOf("heldOut") },
      },
    ],
  };
  const words = {
    id: "learning-curve",
    title: "The student learns",
    caption:
      "Share of episodes solved. Held-out worlds are never trained on; their bars are 95\u00a0% intervals.",
    legend: [["training", INK.student, "line"], ["held-out worlds", INK.text, "dot"]],
    data: [...training, ...heldOut],
  } as const;
  return drawFigure(words, chart, [300, 250]);
}

/** The random floor and the expert's ceiling, named where they end. */
function referenceLines({ floor, ceiling }: RunSummary): ChartLayer[] {
  const values = [["random floor", floor] as const, ["bot", ceiling] as const]
    .filter(([, rate]) => rate !== null)
    .map(([name, rate]) => ({ name: `${name} ${percent(rate)}`, rate }));
  return [
    {
      data: { values },
      mark: { type: "rule", color: INK.muted, strokeDash: [4, 4] },
      encoding: { y: shareOf("rate") },
    },
    {
      data: { values },
      mark: { type: "text", align: "right", baseline: "bottom", dy: -4 },
      encoding: { x: { value: "width" }, y: shareOf("rate"), text: { field: "name" } },
    },
  ];
}

/** How much of the guidance is followed, and how much of it is right; undefined without guidance. */
export function guidanceChart(record: RunRecord): Promise<Figure> | undefined {
  const followed = record.iterations.filter((event) => event.followed !== null)
    .map(({ iteration, followed }) => ({ iteration, followed }));
  const right = record.evaluations.filter((event) => event.guidanceAccuracy.rate !== null)
    .map(({ iteration, guidanceAccuracy }) => ({ iteration, right: guidanceAccuracy.rate }));
  if (record.iterations.length === 0 || followed.length + right.length === 0) return undefined;
  const encoding = { x: ITERATION_AXIS, y: shareOf("right") };
  const chart: ChartSpec = {
    layer: [
      {
        data: { values: thinned(followed) },
        mark: line(INK.student),
        encoding: { x: ITERATION_AXIS, y: shareOf("followed") },
      },
      {
        data: { values: right },
        mark: { type: "line", color: INK.teacher, strokeDash: [2, 3] },
        encoding,
      },
      { data: { values: right }, mark: dot(INK.teacher), encoding },
    ],
  };
  const words = {
    id: "guidance",
    title: "The teacher advises",
    caption: "How often the student did as it was told, and how often what it was told was right.",
    legend: [
      ["followed in training", INK.student, "line"],
      ["right in held-out states", INK.teacher, "dot"],
    ],
    data: [...followed, ...right],
  } as const;
  return drawFigure(words, chart, [230, 220]);
}

/** The verdicts by kind, as shares of an iteration's verdicts; undefined where none were given. */
export function verdictChart(record: RunRecord): Promise<Figure> | undefined {
  const kinds = [["positive", INK.good], ["negative", INK.bad], ["abstained", INK.quiet]] as const;
  const data = record.iterations.map(({ iteration, verdicts }) => {
    const { positive, negative, abstained } = verdicts;
    return { iteration, positive, negative, abstained };
  });
  const given = data.filter((row) => kinds.some(([kind]) => row[kind] > 0));
  if (given.length === 0) return undefined;
  const values = thinned(given).flatMap((row) =>
    kinds.map(([kind], order) => ({ iteration: row.iteration, kind, order, count: row[kind] }))
  );
  const asBars = given.length <= MOST_BARS;
  const chart: ChartSpec = {
    layer: [{
      data: { values },
      mark: { type: asBars ? "bar" : "area", opacity: 0.8 },
      encoding: {
        x: asBars
          ? {
            field: "iteration",
            title: "iteration",
            type: "ordinal",
            scale: { paddingInner: 0.06 },
            axis: { labelAngle: 0, labelOverlap: true },
          }
          : ITERATION_AXIS,
        y: { ...shareOf("count"), stack: "normalize", scale: {} },
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
  const words = {
    id: "verdicts",
    title: "The student judges",
    caption: "Verdicts on the teacher's guidance, by iteration.",
    legend: kinds.map(([kind, color]) => [kind, color, "area"] as const),
    data,
  };
  return drawFigure(words, chart, [180, 180]);
}
