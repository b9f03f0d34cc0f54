/** Messages of the queue and what is done with them. What is in them is judged by who reads them. */
import { systemClock } from "@tandem/core";
import type { JetStreamManager, JsMsg } from "@nats-io/jetstream";
import { lastingFailure } from "./failures.ts";

/** Waits before a trial that failed is tried again, in milliseconds; the last for all further tries. */
const BACKOFF = [1000, 5000, 30_000];

const encoder = new TextEncoder();

/** What was published under a name. Anybody may have published it: it is data, of any form. */
export interface Letter {
  /** The last part of its subject: a trial's key, a plan's or a worker's id. */
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** A trial as a worker holds it. */
export interface HeldTrial extends Letter {
  /** How often it was handed out, this time included. */
  readonly tries: number;
  /** Says that the work goes on. */
  working(): void;
  /** Takes it off the queue: what it came to is published. */
  done(): Promise<void>;
  /** Takes it off the queue: nobody shall work on it. */
  setAside(): void;
  /** Gives it back, to be tried again after a wait, in milliseconds; longer each time unless given. */
  giveBack(wait?: number): void;
  /** Gives it back at once. */
  letGo(): void;
}

/** A message as a trial. */
export function held(message: JsMsg): HeldTrial {
  const tries = message.info.deliveryCount;
  return {
    key: keyOf(message.subject),
    bytes: message.data,
    tries,
    working: () => message.working(),
    done: async () => void await message.ackAck(),
    setAside: () => message.term(),
    giveBack: (wait = BACKOFF[Math.min(tries, BACKOFF.length) - 1]!) => message.nak(wait),
    letGo: () => message.nak(),
  };
}

/**
 * Does what needs the server until it succeeds, however long the server is away.
 *
 * @throws {TandemError} E_CLUSTER where the server refuses it for good. @throws What came last at the signal.
 */
export async function insist(work: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  for (let wait = 250;; wait = Math.min(2 * wait, 5000)) {
    try {
      await work();
      return;
    } catch (error) {
      const lasting = lastingFailure(error);
      if (lasting) throw lasting;
      if (signal.aborted) throw error;
      await systemClock.sleep(wait, signal);
    }
  }
}

/** The last letters of a stream, and how many more there are. */
export interface Listing {
  readonly letters: readonly Letter[];
  readonly more: number;
}

/**
 * The last value of each subject of a stream, of so many subjects at most. A key-value store's own
 * listing leaves a consumer on the server for minutes, and may not end as long as values keep coming.
 */
export async function lastOfEach(
  manager: JetStreamManager,
  stream: string,
  most: number,
): Promise<Listing> {
  const { state } = await manager.streams.info(stream, { subjects_filter: ">" });
  const subjects = Object.keys(state.subjects ?? {});
  const letters: Letter[] = [];
  for (const subject of subjects.slice(0, most)) {
    const message = await manager.streams.getMessage(stream, { last_by_subj: subject });
    if (!message || message.data.length === 0) continue; // empty: deleted
    letters.push({ key: keyOf(subject), bytes: message.data });
  }
  return { letters, more: Math.max(0, subjects.length - most) };
}

/** JSON as bytes. */
export function encode(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

/** The trial that a subject ends with. */
export function keyOf(subject: string): string {
  return subject.slice(subject.lastIndexOf(".") + 1);
}
