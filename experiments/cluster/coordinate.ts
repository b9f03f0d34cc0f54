/** Gives a plan's trials to a cluster and takes in what they come to. */
import { systemClock } from "../../core/kit/context.ts";
import { outsideReason } from "../../core/base/outside.ts";
import type { PipelineJson } from "../../core/pipeline/pipeline.ts";
import { sha256 } from "../../lab/digest.ts";
import { trialName } from "../../lab/plan.ts";
import type { TrialOutcome } from "../../lab/store.ts";
import type { ClusterSettings } from "../../runtimes/nats/settings.ts";
import { lastingFailure } from "../../runtimes/nats/failures.ts";
import { TrialQueue } from "../../runtimes/nats/trial_queue.ts";
import type { RunnableTrial } from "../trials.ts";
import { lettersOf } from "./letters.ts";
import { type Machine, machineClassOf, thisMachine } from "./machine.ts";
import {
  expectReadable,
  type PlanState,
  type ResultMessage,
  type TrialMessage,
  Unreadable,
} from "./messages.ts";
import { Once } from "./once.ts";
import { readResult } from "./results.ts";
import { ruleOf, sendRule } from "./rules.ts";
import { expectTravelling } from "./travelling.ts";
import { agreed, chosenToVerify } from "./verification.ts";

/** What {@linkcode runOnCluster} takes. */
export interface ClusterOptions {
  /** nats://HOST:PORT. */
  readonly address: string;
  readonly settings: ClusterSettings;
  /** The plan's name. */
  readonly name: string;
  readonly device: string;
  /** Trials of the plan that were done before. */
  readonly done: number;
  /** Whether what failed on the cluster before is tried again. */
  readonly retry: boolean;
  /** The share of the trials that two workers run, from 0 to 1. */
  readonly verify: number;
  readonly signal: AbortSignal;
  /** Takes what a trial came to, once. @throws Where it cannot be kept: the work ends. */
  readonly onEnd: (trial: RunnableTrial, outcome: TrialOutcome) => void;
  /** Told what stands in the way, once a sentence. */
  readonly warn: (sentence: string) => void;
}

/** What is not as it was asked for. */
export interface ClusterEnd {
  /** Trials that were to be run twice and were not. */
  readonly unverified: number;
}

/** Milliseconds between two words on how the plan stands, between two looks at the queue, and two tries. */
const [TELL, LOOK, AGAIN] = [2000, 2000, 1000];
/** A trial that is not on the queue in so many looks, and has no result, is put in again. */
const LOOKS = 2;
/** So often a trial is put in again whose results are none, before it is left. */
const MOST_AGAIN = 3;
/** Milliseconds without a worker that could run something before that is said or given up. */
const ALONE = 20_000;
/** Trials that are put in together: each answer takes as long as all of them. */
const TOGETHER = 64;
/** Longest name of a trial. */
const NAME = 200;

/**
 * Puts trials on the queue and waits until each has come to something, or for the signal: then they
 * stay on the queue, and the same plan takes in later what they came to. What is published as a result
 * and is none is set aside, and its trial is put in again, a few times; then it is left without one.
 *
 * @throws {TandemError} E_CLUSTER, E_PLUGIN where a plugin cannot travel.
 */
export async function runOnCluster(
  trials: readonly RunnableTrial[],
  options: ClusterOptions,
): Promise<ClusterEnd> {
  const { address, settings, name, device } = options;
  await expectTravelling(trials);
  const machine = await thisMachine(device);
  const messages = await messagesOf(trials, name, machine);
  const queue = await TrialQueue.open(address, settings, `tandem compare ${name}`, "submit");
  try {
    return await new Coordinator(queue, trials, messages, machine, options).run();
  } finally {
    await queue.close();
  }
}

interface Outgoing extends TrialMessage {
  readonly ruleBytes?: Uint8Array;
}

async function messagesOf(
  trials: readonly RunnableTrial[],
  name: string,
  machine: Machine,
): Promise<Map<string, Outgoing>> {
  const keys = trials.map(({ key }) => key).sort().join();
  const plan = `${slug(name)}-${sha256(`${machineClassOf(machine)}${keys}`).slice(0, 8)}`;
  // The trials of a cell share their pipeline: it is looked through once, however many seeds there are.
  const rules = new Map<PipelineJson, Awaited<ReturnType<typeof ruleOf>>>();
  const messages = new Map<string, Outgoing>();
  for (const trial of trials) {
    const { content, key } = trial;
    const { pipeline } = content;
    const isNew = !rules.has(pipeline);
    if (isNew) rules.set(pipeline, await ruleOf(pipeline));
    const rule = rules.get(pipeline);
    const title = trialName(trial).slice(0, NAME);
    const message = { plan, name: title, content, ...(rule && { rule: rule.file }) };
    if (isNew) expectReadable("trial", message, `The trial "${title}"`);
    messages.set(key, { ...message, ...(rule && { ruleBytes: rule.bytes }) });
  }
  return messages;
}

