/** tuning.html: one page that needs nothing else. */
import { compact, count, duration, percent } from "../format.ts";
import { palette } from "../comparison/figures/palette.ts";
import { tile } from "../comparison/page/header_view.ts";
import { panelView } from "../comparison/page/panel_view.ts";
import { COMPARISON_STYLE } from "../comparison/page/style.ts";
import { swatch } from "../comparison/page/tables_view.ts";
import { foldedView } from "../report/figure_view.ts";
import { type Html, markup } from "../report/html.ts";
import { page } from "../report/page.ts";
import { tuningDocument, type TuningOrigin } from "./document.ts";
import { optionsFigure, searchFigure } from "./figures.ts";
import type { Attempt, Spent, TuningResults, VariantSearch } from "./results.ts";
import {
  COST_HEADS,
  costCells,
  estimateText,
  gainText,
  METHOD_NAMES,
  methodText,
  settingsText,
  stateText,
  valueText,
  verdictText,
  worthText,
} from "./wording.ts";

/**
 * The page of a tuning run: the best of each variant with its interval on fresh seeds and the command
 * that runs it, how the searches went, what decides, what was tried and what it cost.
 */
export async function renderTuning(results: TuningResults, origin: TuningOrigin): Promise<string> {
  const { plan, searches } = results;
  const names = searches.map(({ variant }) => variant.name);
  const ink = palette({ variants: names, question: { baseline: "alone" } });
  const hasValues = searches.some(({ attempts }) =>
    attempts.some(({ runs }) => results.valueOf(runs) !== undefined)
  );
  const figures = hasValues
    ? await Promise.all([searchFigure(results, ink), optionsFigure(results, ink)])
    : [];
  const mark = (name: string) => markup`${swatch(ink(name))}${name}`;
  const body = markup`${headerView(results, origin)}
${tilesView(results)}
<h2>The best of each variant</h2>
${bestView(results, mark)}
${commandsView(results, origin)}
<h2>What was tried</h2>
${figures.map((figure) => panelView(figure, origin.command))}
${importanceView(results)}
${attemptsView(results)}
<h2>Cost</h2>
${costView(results, mark)}
<h2>How it was measured</h2>
${methodText(results).map((sentence) => markup`<p>${sentence}</p>`)}
${
    foldedView(
      "tuning.json",
      "tuning.json",
      JSON.stringify(tuningDocument(results, origin), null, 2),
    )
  }`;
  return page(
    `Tuning of ${names.join(", ")} – ${plan.pipeline.name} – Tandem`,
    body,
    COMPARISON_STYLE,
  );
}

function headerView(results: TuningResults, origin: TuningOrigin): Html {
  const { plan, searches } = results;
  const open = searches.filter((search) => stateText(results, search) !== undefined);
  return markup`<header>
<p class="over">Tandem ${origin.version} · ${plan.pipeline.name} · ${origin.device} · ${
    METHOD_NAMES[plan.method]
  }</p>
<h1>Tuning of ${searches.map(({ variant }) => variant.name).join(", ")}</h1>
${
    open.map((search) =>
      markup`<span class="badge">${search.variant.name}: ${stateText(results, search)}</span>`
    )
  }
<p class="lede">${ledeOf(results)}</p>
<p class="note">Development worlds alone: nothing here may be claimed of other worlds, or between
variants. The comparison on test worlds is one command away.</p>
<code class="command">${origin.command}</code>
</header>`;
}

function ledeOf(results: TuningResults): string {
  const said = results.searches.flatMap((search) => {
    const worth = results.worthOf(search);
    if (!worth) return [];
    return [
      `${search.variant.name}: ${verdictText(results, worth)}, ${worthText(results, worth)}.`,
    ];
  });
  return said.length > 0 ? said.join(" ") : "No variant has come to its end yet.";
}

function tilesView(results: TuningResults): Html {
  const { searches, plan } = results;
  const all = searches.map((search) => results.spentOn(search));
  const sum = (of: (spent: Spent) => number) =>
    all.reduce((total, { search, fresh }) => total + of(search) + of(fresh), 0);
  const attempts = searches.reduce((total, search) => total + search.attempts.length, 0);
  const failed = sum((spent) => spent.failed);
  return markup`<section class="tiles" aria-label="Key numbers">
${
    tile("Tried", count(attempts), "trials", [
      `${count(plan.space.length)} option${plan.space.length === 1 ? "" : "s"}, ${
        count(searches.length)
      } variant${searches.length === 1 ? "" : "s"} with ${count(plan.trials)} whole trials each`,
    ])
  }
${
    tile("Runs", count(sum((spent) => spent.runs)), "", [
      failed > 0 ? `${count(failed)} failed, which counts as the worst` : "none failed",
    ])
  }
${
    tile("Spent", compact(sum((spent) => spent.envSteps)), "steps", [
      `${duration(sum((spent) => spent.seconds))} of computing, ${
        compact(sum((spent) => spent.questions))
      } questions`,
    ])
  }
</section>`;
}

type Mark = (variant: string) => Html;

