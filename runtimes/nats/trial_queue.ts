/**
 * Trials on NATS JetStream. A trial is a message on a work queue, and stays there until a worker has
 * published what it came to; results are kept by the trial's key, so that to publish one twice is to
 * publish it once. Who holds a trial and gives no sign of life loses it to another worker.
 */
import {
  AckPolicy,
  type Consumer,
  DeliverPolicy,
  DiscardPolicy,
  jetstream,
  type JetStreamClient,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
} from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import { type ObjectStore, Objm } from "@nats-io/obj";
import { nanos, type NatsConnection } from "@nats-io/transport-node";
import { type ClusterSettings, connectTo } from "./connect.ts";
import {
  decode,
  encode,
  ensure,
  held,
  type HeldTrial,
  insist,
  keyOf,
  lastOfEach,
} from "./messages.ts";

export type { HeldTrial } from "./messages.ts";

const [TRIALS, RESULTS, DEAD] = ["TANDEM_TRIALS", "TANDEM_RESULTS", "TANDEM_DEAD"] as const;
const [PLANS, WORKERS, FAILURES] = ["tandem-plans", "tandem-workers", "tandem-failures"] as const;
const OBJECTS = "tandem-objects";

const DAY = 24 * 3600 * 1000;
/** Results, plans and objects go when they are so old. */
const KEPT = 30 * DAY;
/** A trial that is put in twice within this time is put in once. */
const SAME = 10 * 60 * 1000;
/** A worker that has said nothing for so long is gone. */
const SILENT = 15_000;
/** Larger results travel in the object store: a server's messages are at most 1 MiB by default. */
const LARGE = 256 * 1024;

/** What is on the queue. */
export interface QueueStatus {
  readonly waiting: number;
  readonly plans: readonly unknown[];
  readonly workers: readonly unknown[];
  readonly dead: readonly unknown[];
}

/** The queue of trials of all plans on a NATS server. */
export class TrialQueue {
  readonly #consumers = new Map<string, Promise<Consumer>>();

  private constructor(
    private readonly connection: NatsConnection,
    private readonly settings: ClusterSettings,
    private readonly manager: JetStreamManager,
    private readonly client: JetStreamClient,
    private readonly kept: {
      readonly plans: KV;
      readonly workers: KV;
      readonly failures: KV;
      readonly objects: ObjectStore;
    },
  ) {}

  /**
   * Connects and makes what is not there yet.
   *
   * @param address nats://HOST:PORT. @param name How the server knows this process.
   * @throws {TandemError} as {@linkcode connectTo}.
   */
  static async open(address: string, settings: ClusterSettings, name: string): Promise<TrialQueue> {
    const connection = await connectTo(address, settings, name);
    const client = jetstream(connection, { timeout: 10_000 });
    const manager = await client.jetstreamManager();
    const { replicas: num_replicas } = settings;
    const shared = { storage: StorageType.File, num_replicas };
    await ensure(manager, {
      ...shared,
      name: TRIALS,
      subjects: ["tandem.trials.*.*"],
      retention: RetentionPolicy.Workqueue,
      discard: DiscardPolicy.New,
      duplicate_window: nanos(SAME),
    });
    const byKey = { ...shared, max_msgs_per_subject: 1, max_age: nanos(KEPT) };
    await ensure(manager, { ...byKey, name: RESULTS, subjects: ["tandem.results.*"] });
    await ensure(manager, { ...byKey, name: DEAD, subjects: ["tandem.dead.*"] });
    const kvm = new Kvm(client);
    const replicas = num_replicas;
    return new TrialQueue(connection, settings, manager, client, {
      plans: await kvm.create(PLANS, { history: 1, ttl: KEPT, replicas }),
      workers: await kvm.create(WORKERS, { history: 1, ttl: SILENT, replicas }),
      failures: await kvm.create(FAILURES, { history: 1, ttl: KEPT, replicas }),
      objects: await new Objm(client).create(OBJECTS, { ttl: nanos(KEPT), replicas }),
    });
  }

  /** Ends what is under way and the connection. */
  async close(): Promise<void> {
    await this.connection.close();
  }

  // ------------------------------------------------------------------------------ coordinator

  /**
   * Puts a trial in, unless it is in.
   *
   * @param fit Which workers may take it. @param round Another one for a trial that shall be tried anew.
   * @throws Where the queue takes no more, or does not answer.
   */
  async put(fit: string, key: string, body: unknown, round = ""): Promise<void> {
    const msgID = `${key}${round}`;
    await this.client.publish(`tandem.trials.${fit}.${key}`, encode(body), {
      msgID,
      timeout: 5000,
    });
  }

  /** The keys of the trials that wait or are at work. */
  async waiting(): Promise<Set<string>> {
    const { state } = await this.manager.streams.info(TRIALS, { subjects_filter: ">" });
    return new Set(Object.keys(state.subjects ?? {}).map(keyOf));
  }

  /** Forgets what a trial came to, and that it was put aside. */
  async forget(key: string): Promise<void> {
    await this.manager.streams.purge(RESULTS, { filter: `tandem.results.${key}` });
    await this.manager.streams.purge(DEAD, { filter: `tandem.dead.${key}` });
    await this.kept.failures.delete(key);
  }

