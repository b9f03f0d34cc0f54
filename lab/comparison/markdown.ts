/** results.md: a comparison as text, to be kept beside the code that made it. */
import { outsideText } from "@tandem/core/internal";
import { percent } from "../format.ts";
import { mean } from "../statistics/sample.ts";
import { muteText, usageOf } from "../teacher_usage.ts";
import { effectOf, retentionOf } from "./advice.ts";
import { type Claim, claimsOf } from "./claims.ts";
import { effortOf, iterationCost } from "./costs.ts";
import { stoppingText } from "./decision.ts";
import { type Measure, measuresFor, whyUnscored } from "./measures.ts";
import type { Origin } from "./page/header_view.ts";
import { registrationText } from "./registration.ts";
import type { Cell, Results } from "./results.ts";
import type { TrialRecord } from "../trial.ts";
import { milliseconds, shareName } from "./wording.ts";
import { accuraciesOf, ACCURACY_HEADS, ACCURACY_NOTE, accuracyRow } from "./accuracy.ts";
import { EQUAL_COST_NOTE, equalCostOf, equalCostText } from "./equal_cost.ts";
import { spendingCells, spendingHeads } from "./spending.ts";
import { endOf, endWords, worldsText } from "./worlds.ts";
import { numbers, phrase, statementsOf, tally, testsText } from "./statements.ts";

/** The results, the statements and how they came about. */
export function renderMarkdown(results: Results, origin: Origin): string {
  const { version, device, command } = origin;
  const { plan, question, levels, runs, trials } = results;
  const { schedule } = plan.pipeline;
  const claims = claimsOf(results);
  return [
    `# ${results.variants.map((name) => markdownText(name)).join(", ")}`,
    "",
    ...codeBlock(command),
    "",
    `Tandem ${version}, ${
      markdownText(device)
    }; ${runs.length} of ${trials.length} runs, ${results.seeds.length} ` +
    `seeds, ${schedule.iterations} iterations of ${schedule.envs} × ${schedule.steps} steps.`,
    "",
    ...(origin.about ?? []).flatMap((text) => [markdownText(text, LONGEST_TOLD), ""]),
    worldsText(results, origin.testedPlans).join(" "),
    ...(origin.registration
      ? ["", markdownText(registrationText(origin.registration), LONGEST_TOLD)]
      : []),
    "",
    ...levels.flatMap((level) => [...levelTable(results, level), ""]),
    ...muteLines(results),
    "## What the data says",
    "",
    ...[stoppingText(results)].flatMap((text) => text === undefined ? [] : [text, ""]),
    `${tally(claims)}. ${testsText(results)} In brackets 95 % bootstrap intervals; Cliff's δ.`,
    "",
    ...statementLines(results, claims),
    "",
    ...equalCostLines(results),
    ...accuracyLines(results),
    `“Solved” is the first measurement at ${shareName(question.threshold)} or more. A score is 0 ` +
    "for random actions and 1 for the expert; a level without a score is compared by success, and by " +
    "itself alone. The whole report is made by the command above.",
    "",
  ].join("\n");
}

function levelTable(results: Results, level: string): string[] {
  const { threshold, prices } = results.question;
  const unscored = whyUnscored(results, level);
  const [final, area] = measuresFor(threshold, "score");
  const score = (measure: Measure, records: readonly TrialRecord[]) =>
    unscored === null ? mean(records.map(measure.of)).toFixed(3) : "no score";
  const heads = [
    markdownText(level),
    `success at the end${endWords(results)}`,
    "score",
    "mean score",
    `episodes to ${shareName(threshold)} (runs)`,
    "guidance right",
    "success without the teacher",
    "effect of a suggestion",
    "an iteration, of it feedback",
    ...spendingHeads(prices),
  ];
  const rows = results.variants.map((variant) => {
    const cell = results.cell(variant, level);
    const name = markdownText(variant);
    const records = cell.runs.map(({ record }) => record);
    if (records.length === 0) return tableRow([name, ...heads.slice(1).map(() => "–")]);
    const { median, reached, runs } = effortOf(cell, threshold, "episodes");
    const cost = iterationCost([cell]);
    return tableRow([
      name,
      percent(mean(records.map(({ summary }) => endOf(summary).success))),
      score(final!, records),
      score(area!, records),
      `${median === null ? "–" : Math.round(median)} (${reached}/${runs})`,
      guidanceOf(cell),
      withoutTeacher(cell),
      effectOf(cell, "effects")?.mean.toFixed(4) ?? "–",
      cost ? `${milliseconds(cost.seconds)}, ${percent(cost.feedbackShare)}` : "–",
      ...spendingCells(cell, prices),
    ]);
  });
  const note = unscored === null ? [] : ["", `No score on ${level}: ${unscored}.`];
  return [
    tableRow(heads),
    tableRow(heads.map((_, i) => i === 0 ? "---" : "---:")),
    ...rows,
    ...note,
  ];
}