function bestView(results: TuningResults, mark: Mark): Html {
  const { measure } = results;
  const rows = results.searches.map((search) => {
    const [best, worth] = [results.bestOf(search), results.worthOf(search)];
    const cells = worth && best
      ? [
        valueText(measure, best.value),
        estimateText(measure, worth.tuned),
        estimateText(measure, worth.untuned),
        gainText(measure, worth.difference),
      ]
      : [stateText(results, search) ?? "", "", "", ""];
    return markup`<tr><td class="name">${mark(search.variant.name)}</td>${
      cells.map((cell) => markup`<td class="number">${stacked(cell)}</td>`)
    }</tr>`;
  });
  const seeds = count(results.plan.freshSeeds);
  return markup`<div class="table"><table>
<thead><tr><th>${measure.name}</th><th class="number">in the search</th>
<th class="number">on fresh seeds</th><th class="number">as it was</th><th class="number">difference</th></tr></thead>
<tbody>${rows}</tbody></table></div>
<p class="note">In brackets 95 % bootstrap intervals over ${seeds} fresh seeds. The value in the search
is too good, since the settings were chosen by it.</p>`;
}

/** A value above its interval, so that a row of them is no wider than the page. */
function stacked(text: string): Html {
  const at = text.indexOf(" (");
  return at < 0
    ? markup`${text}`
    : markup`${text.slice(0, at)}<br><small>${text.slice(at + 1)}</small>`;
}

/** The settings of each variant with the command that runs them, and the one that compares them. */
function commandsView(results: TuningResults, origin: TuningOrigin): Html {
  const found = results.searches.flatMap((search) => {
    const best = results.bestOf(search);
    if (!best) return [];
    const command = origin.runs([...search.variant.settings, ...best.settings]);
    return [markup`<p><b>${search.variant.name}</b>: ${settingsText(best)}</p>
${command !== undefined && markup`<code class="command">${command}</code>`}`];
  });
  return markup`${found}<p>Compare what was found, on test worlds:</p>
<code class="command">${origin.compares}</code>`;
}

function importanceView(results: TuningResults): Html {
  const { searches, plan } = results;
  const found = searches.map((search) => results.importanceOf(search));
  if (found.every((importance) => importance === undefined)) {
    return markup`<p class="note">What decides cannot be told of fewer than five trials, or of equal ones.</p>`;
  }
  const rows = plan.space.map(({ name }) =>
    markup`<tr><td class="name">${name}</td>${
      found.map((importance) => {
        const own = importance?.find((each) => each.name === name);
        return markup`<td class="number">${
          own ? markup`${percent(own.share)} <small>p = ${own.p.toPrecision(2)}</small>` : "–"
        }</td>`;
      })
    }</tr>`
  );
  return markup`<h3>What decides</h3>
<p class="note">The share of the variance of ranks that an option explains by itself, adjusted for what
chance would explain; p by shuffling, after Holm’s correction. What options do together it does not
tell, and a search that looks closely at one corner sees little of the others.</p>
<div class="table"><table><thead><tr><th>option</th>${
    searches.map(({ variant }) => markup`<th class="number">${variant.name}</th>`)
  }</tr></thead><tbody>${rows}</tbody></table></div>`;
}

function attemptsView(results: TuningResults): Html[] {
  return results.searches.map((search) => {
    const rows = search.attempts.map((attempt) => attemptRow(results, attempt));
    return markup`<details><summary>All ${count(rows.length)} trials of ${search.variant.name}${
      missingText(search)
    }</summary>
<div class="table"><table><thead><tr><th class="number">#</th><th>settings</th><th class="number">iterations</th>
<th class="number">runs</th><th class="number">${results.measure.name}</th></tr></thead><tbody>${rows}</tbody></table></div>
</details>`;
  });
}

function missingText({ missing }: VariantSearch): string {
  return missing.length > 0 ? `, which has no ${missing.join(", ")} to tune` : "";
}

function attemptRow(results: TuningResults, attempt: Attempt): Html {
  const { number, settings, iterations, runs } = attempt;
  const value = results.valueOf(runs);
  return markup`<tr><td class="number">${number}</td><td class="text"><code>${
    settings.join(", ")
  }</code></td><td class="number">${count(iterations)}</td><td class="number">${
    count(runs.length)
  }</td><td class="number">${
    value === undefined ? failureOf(attempt) : valueText(results.measure, value)
  }</td></tr>`;
}

function failureOf({ runs }: Attempt): string {
  for (const { outcome } of runs) {
    if ("error" in outcome) return `failed: ${outcome.error.code ?? outcome.error.message}`;
  }
  return "–";
}

function costView(results: TuningResults, mark: Mark): Html {
  const row = (name: Html, what: string, spent: Spent) =>
    markup`<tr><td class="name">${name}${what && markup` <small>${what}</small>`}</td>${
      costCells(spent).map((cell) => markup`<td class="number">${cell}</td>`)
    }</tr>`;
  const rows = results.searches.flatMap((search) => {
    const { search: searched, fresh } = results.spentOn(search);
    const name = mark(search.variant.name);
    return [row(name, "", searched), row(name, "fresh seeds", fresh)];
  });
  return markup`<div class="table"><table><thead><tr><th></th>${
    COST_HEADS.map((head) => markup`<th class="number">${head}</th>`)
  }</tr></thead><tbody>${rows}</tbody></table></div>
<p class="note">Measuring is in the time, and not in the steps. Every variant had the same trials of the
same steps; equal steps are not equal time.</p>`;
}
