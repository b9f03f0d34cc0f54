/** Gives a plan's trials to a cluster and takes in what they come to. */
import { systemClock } from "../../core/context.ts";
import { TandemError } from "../../core/errors.ts";
import type { PipelineJson } from "../../core/pipeline.ts";
import { sha256 } from "../../lab/digest.ts";
import { trialName } from "../../lab/plan.ts";
import type { TrialOutcome } from "../../lab/store.ts";
import type { ClusterSettings } from "../../runtimes/nats/connect.ts";
import { TrialQueue } from "../../runtimes/nats/trial_queue.ts";
import type { RunnableTrial } from "../trials.ts";
import { fitOf, type Machine, thisMachine } from "./machine.ts";
import type { PlanState, ResultMessage, TrialMessage } from "./messages.ts";
import { ruleOf, sendRule } from "./rules.ts";

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
  readonly signal: AbortSignal;
  /** Takes what a trial came to, once. @throws Where it cannot be kept: the work ends. */
  readonly onEnd: (trial: RunnableTrial, outcome: TrialOutcome) => void;
  /** Told what stands in the way, once a sentence. */
  readonly warn: (sentence: string) => void;
}

/** Milliseconds between two words on how the plan stands, and two tries to put in what did not go in. */
const [TELL, AGAIN] = [2000, 1000];

/**
 * Puts trials on the queue and waits until each has come to something, or for the signal: then they
 * stay on the queue, and the same plan takes in later what they came to.
 *
 * @throws {TandemError} E_CLUSTER, E_PLUGIN where a plugin cannot travel.
 */
export async function runOnCluster(
  trials: readonly RunnableTrial[],
  options: ClusterOptions,
): Promise<void> {
  const { address, settings, name, device } = options;
  const machine = await thisMachine(device);
  const messages = messagesOf(trials, name, machine);
  const queue = await TrialQueue.open(address, settings, `tandem compare ${name}`);
  try {
    await new Coordinator(queue, trials, messages, machine, options).run();
  } finally {
    await queue.close();
  }
}

interface Outgoing extends TrialMessage {
  readonly ruleBytes?: Uint8Array;
}

function messagesOf(
  trials: readonly RunnableTrial[],
  name: string,
  machine: Machine,
): Map<string, Outgoing> {
  const keys = trials.map(({ key }) => key).sort().join();
  const plan = `${slug(name)}-${sha256(`${fitOf(machine)}${keys}`).slice(0, 8)}`;
  // The trials of a cell share their pipeline: its rule is read once, however many seeds there are.
  const rules = new Map<PipelineJson, ReturnType<typeof ruleOf>>();
  return new Map(trials.map((trial) => {
    const { content, key } = trial;
    const { pipeline } = content;
    if (!rules.has(pipeline)) rules.set(pipeline, ruleOf(pipeline));
    const rule = rules.get(pipeline);
    return [key, {
      plan,
      name: trialName(trial),
      content,
      ...(rule && { rule: rule.file, ruleBytes: rule.bytes }),
    }];
  }));
}

class Coordinator {
  readonly #open = new Map<string, RunnableTrial[]>();
  readonly #startedAt = Date.now();
  readonly #seconds: number[] = [];
  #failed = 0;
  #failure: unknown;

  constructor(
    private readonly queue: TrialQueue,
    trials: readonly RunnableTrial[],
    private readonly messages: ReadonlyMap<string, Outgoing>,
    private readonly machine: Machine,
    private readonly options: ClusterOptions,
  ) {
    // Two trials of a plan may be the same by their content.
    for (const trial of trials) {
      this.#open.set(trial.key, [...this.#open.get(trial.key) ?? [], trial]);
    }
  }

  async run(): Promise<void> {
    const { options, queue } = this;
    const end = new AbortController();
    const stop = () => end.abort();
    options.signal.addEventListener("abort", stop);
    if (options.signal.aborted) stop();
    try {
      if (options.retry) { for (const key of this.#open.keys()) await queue.forget(key); }
      const putting = this.#putAll(end.signal).catch((error) => {
        this.#failure ??= error;
        stop();
      });
      const telling = this.#tellOn(end.signal);
      await this.#takeIn(end.signal);
      stop();
      await Promise.all([putting, telling]);
      await this.#tell(this.#open.size === 0 ? "done" : "left").catch(() => {});
      if (this.#failure) throw this.#failure;
    } finally {
      stop();
      options.signal.removeEventListener("abort", stop);
    }
  }

  /** Takes results in until none is missing. */
  async #takeIn(signal: AbortSignal): Promise<void> {
    while (this.#open.size > 0 && !signal.aborted) {
      // Others are another plan's, or came twice.
      const isOpen = (key: string) => this.#open.has(key);
      try {
        for await (const { key, body } of this.queue.results(isOpen, signal)) {
          this.#takeOne(key, body as ResultMessage);
          if (this.#open.size === 0 || this.#failure) return;
        }
      } catch {
        await systemClock.sleep(AGAIN, signal); // the server is away
      }
    }
  }

  #takeOne(key: string, { outcome }: ResultMessage): void {
    const trials = this.#open.get(key)!;
    this.#open.delete(key);
    if ("error" in outcome) this.#failed++;
    else this.#seconds.push(outcome.record.summary.wallSeconds);
    try {
      for (const trial of trials) this.options.onEnd(trial, outcome);
    } catch (error) {
      this.#failure = error;
    }
  }

  /** Puts in what is not in yet; a queue that is full or away is tried again. */
  async #putAll(signal: AbortSignal): Promise<void> {
    const { queue, options } = this;
    const rules = new Set<string>();
    const fit = fitOf(this.machine);
    const round = options.retry ? `-${this.#startedAt}` : "";
    const waiting = [...this.#open.keys()];
    let told = false;
    while (waiting.length > 0 && !signal.aborted) {
      try {
        const inside = await queue.waiting();
        // Some together: each answer takes as long as all of them.
        while (waiting.length > 0 && !signal.aborted) {
          const some = waiting.slice(0, 64);
          await Promise.all(some.map(async (key) => {
            if (!this.#open.has(key) || inside.has(key)) return;
            const { ruleBytes, ...message } = this.messages.get(key)!;
            if (ruleBytes && !rules.has(message.rule!.sha256)) {
              rules.add(message.rule!.sha256);
              await sendRule(queue, ruleBytes);
            }
            await queue.put(fit, key, message, round);
          }));
          waiting.splice(0, some.length);
        }
      } catch (error) {
        if (!told) {
          const why = error instanceof Error ? error.message : String(error);
          options.warn(
            `The queue takes no more for now (${why}); the rest is put in as it empties.`,
          );
        }
        told = true;
        await systemClock.sleep(AGAIN, signal);
      }
    }
  }

  async #tellOn(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#tell("at work").catch(() => {}); // said again soon
      await systemClock.sleep(TELL, signal);
    }
  }

  async #tell(state: PlanState["state"]): Promise<void> {
    const { options: { name, done }, messages, machine } = this;
    const id = messages.values().next().value?.plan;
    if (id === undefined) return;
    const seconds = this.#seconds;
    const plan: PlanState = {
      id,
      name,
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

/** @throws {TandemError} E_ARGUMENT for settings without a cluster. */
export function expectCluster(cluster: string | undefined, settings: string | undefined): void {
  if (cluster !== undefined || settings === undefined) return;
  throw new TandemError("E_ARGUMENT", "--cluster-settings needs --cluster nats://HOST:4222.");
}