  /**
   * Results, those of before first, and then as they come, until the signal.
   *
   * @param isWanted Whether a trial's result is asked for: others stay where they are.
   */
  async *results(
    isWanted: (key: string) => boolean,
    signal: AbortSignal,
  ): AsyncGenerator<{ key: string; body: unknown }> {
    const consumer = await this.client.consumers.get(RESULTS, {
      deliver_policy: DeliverPolicy.All,
    });
    const messages = await consumer.consume({ max_messages: 256 });
    const stop = () => messages.stop();
    signal.addEventListener("abort", stop);
    try {
      if (signal.aborted) return;
      for await (const message of messages) {
        const key = keyOf(message.subject);
        if (!isWanted(key)) continue;
        const body = await this.#whole(decode(message.data));
        if (body !== undefined) yield { key, body };
      }
    } finally {
      signal.removeEventListener("abort", stop);
      messages.stop();
    }
  }

  /** Says how a plan stands. */
  async tellPlan(id: string, state: unknown): Promise<void> {
    await this.kept.plans.put(id, encode(state));
  }

  // ----------------------------------------------------------------------------------- worker

  /** The next trial that fits, or undefined where none came within the time. */
  async take(fit: string, milliseconds: number): Promise<HeldTrial | undefined> {
    const message = await (await this.#consumer(fit)).next({
      expires: Math.max(1000, milliseconds),
    });
    return message ? held(message) : undefined;
  }

  /** Whether a trial's result is there. */
  async hasResult(key: string): Promise<boolean> {
    return await this.manager.streams.getMessage(RESULTS, {
      last_by_subj: `tandem.results.${key}`,
    }) !== null;
  }

  /** Publishes what a trial came to; again and again until it is stored or the signal comes. */
  async publishResult(key: string, body: unknown, signal: AbortSignal): Promise<void> {
    await insist(async () => {
      const bytes = encode(body);
      const large = bytes.length > LARGE;
      if (large) await this.keep(`result.${key}`, bytes);
      const payload = large ? encode({ object: `result.${key}` }) : bytes;
      await this.client.publish(`tandem.results.${key}`, payload, { timeout: 5000 });
    }, signal);
  }

  /** Counts one more failure of a trial, and gives the count. A worker that was lost is none. */
  async countFailure(key: string): Promise<number> {
    const entry = await this.kept.failures.get(key);
    const failures = entry?.operation === "PUT" ? decode(entry.value) as number : 0;
    await this.kept.failures.put(key, encode(failures + 1));
    return failures + 1;
  }

  /** Puts a poisoned trial aside. */
  async bury(key: string, body: unknown, signal: AbortSignal): Promise<void> {
    await insist(() => this.client.publish(`tandem.dead.${key}`, encode(body)), signal);
  }

  /** Says that a worker is alive, and what it does. */
  async tellWorker(id: string, state: unknown): Promise<void> {
    await this.kept.workers.put(id, encode(state));
  }

  /** Says that a worker has gone. */
  async goodbye(id: string): Promise<void> {
    await this.kept.workers.delete(id);
  }

  // ------------------------------------------------------------------------------------- both

  /** Keeps bytes under a name, in place of what was there. */
  async keep(name: string, bytes: Uint8Array): Promise<void> {
    await this.kept.objects.putBlob({ name }, bytes);
  }

  /** The bytes under a name, whole, or undefined. */
  async find(name: string): Promise<Uint8Array | undefined> {
    return await this.kept.objects.getBlob(name) ?? undefined;
  }

  async drop(name: string): Promise<void> {
    await this.kept.objects.delete(name).catch(() => {}); // it may never have been there
  }

  /** How plans stand, by what they told last. */
  async plans(): Promise<unknown[]> {
    return await lastOfEach(this.manager, streamOf(PLANS));
  }

  async status(): Promise<QueueStatus> {
    const { state } = await this.manager.streams.info(TRIALS);
    return {
      waiting: state.messages,
      plans: await this.plans(),
      workers: await lastOfEach(this.manager, streamOf(WORKERS)),
      dead: await lastOfEach(this.manager, DEAD),
    };
  }

  /** One consumer for all workers that fit alike. */
  #consumer(fit: string): Promise<Consumer> {
    let consumer = this.#consumers.get(fit);
    if (!consumer) this.#consumers.set(fit, consumer = this.#makeConsumer(fit));
    consumer.catch(() => this.#consumers.delete(fit));
    return consumer;
  }

  async #makeConsumer(fit: string): Promise<Consumer> {
    await this.manager.consumers.add(TRIALS, {
      durable_name: fit,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(1000 * this.settings.patience),
      max_deliver: -1,
      max_ack_pending: 100_000,
      filter_subject: `tandem.trials.${fit}.*`,
    });
    return await this.client.consumers.get(TRIALS, fit);
  }

  /** What a result says, from the object store where it stands there; undefined where that is gone. */
  async #whole(body: unknown): Promise<unknown> {
    const { object } = body as { object?: string };
    if (object === undefined) return body;
    const bytes = await this.find(object);
    return bytes && decode(bytes);
  }
}

/** The stream in which NATS keeps a key-value store. */
function streamOf(store: string): string {
  return `KV_${store}`;
}
