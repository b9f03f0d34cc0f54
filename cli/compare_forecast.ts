/** What a comparison says of itself before it starts, and whether it may. */
import { TandemError } from "../core/base/errors.ts";
import { waitingOf } from "../experiments/run_looks.ts";
import { canBeShortened, shortTrials } from "../experiments/short_trials.ts";
import type { TrialStates } from "../experiments/trial_states.ts";
import type { RunnableTrial } from "../experiments/trials.ts";
import {
  hoursText,
  knownSeconds,
  type Pace,
  paceText,
  powerText,
  threadHours,
} from "../lab/comparison/forecast.ts";
import type { Results } from "../lab/comparison/results.ts";
import type { TrialStore } from "../lab/store.ts";
import { printError } from "./print.ts";

/** What {@linkcode forecast} takes. */
export interface ForecastOptions {
  readonly store: TrialStore;
  readonly states: TrialStates;
  readonly retry: boolean;
  readonly jobs: number;
  readonly sandbox: boolean;
  readonly signal: AbortSignal;
  readonly quiet: boolean;
  readonly spread?: number;
  /** Hours of one thread by the clock above which one asks. */
  readonly maxHours?: number;
}

/**
 * Tells what the seeds can show and what the plan takes, by trials in the store and by short ones.
 *
 * @param results By what is in the store.
 * @returns Whether the plan may start.
 * @throws {TandemError} E_ARGUMENT where it takes more than --max-hours and nobody can be asked.
 */
export async function forecast(
  trials: readonly RunnableTrial[],
  results: Results,
  options: ForecastOptions,
): Promise<boolean> {
  const { quiet, spread, maxHours, jobs } = options;
  const waiting = waitingOf(trials, options.states, options.store, options.retry);
  if (waiting.length === 0) return true;
  if (!quiet) powerText(results, spread).forEach((line) => printError(line));
  if (quiet && maxHours === undefined) return true;
  const measured = await secondsOf(waiting, results, options);
  if (!measured) {
    if (!quiet) {
      printError(`To run: ${waiting.length} trials; how long they take the first will tell.`);
    }
    return true;
  }
  const { pace, by } = measured;
  if (!quiet) printError(paceText(pace, jobs, by));
  return isAllowed(threadHours(pace.most), maxHours, "seeds, variants, levels or iterations");
}

/** The seconds of what waits; undefined where they are not known. */
async function secondsOf(
  waiting: readonly RunnableTrial[],
  results: Results,
  options: ForecastOptions,
): Promise<{ pace: Pace; by: string } | undefined> {
  const cell = ({ variant, level }: RunnableTrial) => `${variant.name}\n${level}`;
  const known = new Map<string, number>();
  for (const trial of waiting) {
    const level = trial.level ?? results.levels[0]!;
    const isShown = results.levels.includes(level) &&
      results.plan.variants.some(({ name }) => name === trial.variant.name);
    // What others begin from may be of none of the plan's cells.
    const seconds = isShown ? knownSeconds(results, trial.variant.name, level) : undefined;
    if (seconds !== undefined) known.set(cell(trial), seconds);
  }
  // One of each variant: its levels take about equally long.
  const unknown = waiting.filter((trial, i) =>
    !known.has(cell(trial)) &&
    waiting.findIndex(({ variant }) => variant.name === trial.variant.name) === i
  );
  const isMeasured = unknown.length > 0 &&
    (options.maxHours !== undefined || unknown.every(canBeShortened));
  const short = isMeasured ? await shortTrials(unknown, options) : [];
  const byVariant = new Map(unknown.map((trial, i) => [trial.variant.name, short[i]]));
  const each = waiting.map((trial) => known.get(cell(trial)) ?? byVariant.get(trial.variant.name));
  if (each.some((seconds) => seconds === undefined)) return undefined;
  const [look = results.plan.seeds.length] = results.looks ?? [];
  const early = new Set(results.plan.seeds.slice(0, look));
  const first = each.filter((_, i) =>
    early.has(waiting[i]!.seed) || !results.plan.seeds.includes(waiting[i]!.seed)
  ) as number[];
  const by = isMeasured ? "by a short trial of each variant" : "by the trials in the store";
  return { pace: { first, most: each as number[] }, by };
}

/**
 * Whether so many hours may be spent: asks whoever sits at the terminal.
 *
 * @param fewer What there could be less of.
 * @throws {TandemError} E_ARGUMENT where it is more than allowed and nobody can be asked.
 */
export function isAllowed(hours: number, maxHours: number | undefined, fewer: string): boolean {
  if (maxHours === undefined || hours <= maxHours) return true;
  const takes = `The plan may take ${hoursText(hours)} of one core, and --max-hours allows ` +
    `${hoursText(maxHours)}`;
  if (Deno.stdin.isTerminal()) return confirm(`${takes}. Start it all the same?`);
  throw new TandemError(
    "E_ARGUMENT",
    `${takes}. Say --max-hours ${Math.ceil(10 * hours) / 10}, or take fewer ${fewer}.`,
  );
}
