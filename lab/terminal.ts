/** What a run prints at its end: a table against the floor and the ceiling, and a chart. */
import { importOptional, outsideText } from "@tandem/core/internal";
import { count, duration, hindsightOf, percent } from "./format.ts";
import { framesPerSecond, type RunSummary } from "./summary.ts";
import { usageFacts } from "./teacher_usage.ts";

/** How text may look. */
export interface TerminalStyle {
  /** Whether to use ANSI colours: on a terminal, and nowhere else. */
  readonly color: boolean;
  /** Characters in a line. */
  readonly columns?: number;
}

/** Success in training, point by point. */
export interface TrainingPoint {
  /** From 1. */
  readonly iteration: number;
  /** Share of the iteration's episodes that were solved. */
  readonly success: number;
}

const WIDEST = 80;
const CHART_HEIGHT = 9;
const NARROWEST_CHART = 16;
const PAINT = { dim: 2, bold: 1, red: 31, green: 32, blue: 34 } as const;
type Paint = (text: string, style: keyof typeof PAINT) => string;

/** The end table: success between the random floor and the expert's ceiling, and what it took. */
export function endTable(summary: RunSummary, { color, columns = WIDEST }: TerminalStyle): string {
  const paint: Paint = (text, style) => color ? `\x1b[${PAINT[style]}m${text}\x1b[0m` : text;
  const lines = [
    paint(headline(summary), "bold"),
    "",
    ...successRows(summary, Math.min(columns, WIDEST), paint),
    "",
    ...factRows(summary, paint),
  ];
  if (summary.control) {
    lines.push(
      "",
      paint(`A control (${outsideText(summary.control)}): no evidence of learning.`, "red"),
    );
  }
  if (summary.notReproducible) {
    const { iteration, step } = summary.notReproducible;
    const where = `iteration ${iteration}, step ${step}`;
    lines.push(
      "",
      paint(`Not reproducible: the machine ended the feedback rule (${where}).`, "red"),
    );
  }
  return lines.join("\n");
}

function headline(summary: RunSummary): string {
  const { level, seed, device, iterations, wallSeconds, stopped } = summary;
  const done = `${count(iterations)} iteration${iterations === 1 ? "" : "s"}`;
  return `${outsideText(level)}, seed ${seed}, ${outsideText(device)}: ${done}${
    stopped ? " (stopped)" : ""
  } in ` +
    duration(wallSeconds);
}

function successRows(summary: RunSummary, columns: number, paint: Paint) {
  const { success, floor, ceiling, withoutTeacher } = summary;
  const [low, high] = success.ci95;
  const rows: [name: string, share: number | null, style: keyof typeof PAINT, note: string][] = [
    ["random floor", floor, "dim", ""],
    ["start", success.start, "blue", ""],
    ["end", success.end, "green", `95 %: ${percent(low)} to ${percent(high)}`],
    ["end, alone", withoutTeacher, "green", "without the teacher"],
    ["bot's ceiling", ceiling, "dim", ""],
  ];
  const width = Math.max(8, Math.min(24, columns - 52));
  const known = rows.filter(([, share]) => share !== null);
  return [
    `Success on ${count(success.episodes)} development worlds`,
    ...known.map(([name, share, style, note]) =>
      `  ${name.padEnd(14)} ${percent(share).padStart(7)}  ` +
      (paint(bar(share!, width), style) + (note ? `  ${note}` : "")).trimEnd()
    ),
  ];
}

