/** What the queue keeps on a server: three streams, three key-value stores, one object store. */
import type { JetStreamClient, JetStreamManager } from "@nats-io/jetstream";
import type { KV } from "@nats-io/kv";
import type { ObjectStore } from "@nats-io/obj";
import { keyValues, objects, streams, transport } from "./client.ts";
import { isLost } from "./failures.ts";

const { DiscardPolicy, RetentionPolicy, StorageType } = streams;
const { Kvm } = keyValues;
const { Objm } = objects;
const { nanos } = transport;

/** The streams of trials, of results, and of trials that were put aside. */
export const [TRIALS, RESULTS, DEAD] = ["TANDEM_TRIALS", "TANDEM_RESULTS", "TANDEM_DEAD"] as const;
/** The key-value stores. */
export const [PLANS, WORKERS, FAILURES] = [
  "tandem-plans",
  "tandem-workers",
  "tandem-failures",
] as const;
/** The object store. */
const OBJECTS = "tandem-objects";

const DAY = 24 * 3600 * 1000;
/** Results, plans and objects go when they are so old. */
const KEPT = 30 * DAY;
/** A trial that is put in twice within this time is put in once. */
const SAME = 10 * 60 * 1000;
/** A worker that has said nothing for so long is gone, in milliseconds. */
const SILENT = 15_000;

/** The stores beside the streams. */
export interface Stores {
  readonly plans: KV;
  readonly workers: KV;
  readonly failures: KV;
  readonly objects: ObjectStore;
}

/** Makes what is not there yet. One that is there keeps the limits that its owner gave it. */
export async function makeStores(
  manager: JetStreamManager,
  client: JetStreamClient,
  replicas: number,
): Promise<Stores> {
  const shared = { storage: StorageType.File, num_replicas: replicas };
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
  return {
    plans: await kvm.create(PLANS, { history: 1, ttl: KEPT, replicas }),
    workers: await kvm.create(WORKERS, { history: 1, ttl: SILENT, replicas }),
    failures: await kvm.create(FAILURES, { history: 1, ttl: KEPT, replicas }),
    objects: await new Objm(client).create(OBJECTS, { ttl: nanos(KEPT), replicas }),
  };
}

/** The stores as they are, for one who only looks: nothing is made and nothing is asked. */
export async function findStores(client: JetStreamClient): Promise<Stores> {
  const kvm = new Kvm(client);
  const [plans, workers, failures] = await Promise.all(
    [PLANS, WORKERS, FAILURES].map((name) => kvm.open(name)),
  );
  const objects = await new Objm(client).open(OBJECTS, false);
  return { plans: plans!, workers: workers!, failures: failures!, objects };
}

/** The stream in which NATS keeps a key-value store. */
export function streamOf(store: string): string {
  return `KV_${store}`;
}

async function ensure(
  manager: JetStreamManager,
  config: Parameters<JetStreamManager["streams"]["add"]>[0],
): Promise<void> {
  try {
    await manager.streams.info(config.name!);
  } catch (error) {
    if (!isLost(error)) throw error;
    await manager.streams.add(config);
  }
}
