/** report.html: a run as one page that needs nothing else. */
import type { TandemEvent } from "../../core/events.ts";
import { STAGE_KINDS } from "../../core/stages.ts";
import type { RunConfig } from "../run_folder.ts";
import type { RunSummary } from "../summary.ts";
import { guidanceChart, learningCurve, verdictChart } from "./charts.ts";
import { metricCharts, timeChart } from "./cost_charts.ts";
import { type DrawStep, episodeView } from "./episode_view.ts";
import { dataView, figureView } from "./figure_view.ts";
import { type Html, html, trusted } from "./html.ts";
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
  const [learning, guidance, verdicts, metrics, time] = await Promise.all([
    learningCurve(record, summary),
    guidanceChart(record),
    verdictChart(record),
    metricsView(record),
    timeChart(summary),
  ]);
  const body = html`${headerView(summary, config)}
${tilesView(summary)}
${
    record.warnings.length > 0 && html`
      <h2>Warnings</h2>
      <ul>${record.warnings.map((message) => html`<li>${message}</li>`)}</ul>
    `
  }
<h2>How it went</h2>
${[learning, guidance, verdicts].map((figure) => figure && figureView(figure))}
${episodesView(record, drawStep)}
${metrics}
<h2>Time</h2>
${figureView(time)}
${configView(config)}
<footer>Digest ${summary.digest}</footer>`;
  return page(`${summary.level}, seed ${summary.seed} – Tandem`, body);
}

function episodesView(record: RunRecord, drawStep?: DrawStep): Html | undefined {
  const { nearTheEnd, fromTheBeginning, guidanceIsAction } = record.episodes;
  if (!nearTheEnd) return undefined;
  const shared = { guidanceIsAction, drawStep };
  return html`
    <h2>Step by step</h2>
    <p
      class="note">Episodes from training, chosen because there is something to see in them: what the teacher said,
    what the student did, and what it thought of the advice. The arrow keys move.</p>
    ${episodeView(nearTheEnd, { id: "episode-end", title: "Near the end", ...shared })}
    ${fromTheBeginning &&
      episodeView(fromTheBeginning, { id: "episode-start", title: "At the beginning", ...shared })}
  `;
}

async function metricsView(record: RunRecord): Promise<Html | undefined> {
  const charts = await metricCharts(record);
  if (charts.length === 0) return undefined;
  return html`<h2>What the student reports</h2>
<div class="multiples">${
    charts.map(({ name, svg }) => html`<figure><h3>${name}</h3>${trusted(svg)}</figure>`)
  }</div>
${
    dataView(
      "metrics.json",
      record.iterations.map(({ iteration, metrics }) => ({ iteration, ...metrics })),
    )
  }`;
}

function configView({ pipeline, ...run }: RunConfig): Html {
  const rows = [
    ...STAGE_KINDS.map((kind) => [kind, pipeline[kind].plugin, pipeline[kind].options] as const),
    ["schedule", "", pipeline.schedule] as const,
    ["evaluation", "", pipeline.evaluation] as const,
  ];
  return html`
    <h2>Configuration</h2>
    <div class="table">
      <table>
        <thead>
          <tr>
            <th>Stage</th>
            <th>Plugin</th>
            <th>Options</th>
          </tr>
        </thead>
        <tbody>${rows.map(([kind, plugin, options]) =>
          html`
            <tr>
              <th scope="row">${kind}</th>
              <td>${plugin}</td>
              <td>${optionsText(options)}</td>
            </tr>
          `
        )}</tbody>
      </table>
    </div>
    <details class="config"><summary>config.json</summary>
    <pre tabindex="0">${JSON.stringify({ ...run, pipeline }, null, 2)}</pre>
    <button type="button" class="save" data-name="config.json" hidden>Save as config.json</button></details>
  `;
}

function optionsText(options: Readonly<Record<string, unknown>>): Html {
  return html`${
    Object.entries(options).map(([name, value], i) =>
      html`${i > 0 && ", "}${name} <code>${JSON.stringify(value)}</code>`
    )
  }`;
}