/** What variants come to at the same cost; nothing where runs are missing. */
function equalCostLines(results: Results): string[] {
  const pairs = equalCostOf(results);
  if (pairs.length === 0) return [];
  const lines = pairs.map((pair) =>
    `- ${markdownText(pair.level)}: ${
      equalCostText({
        ...pair,
        variant: markdownText(pair.variant),
        against: markdownText(pair.against),
      })
    }`
  );
  return ["## At equal cost", "", EQUAL_COST_NOTE, "", ...lines, ""];
}

/** How often teachers are right; nothing where nobody can judge. */
function accuracyLines(results: Results): string[] {
  const found = accuraciesOf(results);
  if (found.length === 0) return [];
  const tables = [...Map.groupBy(found, ({ level }) => level)].flatMap(([level, group]) => [
    tableRow([`teacher of, on ${markdownText(level)}`, ...ACCURACY_HEADS.slice(1)]),
    tableRow(ACCURACY_HEADS.map(() => "---")),
    ...group.map((each) =>
      tableRow(accuracyRow(each).map((cell) => markdownText(cell, LONGEST_CELL)))
    ),
    "",
  ]);
  return ["## How often teachers are right", "", ACCURACY_NOTE, "", ...tables];
}

/** Lines for a shell, in a fence that is longer than any in them. */
export function codeBlock(lines: string): string[] {
  const shown = outsideText(lines, { max: LONGEST_COMMAND, lines: true });
  const longest = Math.max(2, ...(shown.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = "`".repeat(longest + 1);
  return [`${fence}sh`, shown, fence];
}

const LONGEST_COMMAND = 100_000;

/** Teachers that left prompts without a usable answer. */
function muteLines(results: Results): string[] {
  const lines = results.levels.flatMap((level) =>
    results.variants.flatMap((variant) => {
      const mute = muteText(usageOf(results.cell(variant, level).runs));
      return mute === "" ? [] : [`The teacher of ${variant} on ${level}: ${mute} of its prompts.`];
    })
  );
  return lines.length > 0 ? [...lines, ""] : [];
}

/** A row of a table; what stands in it is Markdown. */
export function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** A longer name is cut, and a longer list of actions. */
const [LONGEST_NAME, LONGEST_CELL, LONGEST_TOLD] = [200, 4000, 10_000] as const;

/**
 * A text from elsewhere as Markdown shows it: on one line, with what would be markup or the end of a
 * cell written out.
 */
export function markdownText(text: string, max: number = LONGEST_NAME): string {
  return outsideText(text, { max })
    .replace(/[\\`*{}[\]<>|~$]|(?<!\w)_|_(?!\w)/g, (sign) => `\\${sign}`)
    .replace(/^([#>+-])/, "\\$1");
}

function guidanceOf({ runs }: Cell): string {
  const summaries = runs.map(({ record }) => record.summary);
  const start = summaries.flatMap(({ guidanceAccuracy }) => guidanceAccuracy.start ?? []);
  const end = summaries.flatMap((summary) => endOf(summary).guidance ?? []);
  return end.length === 0 ? "–" : `${percent(mean(start))} → ${percent(mean(end))}`;
}

function withoutTeacher(cell: Cell): string {
  const retention = retentionOf(cell);
  return retention ? percent(retention.without.hits / retention.without.of) : "–";
}

function statementLines({ levels }: Results, claims: readonly Claim[]): string[] {
  const scope = levels.length > 1 ? null : levels[0]!;
  const statements = statementsOf(claims.filter(({ level }) => level === scope));
  return statements.flatMap(({ variant, against, shown, same, open, missing }) => [
    `- ${markdownText(variant)} against ${markdownText(against)}` +
    (missing === undefined ? "" : `: ${markdownText(missing)}`),
    ...[...shown, ...same, ...open].map((finding) => `  - ${phrase(finding)}: ${numbers(finding)}`),
  ]);
}
