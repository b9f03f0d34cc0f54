/** Serves a queue of trials: takes what fits, runs it, publishes what it came to. */
import { systemClock } from "../../core/context.ts";
import { TandemError } from "../../core/errors.ts";
import type { TrialOutcome } from "../../lab/store.ts";
import type { ClusterSettings } from "../../runtimes/nats/connect.ts";
import type { HeldTrial, TrialQueue } from "../../runtimes/nats/trial_queue.ts";
import { decodeSaved, encodeSaved, type FoundTrial } from "../saved_trial.ts";
import type { TrialAnswer, TrialWatch } from "../trial_pool.ts";
import type { SavedTrial } from "../trial_worker.ts";
import type { DeadMessage, ResultMessage, TrialMessage } from "./messages.ts";
import type { TrialEnd } from "./worker_state.ts";

/** Runs one trial; as a thread does. */
export type RunTrial = (
  trial: TrialMessage & { readonly key: string; readonly saved?: SavedTrial },
  watch: Required<TrialWatch>,
) => Promise<TrialAnswer>;

/** What {@linkcode serve} takes. */
export interface ServeOptions {
  readonly queue: TrialQueue;
  readonly fit: string;
  /** The worker's name. */
  readonly id: string;
  /** Trials side by side. */
  readonly jobs: number;
  readonly settings: Pick<ClusterSettings, "patience" | "tries">;
  /** Makes a lane's own runner. */
  lane(): { run: RunTrial; end(): void };
  /** Aborted when running trials shall be given back. */
  readonly signal: AbortSignal;
  readonly onStart: (trial: TrialMessage, iteration: number) => void;
  readonly onIteration: (trial: TrialMessage, iteration: number) => void;
  /** Told how a trial ended here. */
  readonly onEnd: (trial: TrialMessage, how: TrialEnd) => void;
}

/**
 * A trial that was handed out so often and came to nothing is what kills the workers. Each that is
 * lost for another reason leaves a checkpoint, so that the trial gets on.
 */
const MOST_HANDED_OUT = 20;
/** Milliseconds that a worker waits for a trial before it looks round. */
const WAIT = 2000;

/** Works until the signal. The server may go and come back meanwhile. */
export async function serve(options: ServeOptions): Promise<void> {
  await Promise.all(Array.from({ length: options.jobs }, () => workLane(options)));
}

async function workLane(options: ServeOptions): Promise<void> {
  const { queue, fit, signal } = options;
  const lane = options.lane();
  try {
    while (!signal.aborted) {
      let trial: HeldTrial | undefined;
      try {
        trial = await queue.take(fit, WAIT);
      } catch {
        await systemClock.sleep(500, signal); // the server is away
        continue;
      }
      if (trial) await workOn(trial, lane.run, options);
    }
  } finally {
    lane.end();
  }
}

async function workOn(held: HeldTrial, run: RunTrial, options: ServeOptions): Promise<void> {
  const { queue, signal, settings, id, onStart, onEnd } = options;
  const trial = held.body as TrialMessage;
  if (signal.aborted) return held.letGo();
  const alive = setInterval(() => held.working(), 1000 * settings.patience / 4);
  try {
    // Who ran it before may have published its result and died, or been cut off.
    if (held.tries > 1 && await queue.hasResult(held.key)) return await held.done();
    if (held.tries > MOST_HANDED_OUT) {
      return await bury("every worker that took it was lost", held.tries - 1, null);
    }
    const saved = await savedTrial(queue, held.key);
    onStart(trial, saved?.iteration ?? 0);
    const answer = await run({ ...trial, key: held.key, saved: saved?.saved }, {
      onIteration: (iteration) => options.onIteration(trial, iteration),
      onCheckpoint: keeper(queue, held.key),
    });
    if (answer.type === "stopped") {
      held.letGo();
      return onEnd(trial, "given back");
    }
    if (answer.type === "done") {
      await publish({ record: answer.record });
      return onEnd(trial, "done");
    }
    const failures = await queue.countFailure(held.key);
    if (failures >= settings.tries) {
      await bury(answer.message, failures, answer.code);
      return onEnd(trial, "failed");
    }
    held.giveBack();
    onEnd(trial, "given back");
  } catch (error) {
    if (!signal.aborted && !(error instanceof TandemError)) held.giveBack();
    else held.letGo();
    onEnd(trial, "given back");
  } finally {
    clearInterval(alive);
  }

  async function publish(outcome: TrialOutcome): Promise<void> {
    const result: ResultMessage = { outcome, worker: id, tries: held.tries };
    await queue.publishResult(held.key, result, signal);
    await held.done().catch(() => {}); // handed out again, its result will be found
    await queue.drop(checkpointOf(held.key));
  }

  async function bury(why: string, tries: number, code: string | null): Promise<void> {
    const times = `${tries} ${tries === 1 ? "try" : "tries"}`;
    const message = `${why.replace(/\.$/, "")} (put aside after ${times}).`;
    const dead: DeadMessage = { key: held.key, plan: trial.plan, name: trial.name, tries, message };
    await queue.bury(held.key, dead, signal);
    await publish({ error: { code, message } });
  }
}

function checkpointOf(key: string): string {
  return `checkpoint.${key}`;
}

/** Keeps checkpoints, the newest only, one upload at a time; one that fails is made up for by the next. */
function keeper(queue: TrialQueue, key: string): (saved: SavedTrial) => void {
  let busy = false;
  let next: SavedTrial | undefined;
  const send = async (saved: SavedTrial) => {
    busy = true;
    await queue.keep(checkpointOf(key), encodeSaved(saved)).catch(() => {});
    busy = false;
    const waiting = next;
    next = undefined;
    if (waiting) await send(waiting);
  };
  return (saved) => {
    if (busy) next = saved;
    else void send(saved);
  };
}

/** Where another worker left the trial, if that can be used. */
async function savedTrial(queue: TrialQueue, key: string): Promise<FoundTrial | undefined> {
  try {
    const bytes = await queue.find(checkpointOf(key));
    return bytes && decodeSaved(bytes, key);
  } catch {
    return undefined;
  }
}