/** A trial that has come to nothing yet. */
interface OpenTrial {
  readonly key: string;
  readonly trials: RunnableTrial[];
  readonly message: Outgoing;
  /** The streams, as the queue counts them, that it was put into; undefined where it is in none. */
  streams?: number;
  /** Looks in a row in which it was not on the queue. */
  missed: number;
  /** How often it was put in again. */
  again: number;
  /** What one worker came to, where another is to come to the same. */
  first?: ResultMessage;
}

class Coordinator {
  readonly #open = new Map<string, OpenTrial>();
  readonly #toVerify: ReadonlySet<string>;
  readonly #machineClass: string;
  readonly #startedAt = Date.now();
  readonly #seconds: number[] = [];
  readonly #aside: Once;
  readonly #said: Once;
  /** Rules that the present streams hold. */
  readonly #rules = { streams: -1, hashes: new Set<string>() };
  /** When a worker was last seen that could run what is open. */
  #seenAt = Date.now();
  #failed = 0;
  #unverified = 0;
  #failure: unknown;

  constructor(
    private readonly queue: TrialQueue,
    trials: readonly RunnableTrial[],
    private readonly messages: ReadonlyMap<string, Outgoing>,
    private readonly machine: Machine,
    private readonly options: ClusterOptions,
  ) {
    this.#machineClass = machineClassOf(machine);
    this.#aside = new Once(options.warn);
    this.#said = new Once(options.warn);
    this.#toVerify = chosenToVerify(messages.keys(), options.verify);
    for (const trial of trials) {
      const { key } = trial;
      // Two trials of a plan may be the same by their content.
      const open = this.#open.get(key);
      if (open) open.trials.push(trial);
      else {
        const message = messages.get(key)!;
        this.#open.set(key, { key, trials: [trial], message, missed: 0, again: 0 });
      }
    }
  }

