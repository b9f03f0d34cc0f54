/** Messages of the queue and what is done with them. */
import { systemClock } from "../../core/context.ts";
import type { JetStreamManager, JsMsg } from "@nats-io/jetstream";

/** Waits before a trial that failed is tried again, in milliseconds; the last for all further tries. */
const BACKOFF = [1000, 5000, 30_000];

const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];

/** A trial as a worker holds it. */
export interface HeldTrial {
  readonly key: string;
  /** What was put in. */
  readonly body: unknown;
  /** How often it was handed out, this time included. */
  readonly tries: number;
  /** Says that the work goes on. */
  working(): void;
  /** Takes it off the queue: what it came to is published. */
  done(): Promise<void>;
  /** Gives it back, to be tried again after a wait. */
  giveBack(): void;
  /** Gives it back at once. */
  letGo(): void;
}

/** A message as a trial. */
export function held(message: JsMsg): HeldTrial {
  const tries = message.info.deliveryCount;
  return {
    key: keyOf(message.subject),
    body: decode(message.data),
    tries,
    working: () => message.working(),
    done: async () => void await message.ackAck(),
    giveBack: () => message.nak(BACKOFF[Math.min(tries, BACKOFF.length) - 1]!),
    letGo: () => message.nak(),
  };
}

/** Does what needs the server until it succeeds, however long the server is away. */
export async function insist(work: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  for (let wait = 250;; wait = Math.min(2 * wait, 5000)) {
    try {
      await work();
      return;
    } catch (error) {
      if (signal.aborted) throw error;
      await systemClock.sleep(wait, signal);
    }
  }
}

/** Makes a stream where it is missing; one that is there keeps the limits that its owner gave it. */
export async function ensure(
  manager: JetStreamManager,
  config: Parameters<JetStreamManager["streams"]["add"]>[0],
): Promise<void> {
  try {
    await manager.streams.info(config.name!);
  } catch {
    await manager.streams.add(config);
  }
}

/**
 * The last value of each subject of a stream. A key-value store's own listing leaves a consumer on the
 * server for minutes, and may not end as long as values keep coming.
 */
export async function lastOfEach(manager: JetStreamManager, stream: string): Promise<unknown[]> {
  const { state } = await manager.streams.info(stream, { subjects_filter: ">" });
  const values: unknown[] = [];
  for (const subject of Object.keys(state.subjects ?? {})) {
    const message = await manager.streams.getMessage(stream, { last_by_subj: subject });
    if (message && message.data.length > 0) values.push(decode(message.data)); // empty: deleted
  }
  return values;
}

/** JSON as bytes. */
export function encode(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

/** The JSON in bytes. */
export function decode(bytes: Uint8Array): unknown {
  return JSON.parse(decoder.decode(bytes));
}

/** The trial that a subject ends with. */
export function keyOf(subject: string): string {
  return subject.slice(subject.lastIndexOf(".") + 1);
}
