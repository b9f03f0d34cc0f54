/** Measures how long trials take, by short ones of which nothing is kept. */
import { withoutSources } from "../lab/sources.ts";
import type { TrialRecord } from "../lab/trial.ts";
import { runTrials } from "./trial_pool.ts";
import type { RunnableTrial } from "./trials.ts";

/** Iterations of a short trial: the first alone compiles and fills caches. */
const ITERATIONS = 2;

/** A trial is short enough to wait for where a short one of it would be no shorter. */
export function canBeShortened({ content: { pipeline } }: RunnableTrial): boolean {
  return pipeline.schedule.iterations > 10 * ITERATIONS;
}

/**
 * Seconds that trials will take, each measured by its first iterations and extended; undefined where a
 * short one failed or was stopped.
 *
 * @returns In the order of the trials.
 */
export async function shortTrials(
  trials: readonly RunnableTrial[],
  options: { readonly jobs: number; readonly sandbox: boolean; readonly signal: AbortSignal },
): Promise<(number | undefined)[]> {
  const shortened = trials.map((trial) => ({ trial, ...shortOf(trial) }));
  const seconds = new Map<RunnableTrial, number>();
  await runTrials(shortened, {
    ...options,
    onStart: () => {},
    onIteration: () => {},
    onEnd: ({ trial }, outcome) => {
      if ("record" in outcome) seconds.set(trial, extended(trial, outcome.record));
    },
  });
  return trials.map((trial) => seconds.get(trial));
}

function shortOf({ content, key }: RunnableTrial) {
  const { schedule, evaluation } = content.pipeline;
  const pipeline = {
    // What a trial begins with changes what it comes to, and not how long it takes.
    ...withoutSources(content.pipeline),
    schedule: { ...schedule, iterations: ITERATIONS },
    evaluation: { ...evaluation, every: ITERATIONS },
  };
  return { content: { ...content, pipeline }, key };
}

/** The seconds of a whole trial by those of a short one: so much an iteration and a measurement. */
function extended({ content: { pipeline } }: RunnableTrial, { summary, evaluations }: TrialRecord) {
  const { iterations } = pipeline.schedule;
  const training = summary.trainingSeconds / summary.iterations;
  const measuring = (summary.wallSeconds - summary.trainingSeconds) / evaluations.length;
  return iterations * training + (1 + iterations / pipeline.evaluation.every) * measuring;
}
