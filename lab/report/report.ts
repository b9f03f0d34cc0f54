/** report.html: a run as one page that needs nothing else. */
import { STAGE_KINDS, type TandemEvent } from "@tandem/core";
import type { RunConfig } from "../run_config.ts";
import type { RunSummary } from "../summary.ts";
import { guidanceChart, learningCurve, verdictChart } from "./charts.ts";
import { metricCharts, timeChart } from "./cost_charts.ts";
import { budgetChart, calibrationChart, effectChart, retentionChart } from "./teacher_charts.ts";
import { type DrawStep, episodeView } from "./episode_view.ts";
import type { Figure } from "./figure.ts";
import { dataView, figureView, foldedView } from "./figure_view.ts";
import { type Html, markup, trusted } from "./html.ts";
import { page } from "./page.ts";
import { RunRecord } from "./record.ts";
import { headerView, tilesView } from "./summary_view.ts";

/** What {@linkcode renderReport} takes. */
export interface ReportInput {
  readonly summary: RunSummary;
  readonly config: RunConfig;
  /** The run's events in order, or what a {@linkcode RunRecord} has made of them already. */
  readonly events: Iterable<TandemEvent> | RunRecord;
  /** Draws the world at a row of the ledger; rows may bring a picture of their own as `svg`. */
  readonly drawStep?: DrawStep;
}

/**
 * The page of a run: key numbers, charts, episodes step by step, configuration. It loads nothing,
 * reads well on a phone, in the dark and on paper, and without script.
 */
export async function renderReport(input: ReportInput): Promise<string> {
  const { summary, config, events, drawStep } = input;
  const record = events instanceof RunRecord ? events : new RunRecord(events);
  const [learning, guidance, verdicts, teacher, metrics, time] = await Promise.all([
    learningCurve(record, summary),
    guidanceChart(record),
    verdictChart(record),
    teacherView(record, summary),
    metricsView(record),
    timeChart(summary),
  ]);
  const body = markup`${headerView(summary, config)}
${tilesView(summary)}
${warningsView(record)}
${chartsView([learning, guidance, verdicts])}
${teacher}
${episodesView(record, drawStep)}
${metrics}
<h2>Time</h2>
${figureView(time)}
${configView(config)}
<footer>Digest ${summary.digest}</footer>`;
  return page(`${summary.level}, seed ${summary.seed} – Tandem`, body);
}

function chartsView(figures: readonly (Figure | undefined)[]): Html {
  const drawn = figures.filter((figure) => figure !== undefined);
  return markup`<h2>How it went</h2>
${drawn.length > 0 ? drawn.map(figureView) : markup`<p>It ended before its first iteration.</p>`}`;
}

/** What the teacher is worth; nothing for a student alone. */
async function teacherView(record: RunRecord, summary: RunSummary): Promise<Html | undefined> {
  const drawn = await Promise.all([
    calibrationChart(record),
    effectChart(summary),
    retentionChart(record),
    budgetChart(record),
  ]);
  const figures = drawn.filter((figure) => figure !== undefined);
  if (figures.length === 0) return undefined;
  return markup`<h2>What the teacher is worth</h2>
${figures.map(figureView)}
${
    !summary.advice &&
    markup`<p class="note">With <code>--set evaluation.advice=true</code> a run also
measures what single suggestions change, and what is left without the teacher.</p>`
  }`;
}

function warningsView({ warnings }: RunRecord): Html | undefined {
  if (warnings.length === 0) return undefined;
  return markup`<h2>Warnings</h2>
<ul>${warnings.map((message) => markup`<li>${message}</li>`)}</ul>`;
}

function episodesView({ episodes }: RunRecord, drawStep?: DrawStep): Html | undefined {
  const { nearTheEnd, fromTheBeginning, guidanceIsAction } = episodes;
  if (!nearTheEnd) return undefined;
  const options = (id: string, title: string) => ({ id, title, guidanceIsAction, drawStep });
  const late = episodeView(nearTheEnd, options("episode-end", "Near the end"));
  const early = fromTheBeginning &&
    episodeView(fromTheBeginning, options("episode-start", "At the beginning"));
  return markup`<h2>Step by step</h2>
<p class="note">Episodes from training, chosen because there is something to see in them: what the
teacher said, what the student did, and what it thought of the advice. The arrow keys move.</p>
${late}
${early}`;
}

async function metricsView({ iterations }: RunRecord): Promise<Html | undefined> {
  const charts = await metricCharts(iterations);
  if (charts.length === 0) return undefined;
  const data = iterations.map(({ iteration, metrics }) => ({ iteration, ...metrics }));
  const figures = charts.map(({ name, svg }) =>
    markup`<figure><h3>${name}</h3>${trusted(svg)}</figure>`
  );
  return markup`<h2>What the student reports</h2>
<div class="multiples">${figures}</div>
${dataView("metrics.json", data)}`;
}

function configView(config: RunConfig): Html {
  const { pipeline } = config;
  const stages = STAGE_KINDS.map((kind) => ({ kind, ...pipeline[kind] }));
  const extras = Object.entries(pipeline.extras ?? {}).map(([name, stage]) => ({
    kind: `extra.${name}`,
    ...stage,
  }));
  const rows = [
    ...stages,
    ...extras,
    { kind: "schedule", plugin: "", options: { ...pipeline.schedule } },
    { kind: "evaluation", plugin: "", options: { ...pipeline.evaluation } },
  ].map(({ kind, plugin, options }) =>
    markup`<tr><th scope="row">${kind}</th><td>${plugin}</td><td>${optionsView(options)}</td></tr>`
  );
  return markup`<h2>Configuration</h2>
<div class="table"><table>
<thead><tr><th>StageSpec</th><th>Plugin</th><th>Options</th></tr></thead>
<tbody>${rows}</tbody>
</table></div>
${foldedView("config.json", "config.json", JSON.stringify(config, null, 2))}`;
}

function optionsView(options: Readonly<Record<string, unknown>>): readonly Html[] {
  return Object.entries(options).map(([name, value], i) =>
    markup`${i > 0 && ", "}${name} <code>${JSON.stringify(value)}</code>`
  );
}
