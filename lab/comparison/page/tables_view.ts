/** The tables of a comparison: results by level, every run. */
import { count, duration, percent } from "../../format.ts";
import { foldedView } from "../../report/figure_view.ts";
import { type Html, markup } from "../../report/html.ts";
import { studentQuantile } from "../../statistics/distributions.ts";
import { rate } from "../../statistics/proportions.ts";
import { deviation, mean } from "../../statistics/sample.ts";
import { retentionOf } from "../advice.ts";
import { muteText, usageOf } from "../../teacher_usage.ts";
import { effortOf } from "../costs.ts";
import type { Ink } from "../figures/palette.ts";
import { type Measure, measuresFor, whyUnscored } from "../measures.ts";
import type { Cell, Results } from "../results.ts";
import { shareName } from "../wording.ts";
import { spendingCells, spendingHeads } from "../spending.ts";
import { endOf, endWords } from "../worlds.ts";
import { measured } from "../statements.ts";

/** What each variant came to on each level. */
export function resultsView(results: Results, ink: (variant: string) => Ink): Html {
  const { threshold, prices } = results.question;
  const costs = spendingHeads(prices);
  const tables = results.levels.map((level) => {
    const unscored = whyUnscored(results, level);
    const scores = unscored === null ? measuresFor(threshold, "score") : undefined;
    const rows = results.variants.map((variant) => {
      const cell = results.cell(variant, level);
      return markup`<tr><td class="name">${swatch(ink(variant))}${variant}</td>${
        cell.runs.length === 0
          ? markup`<td colspan="${7 + costs.length}" class="calm">${gaps(cell)}</td>`
          : [
            ...resultCells(cell, threshold, scores),
            ...spendingCells(cell, prices).map((text) => number(text)),
          ]
      }</tr>`;
    });
    return markup`<div class="table"><table>
<caption>${level}</caption>
<thead><tr><th></th><th class="number">success at the end${endWords(results)}</th>
<th class="number">without the teacher</th><th class="number">score</th>
<th class="number">mean score</th><th class="number">episodes to ${shareName(threshold)}</th>
<th class="number">guidance right</th><th class="number">a run</th>${
      costs.map((head) => markup`<th class="number">${head}</th>`)
    }</tr></thead>
<tbody>${rows}</tbody></table></div>
${unscored !== null && markup`<p class="note">No score on ${level}: ${unscored}.</p>`}`;
  });
  return markup`<h3>Results by level</h3>
<p class="note">Means over seeds ± half a 95 % t interval. Episodes to the threshold are medians over
all runs, those that never got there among them; in brackets how many did. “Without the teacher” is
success on the same worlds while it is silent. Seconds, questions and tokens are those of training; “a
run” is with measuring.</p>
${tables}`;
}

function resultCells(
  cell: Cell,
  threshold: number,
  scores: readonly Measure[] | undefined,
): Html[] {
  const records = cell.runs.map(({ record }) => record);
  const score = (measure: Measure | undefined) =>
    measure ? measured(measure, mean(records.map(measure.of))) : "no score";
  const retention = retentionOf(cell);
  const { median, reached, runs } = effortOf(cell, threshold, "episodes");
  const ends = records.map(({ summary }) => endOf(summary).success);
  const first = records.flatMap(({ summary }) => summary.guidanceAccuracy.start ?? []);
  const last = records.flatMap(({ summary }) => endOf(summary).guidance ?? []);
  const guidance = last.length === 0 ? "–" : `${percent(mean(first))} → ${percent(mean(last))}`;
  const notes = gaps(cell);
  return [
    number(percent(mean(ends)), plusMinus(ends, (half) => (100 * half).toFixed(1))),
    number(retention ? percent(rate(retention.without)) : "–"),
    number(score(scores?.[0])),
    number(score(scores?.[1])),
    number(median === null ? "–" : count(median), `(${reached}/${runs})`),
    number(guidance),
    number(duration(mean(records.map(({ summary }) => summary.wallSeconds))), notes),
  ];
}

function plusMinus(values: readonly number[], format: (half: number) => string): string {
  if (values.length < 2) return "";
  const half = studentQuantile(0.95, values.length - 1) * deviation(values) /
    Math.sqrt(values.length);
  return `± ${format(half)}`;
}

function number(text: string, note = ""): Html {
  return markup`<td class="number">${text}${note && markup` <small>${note}</small>`}</td>`;
}

function gaps({ runs, failed, missing }: Cell): string {
  return [
    failed.length > 0 && `${failed.length} failed`,
    missing.length > 0 && `${missing.length} not run`,
    muteText(usageOf(runs)),
  ].filter(Boolean).join(", ");
}

/** The mark of a variant before its name. */
export function swatch({ color }: Ink): Html {
  return markup`<i class="swatch" style="--c: ${color}"></i>`;
}

/** Runs that failed, what the others warned of, and all runs folded away. */
export function runsView(results: Results): Html {
  const warned = warningsOf(results);
  const failed = results.trials.flatMap(({ variant, level, seed, outcome }) =>
    outcome && "error" in outcome
      ? [
        markup`<li>${
          [variant.name, level, `seed ${seed}`].filter(Boolean).join(", ")
        }: ${outcome.error.code} ${outcome.error.message}</li>`,
      ]
      : []
  );
  const rows = results.runs.map(({ cell, run: { seed, record: { summary } } }) => ({
    variant: cell.variant,
    level: cell.level,
    seed,
    developmentSuccess: summary.success.end,
    testSuccess: summary.test?.success ?? null,
    normalised: summary.normalised,
    episodes: summary.episodes,
    seconds: summary.wallSeconds,
    digest: summary.digest,
  }));
  const text = rows.map((row) => JSON.stringify(row)).join("\n");
  return markup`${failed.length > 0 && markup`<h3>Runs that failed</h3><ul>${failed}</ul>`}${
    warned.length > 0 && markup`<h3>Warnings</h3><ul>${warned}</ul>`
  }${foldedView(`All ${count(rows.length)} runs`, "runs.jsonl", text)}`;
}

/** Each warning once, with the runs that gave it. */
function warningsOf({ runs }: Results): Html[] {
  const given = runs.flatMap(({ cell: { variant }, run: { record } }) =>
    (record.warnings ?? []).map((message) => ({ variant, message }))
  );
  return [...Map.groupBy(given, ({ message }) => message)].map(([message, by]) => {
    const variants = [...new Set(by.map(({ variant }) => variant))].join(", ");
    const runs = `${count(by.length)} run${by.length === 1 ? "" : "s"}`;
    return markup`<li>${message} <small>(${variants}: ${runs})</small></li>`;
  });
}
