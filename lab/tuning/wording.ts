/** Numbers and sentences of tuning runs, for all reports. */
import { count, percent } from "../format.ts";
import type { Measure } from "../comparison/measures.ts";
import { difference } from "../comparison/statements.ts";
import type { Best, Estimate, TuningResults, VariantSearch, Worth } from "./results.ts";
import type { Method } from "./search.ts";

/** A value of the primary measure. */
export function valueText(measure: Measure, value: number): string {
  return measure.unit === "steps" ? count(value) : percent(value);
}

/** A difference in it. */
export function differenceText(measure: Measure, value: number): string {
  if (measure.unit === "steps") return difference(measure, value);
  return `${value < 0 ? "−" : "+"}${Math.abs(100 * value).toFixed(1)} points`;
}

/** A mean with its interval. */
export function estimateText(
  { mean, ci95: [low, high] }: Estimate,
  text: (value: number) => string,
) {
  return `${text(mean)} (${text(low)} to ${text(high)})`;
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
  const value = (number: number) => valueText(measure, number);
  const by = estimateText(difference, (number) => differenceText(measure, number));
  return `${estimateText(tuned, value)} tuned, ${estimateText(untuned, value)} as it was: ${by}`;
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

/** Whether the interval of the difference leaves 0 out, in words. */
export function verdictText({ measure }: TuningResults, { difference }: Worth): string {
  const [low, high] = difference.ci95;
  if (low <= 0 && high >= 0) return "no difference is shown";
  const isBetter = measure.better === "higher" ? low > 0 : high < 0;
  return isBetter ? "tuning helps" : "tuning harms";
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
    "as it was. Intervals are 95 % (bootstrap over seeds); other worlds they do not cover. What the " +
    "search itself says of its best is too good, since it was chosen by that.",
    "A claim between variants needs a comparison on test worlds.",
  ];
}
