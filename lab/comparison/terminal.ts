/** What a comparison prints at its end. */
import { compact, duration, percent } from "../format.ts";
import { rate } from "../statistics/proportions.ts";
import { mean } from "../statistics/sample.ts";
import { retentionOf } from "./advice.ts";
import { claimsOf } from "./claims.ts";
import { muteText, usageOf } from "../teacher_usage.ts";
import { effortOf } from "./costs.ts";
import { stoppingText } from "./decision.ts";
import { whyUnscored } from "./measures.ts";
import type { Cell, Prices, Results } from "./results.ts";
import { shareName } from "./wording.ts";
import { equalCostOf, equalCostText } from "./equal_cost.ts";
import { spendingOf } from "./spending.ts";
import { endOf, worldsAtEnd } from "./worlds.ts";
import { sentence, statementsOf, tally } from "./statements.ts";

/** The results of each level, and what may be said of them. */
export function claimsTable(results: Results): string {
  const claims = claimsOf(results);
  const scope = results.levels.length > 1 ? null : results.levels[0]!;
  const statements = statementsOf(claims.filter(({ level }) => level === scope));
  const missing = new Set(statements.flatMap((statement) => statement.missing ?? []));
  return [
    ...results.levels.flatMap((level) => levelRows(results, level)),
    `Success at the end is of ${worldsAtEnd(results) ?? "test or development"} worlds.`,
    [stoppingText(results), `${tally(claims)}.`].filter(Boolean).join("\n"),
    ...statements.filter(({ shown, same }) => shown.length + same.length > 0)
      .map((shown) => `  ${sentence(shown)}`),
    ...equalCostOf(results).map((pair) => `  On ${pair.level}, ${equalCostText(pair)}.`),
    ...[...missing].map((reason) => `  No statement: ${reason}.`),
  ].join("\n");
}

function levelRows(results: Results, level: string): string[] {
  const { threshold, prices } = results.question;
  const cells = results.variants.map((variant) => results.cell(variant, level));
  const floors = cells.flatMap(({ runs }) => runs.map(({ record }) => record.summary.floor ?? NaN));
  const unscored = whyUnscored(results, level);
  const known = [
    floors.length > 0 && `random ${percent(mean(floors))}`,
    unscored !== null && `no score: ${unscored}`,
  ].filter(Boolean).join("; ");
  const floor = known === "" ? "" : ` (${known})`;
  const width = Math.max(...results.variants.map((name) => name.length));
  return [
    `${level}${floor}`,
    ...cells.map((cell) =>
      [`  ${cell.variant.padEnd(width)}`, cellRow(cell, threshold), ...spendingPart(cell, prices)]
        .join("  ")
    ),
    "",
  ];
}

function cellRow(cell: Cell, threshold: number): string {
  const { runs, failed, missing } = cell;
  const loose = runs.filter(({ record }) => record.summary.notReproducible).length;
  const notes = [
    failed.length > 0 && `${failed.length} failed`,
    missing.length > 0 && `${missing.length} not run`,
    loose > 0 && `${loose} not reproducible`,
    muteText(usageOf(runs)),
  ].filter(Boolean).join(", ");
  if (runs.length === 0) return notes;
  const { median, reached } = effortOf(cell, threshold, "episodes");
  const solved = median === null ? "–" : `${Math.round(median)} episodes`;
  const seconds = mean(runs.map(({ record }) => record.summary.wallSeconds));
  return [
    `success ${percent(mean(runs.map(({ record }) => endOf(record.summary).success)))}`,
    withoutTeacher(cell),
    `${shareName(threshold)} in ${solved} (${reached}/${runs.length} runs)`,
    duration(seconds),
    notes,
  ].filter((part) => part !== "").join("  ");
}

/** What the teacher and, where prices were told, all was worth; nothing for a variant that asks nobody. */
function spendingPart(cell: Cell, prices: Prices | undefined): string[] {
  const spent = spendingOf(cell, prices);
  if (!spent) return [];
  const parts = [
    spent.processorSeconds !== null && `${duration(spent.processorSeconds)} of a processor`,
    spent.questions > 0 && `${compact(spent.questions)} questions`,
    spent.tokens > 0 && `${compact(spent.tokens)} tokens`,
    spent.money !== null && `money ${spent.money.toPrecision(2)}`,
  ].filter((part) => part !== false);
  return parts.length > 0 ? [parts.join(", ")] : [];
}

/** What is left without the teacher, where one was heard. */
function withoutTeacher(cell: Cell): string {
  const retention = retentionOf(cell);
  return retention ? `(${percent(rate(retention.without))} without the teacher)` : "";
}
