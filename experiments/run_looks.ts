/** Runs a plan's seeds by and by, until it is decided or its bound is reached. */
import type { Reached } from "../lab/comparison/results.ts";
import type { Plan } from "../lab/plan.ts";
import type { TrialStore } from "../lab/store.ts";
import type { ClusterEnd } from "./cluster/coordinate.ts";
import { runPlan, type RunPlanOptions } from "./run_plan.ts";
import type { TrialStates } from "./trial_states.ts";
import type { RunnableTrial } from "./trials.ts";

/** What {@linkcode runLooks} takes beside what {@linkcode runPlan} does. */
export interface LooksOptions extends RunPlanOptions {
  readonly plan: Plan;
  /** Whether trials that failed before are run again. */
  readonly retry: boolean;
  /** Called when the seeds of a look have ended; the variants that need more, none where all is decided. */
  readonly look: (reached: Reached) => ReadonlySet<string>;
}

/** How far a plan came. */
export interface LooksEnd extends ClusterEnd {
  /** By variant, seeds that were looked at last, or were to be when one stopped. */
  readonly reached: Reached;
}

/**
 * Runs the trials of the first seeds, looks, and goes on with more, of the variants that need them,
 * until none does, a trial has failed, or the signal comes. A plan without looks is run to its end. What the store has is not run
 * again, so that a plan that was stopped passes its looks anew and stops where it would have.
 */
export async function runLooks(
  trials: readonly RunnableTrial[],
  { plan, retry, look, ...options }: LooksOptions,
): Promise<LooksEnd> {
  const { store, stop } = options;
  const reached = new Map(plan.variants.map(({ name }) => [name, 0]));
  let unverified = 0;
  let open: ReadonlySet<string> = new Set(reached.keys());
  for (const seeds of plan.looks ?? [plan.seeds.length]) {
    for (const name of open) reached.set(name, seeds);
    const asked = trials.filter(({ variant: { name }, seed }) =>
      plan.seeds.indexOf(seed) < reached.get(name)!
    );
    const waiting = waitingOf(asked, options.states, store, retry);
    const end = await runPlan(waiting, done(asked, waiting), options);
    unverified += end.unverified;
    const isWhole = asked.every(({ key }) => store.status(key) === "done");
    if (stop.signal.aborted || !isWhole) break;
    const needed = look(reached);
    open = new Set([...open].filter((name) => needed.has(name)));
    if (open.size === 0) break;
  }
  return { unverified, reached };
}

/**
 * The trials that are yet to be run, and before them those that they begin from: those that are not of
 * the plan, and those of which nothing is kept.
 */
export function waitingOf(
  asked: readonly RunnableTrial[],
  states: TrialStates,
  store: TrialStore,
  retry: boolean,
): RunnableTrial[] {
  const waiting = asked.filter((trial) => isWaiting(trial, store, retry));
  const found = new Map<string, RunnableTrial>();
  const gather = (trials: readonly RunnableTrial[]) => {
    states.want(trials);
    for (const { trial } of trials.flatMap(({ sources }) => sources)) {
      const isNeeded = isWaiting(trial, store, retry) ||
        store.status(trial.key) === "done" && !states.has(trial);
      if (!isNeeded || found.has(trial.key)) continue;
      gather([trial]);
      found.set(trial.key, trial);
    }
  };
  gather(waiting);
  const keys = new Set(waiting.map(({ key }) => key));
  return [...[...found.values()].filter(({ key }) => !keys.has(key)), ...waiting];
}

/** How many of those that are asked for need not be run. */
function done(asked: readonly RunnableTrial[], waiting: readonly RunnableTrial[]): number {
  const keys = new Set(waiting.map(({ key }) => key));
  return asked.filter(({ key }) => !keys.has(key)).length;
}

/** Whether a trial is yet to be run. */
export function isWaiting({ key }: RunnableTrial, store: TrialStore, retry: boolean): boolean {
  const status = store.status(key);
  return status === undefined || (retry && status === "failed");
}
