/** Serves a queue of trials: takes what fits, runs it, publishes what it came to. */
import { systemClock } from "../../core/kit/context.ts";
import { TandemError } from "../../core/base/errors.ts";
import type { PipelineJson } from "../../core/pipeline/pipeline.ts";
import { outsideText } from "../../core/base/outside.ts";
import { trialKey, type TrialOutcome } from "../../lab/store.ts";
import type { ClusterSettings } from "../../runtimes/nats/settings.ts";
import { lastingFailure } from "../../runtimes/nats/failures.ts";
import type { HeldTrial, TrialQueue } from "../../runtimes/nats/trial_queue.ts";
import { decodeSaved, encodeSaved, type FoundTrial } from "../saved_trial.ts";
import type { TrialAnswer, TrialWatch } from "../trial_pool.ts";
import type { SavedTrial } from "../trial_worker.ts";
import {
  type DeadMessage,
  readMessage,
  type ResultMessage,
  type TrialMessage,
  Unreadable,
} from "./messages.ts";
import { Once } from "./once.ts";
import { readResult } from "./results.ts";
import { type TimeLimits, TrialClock } from "./time_limits.ts";
import type { TrialEnd } from "./worker_state.ts";

/** Runs one trial; as a thread does. */
export type RunTrial = (
  trial: TrialMessage & { readonly key: string; readonly saved?: SavedTrial },
  watch: Required<TrialWatch>,
) => Promise<TrialAnswer>;

/** Runs trials one after the other. */
export interface Lane {
  readonly run: RunTrial;
  /** Ends the trial that runs. Resolves to whether it let go, soon in any case. */
  giveUp(): Promise<boolean>;
  end(): void;
}

/** What {@linkcode serve} takes. */
export interface ServeOptions {
  readonly queue: TrialQueue;
  readonly machineClass: string;
  /** The device of the machine. */
  readonly device: string;
  /** The worker's name. */
  readonly id: string;
  /** Trials side by side. */
  readonly jobs: number;
  readonly settings: Pick<ClusterSettings, "patience" | "tries">;
  readonly limits: TimeLimits;
  /** Makes a lane's own runner, which gives up what it runs at the signal. */
  lane(signal: AbortSignal): Lane;
  /** Aborted when running trials shall be given back. */
  readonly signal: AbortSignal;
  readonly onStart: (trial: TrialMessage, iteration: number) => void;
  readonly onIteration: (trial: TrialMessage, iteration: number) => void;
  /** Told how a trial ended here. */
  readonly onEnd: (trial: TrialMessage, how: TrialEnd) => void;
  /** Told what is wrong, in sentences. */
  readonly warn: (sentence: string) => void;
}

/**
 * A trial that was handed out so often and came to nothing is what kills the workers. Each that is
 * lost for another reason leaves a checkpoint, so that the trial gets on.
 */
const MOST_HANDED_OUT = 20;
/** The same for one that waits for another worker than those that are there. */
const MOST_PASSED_ON = 5000;
/** Milliseconds that a worker waits for a trial before it looks round, and that it leaves one to others. */
const [WAIT, PASS] = [2000, 500];
/** The largest checkpoint that is read. */
const MOST_SAVED = 1024 ** 3;
/** Longest error that is told. */
const MOST_WORDS = 3500;

/**
 * Works until the signal. The server may go and come back meanwhile, with or without what it kept.
 *
 * @throws {TandemError} E_CLUSTER where the server refuses for good what the work needs.
 */
export async function serve(options: ServeOptions): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const aside = new Once(options.warn);
  const lanes = Array.from({ length: options.jobs }, async () => {
    try {
      await workLane({ ...options, signal }, aside);
    } catch (error) {
      failed.abort();
      throw error;
    }
  });
  const ends = await Promise.allSettled(lanes);
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

async function workLane(options: ServeOptions, aside: Once): Promise<void> {
  const { queue, machineClass, signal } = options;
  const lane = options.lane(signal);
  try {
    while (!signal.aborted) {
      let held: HeldTrial | undefined;
      try {
        held = await queue.take(machineClass, WAIT);
      } catch (error) {
        const lasting = lastingFailure(error);
        if (lasting) throw lasting;
        await systemClock.sleep(500, signal); // the server is away
        continue;
      }
      if (held) await judge(held, lane, options, aside);
    }
  } finally {
    lane.end();
  }
}

/** Works on a message if it is a trial for this worker. */
async function judge(
  held: HeldTrial,
  lane: Lane,
  options: ServeOptions,
  aside: Once,
): Promise<void> {
  if (options.signal.aborted) return held.letGo();
  let trial: TrialMessage;
  try {
    trial = trialIn(held, options.device);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const key = outsideText(held.key, { max: 20 });
    aside.tell(held.key, `A message on the queue, "${key}", is set aside: it ${error.message}.`);
    return held.setAside();
  }
  if (trial.notBy !== options.id) return await new Work(held, trial, lane, options).run();
  if (held.tries > MOST_PASSED_ON) return held.setAside();
  held.giveBack(PASS);
}

