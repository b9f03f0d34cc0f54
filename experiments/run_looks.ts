/** Runs a plan's seeds by and by, until it is decided or its bound is reached. */
import type { Plan } from "../lab/plan.ts";
import type { TrialStore } from "../lab/store.ts";
import type { ClusterEnd } from "./cluster/coordinate.ts";
import { runPlan, type RunPlanOptions } from "./run_plan.ts";
import type { RunnableTrial } from "./trials.ts";

/** What {@linkcode runLooks} takes beside what {@linkcode runPlan} does. */
export interface LooksOptions extends RunPlanOptions {
  readonly plan: Plan;
  /** Whether trials that failed before are run again. */
  readonly retry: boolean;
  /** Called when the seeds of a look have ended; whether they are enough. */
  readonly isEnough: (seeds: number) => boolean;
}

/** How far a plan came. */
export interface LooksEnd extends ClusterEnd {
  /** Seeds that were looked at last, or were to be when one stopped. */
  readonly seeds: number;
}

/**
 * Runs the trials of the first seeds, looks, and goes on with more until a look is enough, a trial has
 * failed, or the signal comes. A plan without looks is run to its end. What the store has is not run
 * again, so that a plan that was stopped passes its looks anew and stops where it would have.
 */
export async function runLooks(
  trials: readonly RunnableTrial[],
  { plan, retry, isEnough, ...options }: LooksOptions,
): Promise<LooksEnd> {
  const { store, stop } = options;
  let [unverified, seeds] = [0, 0];
  for (seeds of plan.looks ?? [plan.seeds.length]) {
    const asked = trials.filter(({ seed }) => plan.seeds.indexOf(seed) < seeds);
    const waiting = asked.filter((trial) => isWaiting(trial, store, retry));
    const end = await runPlan(waiting, asked.length - waiting.length, options);
    unverified += end.unverified;
    const isWhole = asked.every(({ key }) => store.status(key) === "done");
    if (stop.signal.aborted || !isWhole || isEnough(seeds)) break;
  }
  return { unverified, seeds };
}

/** Whether a trial is yet to be run. */
export function isWaiting({ key }: RunnableTrial, store: TrialStore, retry: boolean): boolean {
  const status = store.status(key);
  return status === undefined || (retry && status === "failed");
}
