/** Where the time of an iteration goes. */
import { STAGE_KINDS } from "@tandem/core";
import { percent } from "../../format.ts";
import { nameAxis } from "../../report/layers.ts";
import type { ChartLayer } from "../../report/vega_svg.ts";
import { type IterationCost, iterationCost } from "../costs.ts";
import type { Results } from "../results.ts";
import { milliseconds } from "../wording.ts";
import { drawPanels, type PanelFigure } from "./panels.ts";

const INKS = {
  env: "var(--v3)",
  teacher: "var(--teacher)",
  student: "var(--student)",
  advantage: "var(--v5)",
  feedback: "var(--bad)",
  rest: "var(--quiet)",
} as const;

const STAGES = [...STAGE_KINDS, "rest"] as const;

/** Seconds of an iteration by stage, and the share of the feedback edge. */
export function costFigure(results: Results): Promise<PanelFigure> | undefined {
  const costs = results.variants.flatMap((variant) => {
    const cost = iterationCost(results.cellsOf(variant));
    return cost ? [{ variant, ...cost }] : [];
  });
  if (costs.length === 0) return undefined;
  const words = {
    id: "cost",
    title: "What an iteration costs",
    caption: "Time by stage, means over levels and seeds. The feedback edge is all that verdicts " +
      "take: estimates, evidence, the verdicts themselves and the teacher's learning.",
    legend: STAGES.map((stage) =>
      [stage === "rest" ? "the rest" : stage, INKS[stage], "area"] as const
    ),
    data: costs.flatMap(stageRows),
  };
  const chart = { layer: costLayers(costs) };
  return drawPanels(words, [{ title: "all levels", chart }], 40 + 28 * costs.length);
}

type VariantCost = IterationCost & { readonly variant: string };

function stageRows({ variant, seconds, byStage, feedbackShare }: VariantCost) {
  const counted = STAGE_KINDS.reduce((sum, kind) => sum + byStage[kind], 0);
  const of = { ...byStage, rest: Math.max(0, seconds - counted) };
  return STAGES.map((stage, order) => ({
    variant,
    stage,
    order,
    seconds: of[stage],
    feedbackShare,
  }));
}

/** A stacked bar a variant, and its words behind it. */
function costLayers(costs: readonly VariantCost[]): ChartLayer[] {
  const y = nameAxis("variant", costs.map(({ variant }) => variant));
  const longest = Math.max(1e-6, ...costs.map(({ seconds }) => seconds));
  const x = {
    field: "seconds",
    type: "quantitative",
    axis: null,
    scale: { domain: [0, longest * 1.6], nice: false },
  };
  const color = {
    field: "stage",
    type: "nominal",
    legend: null,
    scale: { domain: STAGES, range: STAGES.map((stage) => INKS[stage]) },
  };
  const order = { field: "order", type: "quantitative" };
  const labels = costs.map(({ variant, seconds, feedbackShare }) => ({
    variant,
    seconds,
    label: `${milliseconds(seconds)}, feedback edge ${percent(feedbackShare)}`,
  }));
  return [
    {
      data: { values: costs.flatMap(stageRows) },
      mark: { type: "bar", height: 13 },
      encoding: { y, x: { ...x, stack: "zero" }, order, color },
    },
    {
      data: { values: labels },
      mark: { type: "text", align: "left", dx: 8 },
      encoding: { y, x, text: { field: "label" } },
    },
  ];
}