/** @throws {Unreadable} where a message is no trial, or another one than its key stands for. */
function trialIn({ key, bytes }: HeldTrial, device: string): TrialMessage {
  const trial = readMessage("trial", bytes);
  if (trialKey(trial.content) !== key) throw new Unreadable("is not what its key stands for");
  const { feedback } = trial.content.pipeline as Partial<PipelineJson>;
  if (trial.rule && trial.rule.name !== feedback?.plugin) {
    throw new Unreadable("brings a rule that its pipeline does not name");
  }
  if (trial.content.device !== device) throw new Unreadable("is for another device");
  return trial;
}

/** The work on one trial. */
class Work {
  readonly #clock: TrialClock;

  constructor(
    private readonly held: HeldTrial,
    private readonly trial: TrialMessage,
    private readonly lane: Lane,
    private readonly options: ServeOptions,
  ) {
    this.#clock = new TrialClock(options.limits);
  }

  async run(): Promise<void> {
    const { held, trial, options: { signal, settings, onEnd } } = this;
    const alive = setInterval(() => held.working(), 1000 * settings.patience / 4);
    try {
      onEnd(trial, await this.#work());
    } catch (error) {
      // A lasting refusal ends the worker; others may be permitted more.
      const lasting = lastingFailure(error);
      if (!signal.aborted && !lasting) held.giveBack();
      else held.letGo();
      onEnd(trial, "given back");
      if (lasting) throw lasting;
    } finally {
      clearInterval(alive);
      this.#clock.end();
    }
  }

  async #work(): Promise<TrialEnd> {
    const { held, trial, options } = this;
    const { queue, settings, onStart, onIteration } = options;
    // Who ran it before may have published its result and died, or been cut off.
    if (held.tries > 1 && await this.#isKnown()) {
      await held.done();
      return "given back";
    }
    const isFirst = trial.notBy === undefined;
    if (held.tries > MOST_HANDED_OUT && isFirst) {
      return await this.#bury("every worker that took it was lost", held.tries - 1, null);
    }
    // What one worker is to repeat of another does not go on from there.
    const found = isFirst ? await savedTrial(queue, held.key) : undefined;
    onStart(trial, found?.iteration ?? 0);
    const running = this.lane.run({ ...trial, key: held.key, saved: found?.saved }, {
      onIteration: (iteration) => {
        this.#clock.progressed();
        onIteration(trial, iteration);
      },
      onCheckpoint: isFirst ? keeper(queue, held.key) : () => {},
    });
    const answer = await Promise.race([running, this.#clock.over]);
    if (typeof answer === "string") return await this.#giveUp(answer);
    if (answer.type === "stopped") {
      held.letGo();
      return "given back";
    }
    if (answer.type === "done") {
      await this.#publish({ record: answer.record });
      return "done";
    }
    if (found) await queue.drop(checkpointOf(held.key)); // it may be what fails
    const failures = await queue.countFailure(held.key);
    if (failures >= settings.tries) return await this.#bury(answer.message, failures, answer.code);
    held.giveBack();
    return "given back";
  }

  async #isKnown(): Promise<boolean> {
    const { held: { key }, trial: { content, notBy }, options: { queue, machineClass } } = this;
    const bytes = await queue.result(key);
    if (!bytes) return false;
    try {
      const { worker } = await readResult(queue, bytes, { key, machineClass, content });
      return worker !== notBy;
    } catch (error) {
      if (error instanceof Unreadable) return false;
      throw error;
    }
  }

  async #giveUp(why: string): Promise<TrialEnd> {
    if (!await this.lane.giveUp()) {
      this.options.warn(
        `The thread of "${this.trial.name}" does not stop and goes on computing; end this worker and start it again.`,
      );
    }
    return await this.#bury(why, this.held.tries, "E_CLUSTER");
  }

  async #publish(outcome: TrialOutcome): Promise<void> {
    const { held, options: { queue, machineClass, id, signal } } = this;
    const result = { key: held.key, fit: machineClass, worker: id, tries: held.tries };
    await queue.publishResult(held.key, readable({ ...result, outcome }), signal);
    await held.done().catch(() => {}); // handed out again, its result will be found
    await queue.drop(checkpointOf(held.key));
  }

  async #bury(why: string, tries: number, code: string | null): Promise<TrialEnd> {
    const { held: { key }, trial: { plan, name }, options: { queue, signal } } = this;
    const times = `${tries} ${tries === 1 ? "try" : "tries"}`;
    const words = outsideText(why, { max: MOST_WORDS }).replace(/\.$/, "");
    const message = `${words} (put aside after ${times}).`;
    const dead: DeadMessage = { key, plan, name, tries, message };
    await queue.bury(key, dead, signal);
    await this.#publish({ error: { code, message } });
    return "failed";
  }
}

/** A result that coordinators can read: one that is not says so, rather than be asked for again. */
function readable(result: ResultMessage): ResultMessage {
  try {
    readMessage("result", new TextEncoder().encode(JSON.stringify(result)));
    return result;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const message = `What the trial came to cannot be told: it ${error.message}.`;
    return { ...result, outcome: { error: { code: null, message } } };
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
    const bytes = await queue.find(checkpointOf(key), MOST_SAVED);
    return bytes && decodeSaved(bytes, key);
  } catch (error) {
    const lasting = error instanceof TandemError && error.code === "E_CLUSTER";
    if (lasting) throw error;
    return undefined;
  }
}
