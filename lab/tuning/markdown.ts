/** tuning.md: a tuning run as text, to be kept beside the plan that made it. */
import { count, percent } from "../format.ts";
import { codeBlock, markdownText, tableRow } from "../comparison/markdown.ts";
import type { TuningOrigin } from "./document.ts";
import type { Attempt, TuningResults, VariantSearch } from "./results.ts";
import {
  COST_HEADS,
  costCells,
  estimateText,
  gainText,
  methodText,
  settingsText,
  stateText,
  valueText,
  verdictText,
} from "./wording.ts";

/** Longest cell with settings. */
const LONGEST = 2000;

/** The best of each variant, what decides, what was tried and what it cost. */
export function renderTuningMarkdown(results: TuningResults, origin: TuningOrigin): string {
  const { searches, measure } = results;
  return [
    `# Tuning of ${searches.map(({ variant }) => markdownText(variant.name)).join(", ")}`,
    "",
    ...codeBlock(origin.command),
    "",
    `Tandem ${origin.version}, ${markdownText(origin.device)}. ${methodText(results).join(" ")}`,
    "",
    ...table(
      [
        "",
        "best",
        `${measure.name} in the search`,
        "on fresh seeds",
        "as it was",
        "difference",
        "",
      ],
      searches.map((search) => bestRow(results, search)),
    ),
    "",
    ...commandLines(results, origin),
    "## What decides",
    "",
    "The share of the variance of ranks that an option explains by itself, adjusted for chance, and how " +
    "likely so much is by chance (shuffled, after Holm). What options do together it does not tell.",
    "",
    ...table(
      ["option", ...searches.map(({ variant }) => markdownText(variant.name))],
      importanceRows(results),
    ),
    "",
    "## What it cost",
    "",
    ...table(
      ["", "trials", ...COST_HEADS],
      searches.flatMap((search) => costRows(results, search)),
    ),
    "",
    "## What was tried",
    "",
    ...searches.flatMap((search) => [
      ...table(
        [`${markdownText(search.variant.name)} #`, "settings", "iterations", "runs", measure.name],
        search.attempts.map((attempt) => attemptRow(results, attempt)),
      ),
      "",
    ]),
  ].join("\n");
}

function bestRow(results: TuningResults, search: VariantSearch): string[] {
  const { measure } = results;
  const name = markdownText(search.variant.name);
  const [best, worth] = [results.bestOf(search), results.worthOf(search)];
  if (!best || !worth) {
    const settings = best ? markdownText(settingsText(best), LONGEST) : "–";
    return [name, settings, "–", "–", "–", "–", stateText(results, search) ?? ""];
  }
  return [
    name,
    markdownText(settingsText(best), LONGEST),
    valueText(measure, best.value),
    estimateText(measure, worth.tuned),
    estimateText(measure, worth.untuned),
    gainText(measure, worth.difference),
    verdictText(results, worth),
  ];
}

/** The commands that run the best, and the one that compares what was found. */
function commandLines(results: TuningResults, origin: TuningOrigin): string[] {
  const runs = results.searches.flatMap((search) => {
    const best = results.bestOf(search);
    const command = best && origin.runs([...search.variant.settings, ...best.settings]);
    return command === undefined ? [] : [command];
  });
  return [...codeBlock([...runs, origin.compares].join("\n")), ""];
}

function importanceRows(results: TuningResults): string[][] {
  const found = results.searches.map((search) => results.importanceOf(search));
  return results.plan.space.map(({ name }) => [
    markdownText(name),
    ...found.map((importance) => {
      const own = importance?.find((each) => each.name === name);
      return own ? `${percent(own.share)} (p = ${own.p.toPrecision(2)})` : "–";
    }),
  ]);
}

function costRows(results: TuningResults, search: VariantSearch): string[][] {
  const { search: searched, fresh } = results.spentOn(search);
  const name = markdownText(search.variant.name);
  return [
    [name, count(search.attempts.length), ...costCells(searched)],
    [`${name}, fresh seeds`, "", ...costCells(fresh)],
  ];
}

function attemptRow(results: TuningResults, attempt: Attempt): string[] {
  const { number, settings, iterations, runs } = attempt;
  const value = results.valueOf(runs);
  return [
    `${number}`,
    markdownText(settings.join(", "), LONGEST),
    count(iterations),
    count(runs.length),
    value === undefined ? "failed" : valueText(results.measure, value),
  ];
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [tableRow(heads), tableRow(heads.map(() => "---")), ...rows.map(tableRow)];
}
