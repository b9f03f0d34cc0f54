/** What stands on a cluster's server, as far as it can be read. */
import { outsideText } from "../../core/base/outside.ts";
import { count } from "../../lab/format.ts";
import type { Listing } from "../../runtimes/nats/trial_queue.ts";
import { type Message, type MessageKind, readMessage, Unreadable } from "./messages.ts";

/** So many letters that cannot be read are told of, each in a sentence. */
const MOST_TOLD = 5;

/** The messages of a kind among letters. */
export interface Letters<K extends MessageKind> {
  readonly messages: Message<K>[];
  /** What was passed over, and why. */
  readonly sentences: readonly string[];
}

/** Reads letters that should be of a kind; one that is not stops nobody. */
export function lettersOf<K extends MessageKind>(
  kind: K,
  { letters, more }: Listing,
): Letters<K> {
  const messages: Message<K>[] = [];
  const sentences: string[] = [];
  for (const { key, bytes } of letters) {
    try {
      messages.push(readMessage(kind, bytes));
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      const name = outsideText(key, { max: 40 });
      sentences.push(`The ${kind} "${name}" is passed over: it ${error.message}.`);
    }
  }
  const untold = Math.max(0, sentences.length - MOST_TOLD);
  const told = sentences.slice(0, MOST_TOLD);
  if (untold > 0) told.push(`So are ${count(untold)} more.`);
  if (more > 0) told.push(`There are ${count(more)} more, which are not shown.`);
  return { messages, sentences: told };
}