  async run(): Promise<ClusterEnd> {
    const { options, queue } = this;
    const end = new AbortController();
    const stop = () => end.abort();
    options.signal.addEventListener("abort", stop);
    if (options.signal.aborted) stop();
    try {
      if (options.retry) { for (const key of this.#open.keys()) await queue.forget(key); }
      const loops = [
        this.#again(() => this.#takeIn(end.signal), AGAIN, end),
        this.#again(() => this.#keepIn(end.signal), LOOK, end),
        this.#again(() => this.#tellOn(), TELL, end),
      ];
      await Promise.all(loops);
      await this.#tell(this.#open.size === 0 ? "done" : "left").catch(() => {});
      if (this.#failure) throw this.#failure;
      return { unverified: this.#unverified };
    } finally {
      stop();
      options.signal.removeEventListener("abort", stop);
    }
  }

  /** Does something again and again while trials are open; the server may be away meanwhile. */
  async #again(work: () => Promise<void>, wait: number, end: AbortController): Promise<void> {
    while (this.#open.size > 0 && !end.signal.aborted) {
      try {
        await work();
      } catch (error) {
        this.#failure ??= lastingFailure(error);
      }
      if (this.#open.size === 0 || this.#failure) end.abort();
      await systemClock.sleep(wait, end.signal);
    }
  }

  /** Takes results in until none is missing, or the server has other streams. */
  async #takeIn(signal: AbortSignal): Promise<void> {
    // Others are another plan's, or came twice.
    const isOpen = (key: string) => this.#open.has(key);
    for await (const { key, bytes } of this.queue.results(isOpen, signal)) {
      await this.#take(this.#open.get(key)!, bytes);
      if (this.#open.size === 0 || this.#failure) return;
    }
  }

  /** Takes in what was published as a trial's result. Gives whether it is one. */
  async #take(open: OpenTrial, bytes: Uint8Array): Promise<boolean> {
    const { key, message } = open;
    let result: ResultMessage;
    try {
      result = await readResult(this.queue, bytes, {
        key,
        machineClass: this.#machineClass,
        content: message.content,
      });
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.#aside.tell(
        key,
        `A result of "${message.name}" is set aside, since it ${error.message}; the trial is run for another.`,
      );
      return false;
    }
    if (!this.#open.has(key)) return true;
    const { first } = open;
    if (first?.worker === result.worker) return false; // the one that is known
    if (first) this.#end(open, agreed(first, result));
    else if (this.#toVerify.has(key) && "record" in result.outcome) {
      await this.#repeat(open, result);
    } else this.#end(open, result.outcome);
    return true;
  }

  #end({ key, trials }: OpenTrial, outcome: TrialOutcome): void {
    this.#open.delete(key);
    if ("error" in outcome) this.#failed++;
    else this.#seconds.push(outcome.record.summary.wallSeconds);
    try {
      for (const trial of trials) this.options.onEnd(trial, outcome);
    } catch (error) {
      this.#failure = error;
    }
  }

  /** Asks another worker for what one has come to. */
  async #repeat(open: OpenTrial, first: ResultMessage): Promise<void> {
    Object.assign(open, { first, streams: undefined, missed: 0 });
    this.#seenAt = Date.now();
    await this.#put(open);
  }

  // ---------------------------------------------------------------------- what is on the queue

  /**
   * Puts in what is not in: at the beginning, where the queue was full, where the server has lost it,
   * and where what came of it is no result.
   */
  async #keepIn(signal: AbortSignal): Promise<void> {
    try {
      const inside = await this.queue.waiting(this.#machineClass);
      const fresh: OpenTrial[] = [];
      for (const open of this.#open.values()) {
        const isOut = open.streams === undefined || open.streams !== this.queue.streams;
        if (inside.has(open.key) && !(open.first && isOut)) {
          Object.assign(open, { streams: this.queue.streams, missed: 0 });
        } else if (isOut) fresh.push(open);
        else if (++open.missed >= LOOKS) await this.#putAgain(open);
      }
      while (fresh.length > 0 && !signal.aborted) {
        await Promise.all(fresh.splice(0, TOGETHER).map((open) => this.#put(open)));
      }
    } catch (error) {
      if (signal.aborted || lastingFailure(error)) throw error;
      const why = outsideReason(error).replace(/\.$/, "");
      this.#said.tell(
        "full",
        `The queue takes no more for now (${why}); the rest is put in as it empties.`,
      );
    }
  }

  async #put(open: OpenTrial): Promise<void> {
    const { queue, options } = this;
    const { key, message: { ruleBytes, ...message }, first, again } = open;
    if (!this.#open.has(key)) return;
    if (ruleBytes) await this.#keepRule(message.rule!.sha256, ruleBytes);
    const notBy = first?.worker;
    const isNew = again > 0 || options.retry || notBy !== undefined;
    const round = isNew ? `-${this.#startedAt}-${again}${notBy ? `-${notBy}` : ""}` : "";
    await queue.put(this.#machineClass, key, notBy ? { ...message, notBy } : message, round);
    Object.assign(open, { streams: queue.streams, missed: 0 });
  }

  async #keepRule(hash: string, bytes: Uint8Array): Promise<void> {
    const { streams } = this.queue;
    if (this.#rules.streams !== streams) this.#rules.hashes.clear();
    this.#rules.streams = streams;
    if (this.#rules.hashes.has(hash)) return;
    this.#rules.hashes.add(hash);
    try {
      await sendRule(this.queue, bytes);
    } catch (error) {
      this.#rules.hashes.delete(hash);
      throw error;
    }
  }

  /** What is neither on the queue nor has a result is put in again, a few times. */
  async #putAgain(open: OpenTrial): Promise<void> {
    const { key, message: { name }, first } = open;
    const bytes = await this.queue.result(key);
    if (bytes && await this.#take(open, bytes)) return;
    if (++open.again <= MOST_AGAIN) return await this.#put(open);
    this.options.warn(
      `"${name}" is left: ${
        MOST_AGAIN + 1
      } times it went from the queue without a result that is its own.`,
    );
    if (first) this.#leaveUnverified(open, first);
    else this.#open.delete(key);
  }

  // ----------------------------------------------------------------------------- how it stands

  async #tellOn(): Promise<void> {
    await this.#tell("at work");
    await this.#lookForWorkers();
  }

  /** Says that no worker is there; what needs a second one is not waited for without. */
  async #lookForWorkers(): Promise<void> {
    const { messages } = lettersOf("worker", await this.queue.workers());
    const fitting = messages.filter(({ machine }) =>
      machineClassOf(machine) === this.#machineClass
    );
    const waiting = [...this.#open.values()];
    const isAble = ({ first }: OpenTrial) => fitting.some(({ id }) => id !== first?.worker);
    if (waiting.some(isAble)) this.#seenAt = Date.now();
    if (Date.now() - this.#seenAt < ALONE) return;
    if (waiting.some(({ first }) => !first)) {
      this.#said.tell("alone", "No worker that fits is at the cluster; the trials wait for one.");
      return;
    }
    this.options.warn(
      "There is no second worker to run trials again: " +
        `${waiting.map(({ message }) => `"${message.name}"`).slice(0, 5).join(", ")}` +
        `${
          waiting.length > 5 ? ` and ${waiting.length - 5} more` : ""
        } are kept, and not verified.`,
    );
    for (const open of waiting) {
      await this.queue.withdraw(this.#machineClass, open.key);
      this.#leaveUnverified(open, open.first!);
    }
  }

  #leaveUnverified(open: OpenTrial, first: ResultMessage): void {
    this.#unverified++;
    this.#end(open, first.outcome);
  }

  async #tell(state: PlanState["state"]): Promise<void> {
    const { options: { name, done }, messages, machine } = this;
    const id = messages.values().next().value?.plan;
    if (id === undefined) return;
    const seconds = this.#seconds;
    const plan: PlanState = {
      id,
      name: name.slice(0, NAME),
      machine,
      trials: messages.size + done,
      done: messages.size - this.#open.size + done,
      failed: this.#failed,
      startedAt: this.#startedAt,
      toldAt: Date.now(),
      state,
      trialSeconds: seconds.length > 0
        ? seconds.reduce((sum, each) => sum + each, 0) / seconds.length
        : null,
    };
    await this.queue.tellPlan(id, plan);
  }
}

function slug(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 40) || "plan";
}
