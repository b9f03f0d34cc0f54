/** Runs what waits of a plan, here or on a cluster, and keeps what comes of it. */
import { duration, percent } from "../lab/format.ts";
import { trialName } from "../lab/plan.ts";
import type { PlanDisplay } from "../lab/plan_progress.ts";
import { type Planned, PlanTracker } from "../lab/plan_tracker.ts";
import type { TrialOutcome, TrialStore } from "../lab/store.ts";
import type { ClusterEnd, ClusterOptions } from "./cluster/coordinate.ts";
import type { StageStates } from "../core/run/result.ts";
import { TrialCheckpoints } from "./trial_checkpoints.ts";
import { runTrials } from "./trial_pool.ts";
import type { TrialStates } from "./trial_states.ts";
import type { RunnableTrial } from "./trials.ts";

/** What {@linkcode runPlan} takes. */
export interface RunPlanOptions {
  readonly store: TrialStore;
  readonly jobs: number;
  readonly sandbox: boolean;
  /** Where trials that are under way are kept, and the seconds between two checkpoints of one. */
  readonly checkpoints: { readonly folder: string; readonly seconds: number };
  /** Where what trials had learned is kept for others. */
  readonly states: TrialStates;
  readonly stop: AbortController;
  /** Makes the display of the progress, which is taken down at the end. */
  readonly show: (tracker: PlanTracker) => Promise<PlanDisplay>;
  /** Told what goes wrong on the way and ends nothing. */
  readonly warn: (sentence: string) => void;
  /** Runs that come after these, for who tells how long it takes yet. */
  readonly ahead?: readonly Planned[];
  /** Where workers run the trials, in place of threads here. */
  readonly onCluster?: Omit<ClusterOptions, "done" | "signal" | "onEnd" | "warn">;
}

/** Runs what waits and keeps what comes of it; a store that takes no more ends the work. */
export async function runPlan(
  waiting: readonly RunnableTrial[],
  done: number,
  options: RunPlanOptions,
): Promise<ClusterEnd> {
  const { store, jobs, sandbox, checkpoints, states, stop, show, warn, ahead = [], onCluster } =
    options;
  const planned = new Map(waiting.map((trial) => [trial, {
    name: trialName(trial),
    kind: trial.variant.name,
    iterations: trial.content.pipeline.schedule.iterations,
  }]));
  const tracker = new PlanTracker([...planned.values(), ...ahead], done, jobs);
  const progress = await show(tracker);
  const saved = new TrialCheckpoints(checkpoints.folder, progress.say);
  let [failure, end]: [unknown, ClusterEnd] = [undefined, { unverified: 0 }];
  const onEnd = (trial: RunnableTrial, outcome: TrialOutcome, learned: StageStates = {}) => {
    tracker.ended(planned.get(trial)!, "record" in outcome, performance.now());
    progress.say(`${trialName(trial)}: ${outcomeLine(outcome)}`);
    try {
      const misfit = misfitOf(outcome, store.get(trial.key));
      if (misfit) warn(`"${trialName(trial)}" was run again, and ${misfit}.`);
      else if (Object.keys(learned).length > 0) states.write(trial, learned);
      store.put(trial.key, trial.content, outcome, new Date());
      saved.drop(trial.key);
    } catch (error) {
      failure ??= error;
      stop.abort();
    }
  };
  const { signal } = stop;
  try {
    saved.dropDone((key) => store.status(key) === "done");
    if (onCluster) {
      const { runOnCluster } = await import("./cluster/coordinate.ts");
      end = await runOnCluster(waiting, { ...onCluster, done, signal, onEnd, warn });
    } else {
      await runTrials(waiting, {
        jobs,
        sandbox,
        signal,
        checkpoints: {
          seconds: checkpoints.seconds,
          find: (key) => saved.find(key),
          keep: (key, trial) => saved.keep(key, trial),
        },
        onStart: (trial, iteration) => {
          tracker.started(planned.get(trial)!, performance.now(), iteration);
          if (iteration > 0) progress.say(`${trialName(trial)}: on after iteration ${iteration}`);
        },
        onIteration: (trial, iteration) => {
          tracker.iterated(planned.get(trial)!, iteration, performance.now());
          progress.update();
        },
        after: ({ sources }) => sources.map(({ trial }) => trial.key),
        learnedFor: (trial) => states.learnedFor(trial),
        keeps: (trial) => states.wanted(trial),
        onEnd,
      });
    }
  } finally {
    progress.stop();
  }
  if (failure) throw failure;
  return end;
}

/** In what a trial differs that was run again for what it had learned; undefined where it does not. */
function misfitOf(outcome: TrialOutcome, before: TrialOutcome | undefined): string | undefined {
  if (!before || !("record" in before) || !("record" in outcome)) return undefined;
  const [was, is] = [before, outcome].map(({ record }) => record.summary.digest);
  return was === is ? undefined : `came to the digest "${is}" in place of "${was}"`;
}

function outcomeLine(outcome: TrialOutcome): string {
  if ("error" in outcome) {
    const { code, message } = outcome.error;
    return `failed, ${code ? `${code}: ` : ""}${message}`;
  }
  const { success, wallSeconds } = outcome.record.summary;
  return `success ${percent(success.end)} in ${duration(wallSeconds)}`;
}