function factRows(summary: RunSummary, paint: Paint): string[] {
  const { guidanceAccuracy, verdicts, teacher, envSteps, episodes, normalised } = summary;
  const { noScore, ceiling } = summary;
  const speed = framesPerSecond(summary);
  const { start, end, states } = guidanceAccuracy;
  const facts: [string, string][] = [
    ["normalised", normalised === null ? "" : `${normalised.toFixed(3)}  (floor 0, ceiling 1)`],
    ["no score", noScore === null || ceiling === null ? "" : noScore],
    [
      "guidance right",
      start === null && end === null
        ? ""
        : `${percent(start)} to ${percent(end)}  (${count(states)} held-out states)`,
    ],
    [
      "verdicts",
      `+${count(verdicts.positive)}  −${count(verdicts.negative)}  ○${count(verdicts.abstained)}`,
    ],
    [
      "in hindsight",
      verdicts.earlier ? hindsightOf(verdicts.earlier) : "",
    ],
    [
      "teacher",
      usageFacts(teacher, summary.trainingDollars).join(", "),
    ],
    [
      "training",
      `${count(envSteps)} steps, ${count(episodes)} episodes` +
      (speed === null ? "" : `, ${count(speed)} frames/s`),
    ],
    [
      "time by stage",
      Object.entries(summary.stageSeconds).map(([kind, s]) => `${outsideText(kind)} ${duration(s)}`)
        .join(", "),
    ],
  ];
  return facts.filter(([, value]) => value !== "")
    .map(([name, value]) => `  ${paint(name.padEnd(14), "dim")}  ${value}`);
}

/** A bar of eighths of a character. */
function bar(share: number, width: number): string {
  const eighths = Math.round(Math.max(0, Math.min(1, share)) * width * 8);
  const rest = " ▏▎▍▌▋▊▉"[eighths % 8]!;
  return ("█".repeat(Math.floor(eighths / 8)) + rest).padEnd(width + 1);
}

/**
 * Training success by iteration as a chart of characters; a sentence for one point, the empty string
 * for none. More iterations than columns are averaged.
 *
 * @param floor Drawn as a line across, where it is known.
 * @throws TandemError E_PACKAGE where the package that draws it is not installed.
 */
export async function trainingChart(
  points: readonly TrainingPoint[],
  floor: number | null,
  { color, columns = WIDEST }: TerminalStyle,
): Promise<string> {
  const [only] = points;
  if (!only) return "";
  if (points.length === 1) {
    return `Training success in iteration ${count(only.iteration)}: ${percent(only.success)}`;
  }
  const width = Math.max(NARROWEST_CHART, Math.min(columns, WIDEST) - 10);
  const line = resampled(points, width);
  const [first, last] = [line[0]![0], line.at(-1)![0]];
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(first + share * (last - first)));
  const { plot } = await importOptional<typeof import("simple-ascii-chart")>(
    "simple-ascii-chart",
    "draws charts on a terminal",
    (name) => import(name),
  );
  const chart = plot(line, {
    width,
    height: CHART_HEIGHT,
    yRange: [0, 1],
    customYAxisTicks: [0, 0.25, 0.5, 0.75, 1],
    customXAxisTicks: [...new Set(ticks)],
    formatter: (value, { axis }) => axis === "y" ? `${Math.round(value * 100)} %` : value,
    symbols: { thresholds: { x: "╌" } },
    ...(floor === null
      ? {}
      : { thresholds: [{ y: floor, color: color ? "ansiBlue" : undefined }] }),
    ...(color ? { color: "ansiGreen" } : {}),
  });
  const body = chart.split("\n").map((row) => row.trimEnd()).filter((row) => row !== "");
  const title = `Training success by iteration${floor === null ? "" : " (╌ random floor)"}`;
  return [title, ...body].join("\n");
}

/** The points as one value a column: means where there are more points than columns, else between them. */
function resampled(points: readonly TrainingPoint[], columns: number): [number, number][] {
  const size = Math.ceil(points.length / columns);
  const means = Array.from({ length: Math.ceil(points.length / size) }, (_, i) => {
    const bin = points.slice(i * size, (i + 1) * size);
    const mean = bin.reduce((sum, { success }) => sum + success, 0) / bin.length;
    return [bin.at(-1)!.iteration, mean] as [number, number];
  });
  return Array.from({ length: columns }, (_, column) => {
    const at = column / (columns - 1) * (means.length - 1);
    const [left, right] = [means[Math.floor(at)]!, means[Math.ceil(at)]!];
    const share = at - Math.floor(at);
    return [left[0] + share * (right[0] - left[0]), left[1] + share * (right[1] - left[1])];
  });
}
