/** What a tuning run prints at its end. */
import { ALPHA } from "../comparison/claims.ts";
import { compact, count, duration } from "../format.ts";
import type { TuningOrigin } from "./document.ts";
import type { TuningResults, VariantSearch } from "./results.ts";
import { settingsText, stateText, valueText, verdictText, worthText } from "./wording.ts";

/** The best of each variant, what it is worth, and how to go on. */
export function tuningTable(results: TuningResults, origin: TuningOrigin): string {
  return [
    ...results.searches.flatMap((search) => variantLines(results, search, origin)),
    `Compare what was found on test worlds: ${origin.compares}`,
  ].join("\n");
}

function variantLines(
  results: TuningResults,
  search: VariantSearch,
  origin: TuningOrigin,
): string[] {
  const { variant, attempts } = search;
  const [best, worth, state] = [
    results.bestOf(search),
    results.worthOf(search),
    stateText(results, search),
  ];
  const important = results.importanceOf(search)?.filter(({ p }) => p <= ALPHA);
  const { envSteps, seconds, questions, runs, failed } = results.spentOn(search).search;
  const command = best && origin.runs([...variant.settings, ...best.settings]);
  return [
    variant.name,
    ...best ? [`  best      ${settingsText(best)}`] : [],
    ...best
      ? [`  search    ${valueText(results.measure, best.value)}, too good by the choice`]
      : [],
    ...worth ? [`  fresh     ${worthText(results, worth)}; ${verdictText(results, worth)}`] : [],
    ...state === undefined ? [] : [`  ${state}`],
    ...important && important.length > 0
      ? [
        `  decides   ${
          important.map(({ name, share }) => `${name} ${percentOf(share)}`).join(", ")
        }`,
      ]
      : [],
    `  spent     ${count(attempts.length)} trials, ${count(runs)} runs${
      failed > 0 ? ` (${count(failed)} failed)` : ""
    }, ${compact(envSteps)} steps, ${duration(seconds)}, ${compact(questions)} questions`,
    ...command ? [`  run       ${command}`] : [],
    "",
  ];
}

function percentOf(share: number): string {
  return `${Math.round(100 * share)} %`;
}
