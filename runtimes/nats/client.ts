/**
 * The packages of NATS's client: the one door to what they do. They are imported when this file is, so
 * that the rest of the program imports what leads here when there is a cluster.
 */
import { importOptional } from "@tandem/core/internal";

const load = <T>(name: string) => importOptional<T>(name, "talks to a cluster", (it) => import(it));

/** Connections. */
export const transport = await load<typeof import("@nats-io/transport-node")>(
  "@nats-io/transport-node",
);
/** Streams. */
export const streams = await load<typeof import("@nats-io/jetstream")>("@nats-io/jetstream");
/** Key-value stores. */
export const keyValues = await load<typeof import("@nats-io/kv")>("@nats-io/kv");
/** Object stores. */
export const objects = await load<typeof import("@nats-io/obj")>("@nats-io/obj");
