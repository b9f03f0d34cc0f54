/** What a tuning run says of itself before it goes on, and whether it may. */
import { canBeShortened, shortTrials } from "../experiments/short_trials.ts";
import type { Round } from "../experiments/tuning.ts";
import type { RunnableTrial } from "../experiments/trials.ts";
import { paceText, threadHours } from "../lab/comparison/forecast.ts";
import type { TuningResults } from "../lab/tuning/results.ts";
import { isAllowed } from "./compare_forecast.ts";
import { printError } from "./print.ts";

/** What {@linkcode forecastTuning} takes. */
export interface TuningForecastOptions {
  readonly jobs: number;
  readonly sandbox: boolean;
  readonly signal: AbortSignal;
  readonly quiet: boolean;
  /** Hours of one thread by the clock above which one asks. */
  readonly maxHours?: number;
}

/**
 * Tells how long the rest takes, by what has ended and by a short trial of each variant of which
 * nothing has.
 *
 * @returns Whether it may start.
 * @throws {TandemError} E_ARGUMENT where it takes more than --max-hours and nobody can be asked.
 */
export async function forecastTuning(
  { trials, ahead }: Round,
  results: TuningResults,
  options: TuningForecastOptions,
): Promise<boolean> {
  const { quiet, maxHours, jobs } = options;
  if (quiet && maxHours === undefined) return true;
  const paces = pacesIn(results);
  const samples = samplesOf(trials, paces);
  const isMeasured = samples.size > 0 &&
    (maxHours !== undefined || [...samples.values()].every(canBeShortened));
  if (isMeasured) {
    const seconds = await shortTrials([...samples.values()], options);
    for (const [i, [name, trial]] of [...samples].entries()) {
      const taken = seconds[i];
      if (taken !== undefined) paces.set(name, taken / iterationsOf(trial));
    }
  }
  const runs = [
    ...trials.map((trial) => ({ variant: variantOf(trial), iterations: iterationsOf(trial) })),
    ...ahead,
  ];
  if (runs.some(({ variant }) => !paces.has(variant))) {
    if (!quiet) printError(`To run: ${runs.length} runs; how long they take the first will tell.`);
    return true;
  }
  const most = runs.map(({ variant, iterations }) => iterations * paces.get(variant)!);
  const by = isMeasured ? "by a short trial of each variant" : "by what has ended";
  if (!quiet) printError(paceText({ first: most, most }, jobs, by));
  return isAllowed(threadHours(most), maxHours, "trials, seeds, variants, levels or iterations");
}

/** Seconds an iteration, measuring among them, by variant, as far as something has ended. */
function pacesIn({ searches }: TuningResults): Map<string, number> {
  const paces = new Map<string, number>();
  for (const { variant, attempts } of searches) {
    const summaries = attempts.flatMap(({ runs }) => runs).flatMap(({ outcome }) =>
      "record" in outcome ? [outcome.record.summary] : []
    );
    const iterations = summaries.reduce((sum, summary) => sum + summary.iterations, 0);
    const seconds = summaries.reduce((sum, summary) => sum + summary.wallSeconds, 0);
    if (iterations > 0) paces.set(variant.name, seconds / iterations);
  }
  return paces;
}

/** A trial of each variant of which no pace is known. */
function samplesOf(
  trials: readonly RunnableTrial[],
  paces: ReadonlyMap<string, number>,
): Map<string, RunnableTrial> {
  const samples = new Map<string, RunnableTrial>();
  for (const trial of trials) {
    const name = variantOf(trial);
    if (!paces.has(name) && !samples.has(name)) samples.set(name, trial);
  }
  return samples;
}

/** The variant that a trial of a search is of: behind it stands which trial it is. */
function variantOf({ variant }: RunnableTrial): string {
  return variant.name.replace(/ \S+$/, "");
}

function iterationsOf({ content }: RunnableTrial): number {
  return content.pipeline.schedule.iterations;
}
