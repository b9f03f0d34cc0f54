/** Numbers and sentences of tuning runs, for all reports. */
import { compact, count, duration, percent } from "../format.ts";
import type { Measure } from "../comparison/measures.ts";
import { ALPHA } from "../comparison/claims.ts";
import { difference, pText } from "../comparison/statements.ts";
import { leastPairedP } from "../statistics/hypothesis.ts";
import type { Best, Estimate, Spent, TuningResults, VariantSearch, Worth } from "./results.ts";
import type { Method } from "./search.ts";

/** A value of the primary measure. */
export function valueText(measure: Measure, value: number): string {
  return measure.unit === "steps" ? count(value) : percent(value);
}

/** A difference in it. */
function differenceText(measure: Measure, value: number): string {
  if (measure.unit === "steps") return difference(measure, value);
  return `${value < 0 ? "−" : "+"}${Math.abs(100 * value).toFixed(1)} points`;
}

/** A mean of the primary measure with its interval. */
export function estimateText(measure: Measure, { mean, ci95: [low, high] }: Estimate): string {
  return `${valueText(measure, mean)} (${valueText(measure, low)} to ${valueText(measure, high)})`;
}

/** A mean difference with its interval. */
export function gainText(measure: Measure, { mean, ci95 }: Estimate): string {
  const [low, high] = ci95.map((end) => differenceText(measure, end).replace(" points", ""));
  return `${differenceText(measure, mean)} (${low} to ${high})`;
}

/** Settings as they are told in a row. */
export function settingsText({ settings, tied }: Best): string {
  const others = tied > 0 ? ` (${tied} other${tied === 1 ? "" : "s"} came to the same)` : "";
  return settings.join(", ") + others;
}

/** What the best of a variant is worth, in a sentence. */
export function worthText(
  { measure }: TuningResults,
  { tuned, untuned, difference }: Worth,
): string {
  return `${estimateText(measure, tuned)} tuned, ${estimateText(measure, untuned)} as it was: ` +
    gainText(measure, difference);
}

/** What is known of a variant's search, where it has not come to its end. */
export function stateText(results: TuningResults, search: VariantSearch): string | undefined {
  const best = results.bestOf(search);
  if (results.worthOf(search)) return undefined;
  if (best) return "the runs with fresh seeds have not all ended well";
  return search.attempts.length === 0
    ? "nothing has ended yet"
    : "no whole trial has ended well yet";
}

/** Whether tuning is shown to change anything, in words. */
export function verdictText({ measure }: TuningResults, { difference, p }: Worth): string {
  const floor = leastPairedP(difference.seeds);
  if (floor > ALPHA) return `${difference.seeds} fresh seeds cannot show a difference`;
  if (p > ALPHA) return `no difference is shown, ${pText(p)}`;
  const isBetter = measure.better === "higher" ? difference.mean > 0 : difference.mean < 0;
  return `${isBetter ? "tuning helps" : "tuning harms"}, ${pText(p)}`;
}

/** The ways of searching, in words. */
export const METHOD_NAMES: Readonly<Record<Method, string>> = {
  tpe: "the tree-structured Parzen estimator",
  random: "random search",
  grid: "a grid",
  halving: "successive halving",
};

/** How it was made, in sentences. */
export function methodText({ plan, measure }: TuningResults): string[] {
  const { method, trials, seeds, freshSeeds, pipeline: { schedule, evaluation } } = plan;
  return [
    `Every variant was searched by ${METHOD_NAMES[method]} at the cost of ${
      count(trials)
    } whole trials, ` +
    `each of ${count(seeds)} run${seeds === 1 ? "" : "s"} a level, of ${
      count(schedule.iterations)
    } ` +
    `iterations of ${schedule.envs} × ${schedule.steps} steps: all trials of equal length cost the same ` +
    "steps, whatever they set.",
    `What is made better is the ${measure.name}, on ${
      count(evaluation.episodes)
    } development worlds, ` +
    "which all runs share; no test world was touched.",
    `The best was then run with ${
      count(freshSeeds)
    } fresh seeds, which no search uses, beside the variant ` +
    "as it was. Intervals are 95 % (bootstrap over seeds), p is of a paired permutation test; other worlds " +
    "they do not cover. What the " +
    "search itself says of its best is too good, since it was chosen by that.",
    "A claim between variants needs a comparison on test worlds.",
  ];
}

/** Heads of the columns that {@linkcode costCells} fills. */
export const COST_HEADS: readonly string[] = [
  "runs",
  "failed",
  "steps",
  "time by the clock",
  "processor time",
  "questions",
  "tokens",
];

/** What runs have cost, column by column. */
export function costCells(spent: Spent): string[] {
  const { runs, failed, envSteps, seconds, processorSeconds, questions, tokens } = spent;
  return [
    count(runs),
    count(failed),
    compact(envSteps),
    duration(seconds),
    processorSeconds === null ? "–" : duration(processorSeconds),
    compact(questions),
    compact(tokens),
  ];
}
