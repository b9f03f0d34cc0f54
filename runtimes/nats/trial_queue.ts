/**
 * Trials on NATS JetStream. A trial is a message on a work queue, and stays there until a worker has
 * published what it came to; results are kept by the trial's key, so that to publish one twice is to
 * publish it once. Who holds a trial and gives no sign of life loses it to another worker.
 *
 * A server that comes back without what it kept gets its streams again from whoever needs one first.
 */
import type { Consumer, JetStreamClient, JetStreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { systemClock } from "@tandem/core";
import { streams, transport } from "./client.ts";
import { connectTo } from "./connect.ts";
import { clusterError, isLost, isWithoutJetStream, lastingFailure, Refusals } from "./failures.ts";
import {
  encode,
  held,
  type HeldTrial,
  insist,
  keyOf,
  lastOfEach,
  type Letter,
  type Listing,
} from "./messages.ts";
import { readObject } from "./objects.ts";
import type { ClusterSettings } from "./settings.ts";
import {
  DEAD,
  findStores,
  makeStores,
  PLANS,
  RESULTS,
  type Stores,
  streamOf,
  TRIALS,
  WORKERS,
} from "./streams.ts";

export type { HeldTrial, Letter, Listing } from "./messages.ts";

const { AckPolicy, DeliverPolicy, jetstream } = streams;
const { nanos } = transport;

/** Larger results travel in the object store: a server's messages are at most 1 MiB by default. */
const LARGE = 256 * 1024;
/** So many plans, workers or failures are read at most. */
const MOST_LISTED = 1000;
/** A count of failures that is no such count is none. */
const MOST_FAILURES = 1000;
/** Seconds that a server without JetStream is waited for, where it had one before. */
const PATIENCE = 5;

/** What is on the queue. */
export interface QueueStatus {
  readonly waiting: number;
  readonly plans: Listing;
  readonly workers: Listing;
  readonly dead: Listing;
}

/** Who uses a queue: one who puts trials in, one who works on them, or one who looks on. */
export type Role = "submit" | "work" | "observe";

/** What a role publishes, each under a name that stands for all of its kind. */
const PUBLISHED: Readonly<Record<Role, readonly string[]>> = {
  submit: ["tandem.trials.probe.probe", "$KV.tandem-plans.probe"],
  work: [
    "tandem.results.probe",
    "tandem.dead.probe",
    "$KV.tandem-workers.probe",
    "$KV.tandem-failures.probe",
    "$O.tandem-objects.C.probe",
    "$O.tandem-objects.M.probe",
    "$JS.ACK.TANDEM_TRIALS.probe",
  ],
  observe: [],
};

/** The queue of trials of all plans on a NATS server. */
export class TrialQueue {
  readonly #consumers = new Map<string, Promise<Consumer>>();
  /** When the streams of trials and results were made, as the server tells. */
  #made: string | undefined;
  /** Aborted where the streams are others than they were. */
  #streams = new AbortController();
  #streamsSeen = 0;
  #making: Promise<void> | undefined;

  private constructor(
    private readonly connection: NatsConnection,
    private readonly settings: ClusterSettings,
    private readonly refusals: Refusals,
    private readonly manager: JetStreamManager,
    private readonly client: JetStreamClient,
    private stores: Stores,
  ) {}

  /**
   * Connects and makes what is not there yet, unless the role is to look on. What the role will publish
   * is tried, so that a permission that is missing is known before hours of work and not after them.
   *
   * @param address nats://HOST:PORT. @param name How the server knows this process.
   * @throws {TandemError} as {@linkcode connectTo}; E_CLUSTER where the server has no JetStream or does
   * not permit what the role needs.
   */
  static async open(
    address: string,
    settings: ClusterSettings,
    name: string,
    role?: Role,
  ): Promise<TrialQueue> {
    const connection = await connectTo(address, settings, name);
    try {
      const refusals = new Refusals(connection);
      const client = jetstream(connection, { timeout: 10_000 });
      const manager = await client.jetstreamManager();
      const stores = role === "observe"
        ? await findStores(client)
        : await makeStores(manager, client, settings.replicas);
      const queue = new TrialQueue(
        ...[connection, settings, refusals, manager, client, stores] as const,
      );
      if (role) await queue.#tryToPublish(PUBLISHED[role]);
      return queue;
    } catch (error) {
      await connection.close();
      throw clusterError(error);
    }
  }

  /** Ends what is under way and the connection. */
  async close(): Promise<void> {
    await this.connection.close();
  }

  // ------------------------------------------------------------------------------ coordinator

  /**
   * Puts a trial in, unless it is in.
   *
   * @param machineClass The workers that may take it. @param round Another one for a trial that shall be tried anew.
   * @throws Where the queue takes no more, or does not answer.
   */
  async put(machineClass: string, key: string, body: unknown, round = ""): Promise<void> {
    const msgID = `${key}${round}`;
    await this.#do(() =>
      this.client.publish(`tandem.trials.${machineClass}.${key}`, encode(body), {
        msgID,
        timeout: 5000,
      })
    );
  }

  /** Takes a trial off the queue that nobody shall work on any more. */
  async withdraw(machineClass: string, key: string): Promise<void> {
    const filter = `tandem.trials.${machineClass}.${key}`;
    await this.#do(() => this.manager.streams.purge(TRIALS, { filter }));
  }

  /**
   * A number for the server's streams as they were when it was last asked for what waits; another one
   * where the server has lost them since.
   */
  get streams(): number {
    return this.#streamsSeen;
  }

  /** The keys of the trials that wait or are at work, those of a class of machines or of all. */
  async waiting(machineClass = "*"): Promise<Set<string>> {
    const subjects_filter = `tandem.trials.${machineClass}.*`;
    return await this.#do(async () => {
      const trials = await this.manager.streams.info(TRIALS, { subjects_filter });
      const results = await this.manager.streams.info(RESULTS);
      this.#compare(`${trials.created} ${results.created}`);
      return new Set(Object.keys(trials.state.subjects ?? {}).map(keyOf));
    });
  }

  /** Forgets what a trial came to, and that it was put aside. */
  async forget(key: string): Promise<void> {
    await this.#do(async () => {
      await this.manager.streams.purge(RESULTS, { filter: `tandem.results.${key}` });
      await this.manager.streams.purge(DEAD, { filter: `tandem.dead.${key}` });
      await this.stores.failures.delete(key);
    });
  }

  /**
   * Results, those of before first, and then as they come, until the signal, or until the server has
   * other streams than before.
   *
   * @param isWanted Whether a trial's result is asked for: others stay where they are.
   */
  async *results(
    isWanted: (key: string) => boolean,
    signal: AbortSignal,
  ): AsyncGenerator<Letter> {
    const other = this.#streams.signal;
    const messages = await this.#do(async () => {
      const consumer = await this.client.consumers.get(RESULTS, {
        deliver_policy: DeliverPolicy.All,
      });
      return await consumer.consume({ max_messages: 256 });
    });
    const stop = () => messages.stop();
    for (const each of [signal, other]) each.addEventListener("abort", stop);
    try {
      if (signal.aborted || other.aborted) return;
      for await (const { subject, data: bytes } of messages) {
        const key = keyOf(subject);
        if (isWanted(key)) yield { key, bytes };
      }
      this.refusals.expectNone();
    } finally {
      for (const each of [signal, other]) each.removeEventListener("abort", stop);
      messages.stop();
    }
  }

  /** Says how a plan stands. */
  async tellPlan(id: string, state: unknown): Promise<void> {
    await this.#do(() => this.stores.plans.put(id, encode(state)));
  }

  // ----------------------------------------------------------------------------------- worker

  /**
   * The next trial that fits, or undefined where none came within the time.
   *
   * @throws {TandemError} E_CLUSTER where the server refuses it for good. @throws Where it is away.
   */
  async take(machineClass: string, milliseconds: number): Promise<HeldTrial | undefined> {
    try {
      const expires = Math.max(1000, milliseconds);
      const message = await this.#do(async () =>
        await (await this.#consumer(machineClass)).next({ expires })
      );
      this.refusals.expectNone();
      return message ? held(message) : undefined;
    } catch (error) {
      this.#consumers.delete(machineClass); // it may be gone: another is made
      throw error;
    }
  }

  /** Publishes what a trial came to; again and again until it is stored or the signal comes. */
  async publishResult(key: string, body: unknown, signal: AbortSignal): Promise<void> {
    await insist(async () => {
      const bytes = encode(body);
      const large = bytes.length > LARGE;
      if (large) await this.keep(`result.${key}`, bytes);
      const payload = large ? encode({ object: `result.${key}` }) : bytes;
      await this.#do(() =>
        this.client.publish(`tandem.results.${key}`, payload, { timeout: 5000 })
      );
    }, signal);
  }

  /** Counts one more failure of a trial, and gives the count. A worker that was lost is none. */
  async countFailure(key: string): Promise<number> {
    return await this.#do(async () => {
      const entry = await this.stores.failures.get(key);
      const before = entry?.operation === "PUT" ? Number(entry.string()) : 0;
      const isCount = Number.isInteger(before) && before >= 0 && before <= MOST_FAILURES;
      const failures = (isCount ? before : 0) + 1;
      await this.stores.failures.put(key, encode(failures));
      return failures;
    });
  }

  /** Puts a poisoned trial aside. */
  async bury(key: string, body: unknown, signal: AbortSignal): Promise<void> {
    await insist(
      () => this.#do(() => this.client.publish(`tandem.dead.${key}`, encode(body))),
      signal,
    );
  }

  /** Says that a worker is alive, and what it does. */
  async tellWorker(id: string, state: unknown): Promise<void> {
    await this.#do(() => this.stores.workers.put(id, encode(state)));
  }

  /** Says that a worker has gone. */
  async goodbye(id: string): Promise<void> {
    await this.stores.workers.delete(id);
  }

  // ------------------------------------------------------------------------------------- both

  /** What was last published of a trial's result. */
  async result(key: string): Promise<Uint8Array | undefined> {
    const last_by_subj = `tandem.results.${key}`;
    const found = await this.#do(() => this.manager.streams.getMessage(RESULTS, { last_by_subj }));
    return found?.data;
  }

  /** Keeps bytes under a name, in place of what was there. */
  async keep(name: string, bytes: Uint8Array): Promise<void> {
    await this.#do(() => this.stores.objects.putBlob({ name }, bytes));
  }

  /** The bytes under a name, whole, or undefined where there are none or more than `most`. */
  async find(name: string, most: number): Promise<Uint8Array | undefined> {
    return await this.#do(() => readObject(this.stores.objects, name, most));
  }

  async drop(name: string): Promise<void> {
    await this.stores.objects.delete(name).catch(() => {}); // it may never have been there
  }

  /** How plans stand, by what they told last. */
  async plans(): Promise<Listing> {
    return await this.#list(streamOf(PLANS));
  }

  /** How workers stand, by what they told last. */
  async workers(): Promise<Listing> {
    return await this.#list(streamOf(WORKERS));
  }

  async status(): Promise<QueueStatus> {
    const waiting = await this.manager.streams.info(TRIALS).then(
      ({ state }) => state.messages,
      (error) => this.#absent(error, 0),
    );
    return {
      waiting,
      plans: await this.plans(),
      workers: await this.workers(),
      dead: await this.#list(DEAD),
    };
  }

  // -------------------------------------------------------------------------------- in itself

  async #list(stream: string): Promise<Listing> {
    try {
      return await lastOfEach(this.manager, stream, MOST_LISTED);
    } catch (error) {
      return this.#absent(error, { letters: [], more: 0 });
    }
  }

  /** What a stream holds that is not there: nothing. @throws what is another error. */
  #absent<T>(error: unknown, nothing: T): T {
    if (isLost(error)) return nothing;
    throw lastingFailure(error) ?? error;
  }

  /** Does what needs the server's streams; where they are gone they are made, and it is done again. */
  async #do<T>(work: () => Promise<T>): Promise<T> {
    this.refusals.expectNone();
    try {
      return await work();
    } catch (error) {
      this.refusals.expectNone();
      if (!isLost(error) && !isWithoutJetStream(error)) throw lastingFailure(error) ?? error;
    }
    await (this.#making ??= this.#make().finally(() => this.#making = undefined));
    try {
      return await work();
    } catch (error) {
      throw lastingFailure(error) ?? error;
    }
  }

  /** Makes the streams that are missing. */
  async #make(): Promise<void> {
    for (let second = 0;; second++) {
      try {
        this.stores = await makeStores(this.manager, this.client, this.settings.replicas);
        break;
      } catch (error) {
        // A server that is starting may not have its JetStream yet.
        if (!isWithoutJetStream(error) || second >= PATIENCE) throw lastingFailure(error) ?? error;
        await systemClock.sleep(1000);
      }
    }
    this.#consumers.clear();
  }

  /** Takes note of when the streams were made: those who read others are to begin anew. */
  #compare(made: string): void {
    const before = this.#made;
    this.#made = made;
    if (before === undefined || before === made) return;
    this.#consumers.clear();
    this.#streams.abort();
    this.#streams = new AbortController();
    this.#streamsSeen++;
  }

  /** Publishes what no stream takes, to learn whether it may be published. */
  async #tryToPublish(subjects: readonly string[]): Promise<void> {
    await Promise.all(subjects.map(async (subject) => {
      try {
        // No stream has come so far: what is permitted is refused by the stream, and nothing is kept.
        const expect = { lastSequence: Number.MAX_SAFE_INTEGER };
        await this.client.publish(subject, undefined, { expect });
      } catch (error) {
        const lasting = isLost(error) || isWithoutJetStream(error)
          ? undefined
          : lastingFailure(error);
        if (lasting) throw lasting;
      }
    }));
  }

  /** One consumer for all workers of a class of machines. */
  #consumer(machineClass: string): Promise<Consumer> {
    let consumer = this.#consumers.get(machineClass);
    if (!consumer) this.#consumers.set(machineClass, consumer = this.#makeConsumer(machineClass));
    return consumer;
  }

  async #makeConsumer(machineClass: string): Promise<Consumer> {
    await this.manager.consumers.add(TRIALS, {
      durable_name: machineClass,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(1000 * this.settings.patience),
      max_deliver: -1,
      max_ack_pending: 100_000,
      filter_subject: `tandem.trials.${machineClass}.*`,
    });
    return await this.client.consumers.get(TRIALS, machineClass);
  }
}
