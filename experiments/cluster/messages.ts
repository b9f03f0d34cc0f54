/**
 * What coordinators and workers tell each other. All of it is JSON, and anybody who reaches the server
 * can put in anything: every message is read through {@linkcode readMessage}, and what is not one is
 * data without a meaning. Texts that are shown come out of it as they may be shown.
 */
import * as v from "valibot";
import { parseJson } from "../../core/kit/json.ts";
import { TandemError } from "../../core/base/errors.ts";
import { outsideText } from "../../core/base/outside.ts";
import type { TrialContent, TrialOutcome } from "../../lab/store.ts";
import { TRIAL_RECORD } from "../../lab/trial_schema.ts";
import { count as countOf } from "../../lab/format.ts";

/** A text that is shown, of so many characters at most. */
const said = (most: number) =>
  v.pipe(v.string(), v.maxLength(most), v.transform((text) => outsideText(text, { max: most })));

const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
/** Plans, workers and kinds of machines are named with these letters alone. */
const id = v.pipe(v.string(), v.regex(/^[\w-]{1,100}$/));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const time = v.pipe(v.number(), v.finite());
const seconds = v.pipe(v.number(), v.finite(), v.minValue(0));

/** No trial has more iterations: at a millisecond each they are eleven days. */
const MOST_ITERATIONS = 1e9;
/** Names are shown on a line. */
const NAME = 200;

const MACHINE = v.object({
  /** Tandem's version. */
  version: said(50),
  /** SHA-256 of its code. */
  code: said(64),
  deno: said(50),
  /** The processor's architecture. */
  processor: said(50),
  /** Where tensors live: "webgpu", "wasm" or "cpu". */
  device: said(50),
});

const CONTENT = v.pipe(
  v.strictObject({
    pipeline: v.looseObject({
      tandem: v.literal(1),
      name: v.pipe(v.string(), v.maxLength(1000)),
      schedule: v.looseObject({ iterations: v.pipe(count, v.maxValue(MOST_ITERATIONS)) }),
    }),
    seed: count,
    device: v.pipe(v.string(), v.maxLength(50)),
    version: v.pipe(v.string(), v.maxLength(50)),
    files: v.record(v.pipe(v.string(), v.maxLength(1000)), hash),
    testPlan: v.optional(hash),
  }),
  // Of the pipeline this is what is needed here; the rest is judged where it is opened.
  v.transform((content) => content as unknown as TrialContent),
);

const TRIAL = v.object({
  plan: id,
  name: said(NAME),
  content: CONTENT,
  /** The feedback rule, where it is not one of Tandem's; it stands in the object store. */
  rule: v.optional(v.strictObject({
    /** As the pipeline names it. */
    name: v.pipe(v.string(), v.maxLength(1000)),
    /** SHA-256 of the file. */
    sha256: hash,
  })),
  /** The worker that has run it before: this time another one is asked. */
  notBy: v.optional(id),
});

const RESULT = v.object({
  /** The trial's key: a result that is copied to another trial is known. */
  key: hash,
  /** What kind of machine came to it; see `machineClassOf`. */
  fit: id,
  outcome: v.pipe(
    v.union([
      v.strictObject({ record: TRIAL_RECORD }),
      v.strictObject({
        error: v.strictObject({
          code: v.nullable(v.pipe(v.string(), v.regex(/^[A-Z]_[A-Z_]{1,40}$/))),
          message: said(4000),
        }),
      }),
    ]),
    v.transform((outcome): TrialOutcome => outcome),
  ),
  worker: id,
  tries: count,
});

const DEAD = v.object({
  key: hash,
  plan: id,
  name: said(NAME),
  tries: count,
  message: said(4000),
});

const PLAN = v.object({
  id,
  name: said(NAME),
  machine: MACHINE,
  trials: count,
  done: count,
  failed: count,
  /** Milliseconds since 1970. */
  startedAt: time,
  toldAt: time,
  state: v.picklist(["at work", "done", "left"]),
  /** Mean seconds of a trial that is done; null before the first. */
  trialSeconds: v.nullable(seconds),
});

const WORKER = v.object({
  id,
  host: said(NAME),
  machine: MACHINE,
  jobs: count,
  running: v.pipe(
    v.array(v.object({ name: said(NAME), iteration: count, iterations: count })),
    v.maxLength(10_000),
  ),
  done: count,
  failed: count,
  toldAt: time,
});

const POINTER = v.strictObject({ object: v.pipe(v.string(), v.maxLength(200)) });

const KIB = 1024;

/** Every message: its form and the most bytes of it. */
const MESSAGES = {
  /** A trial on the queue. */
  trial: { schema: TRIAL, most: 512 * KIB },
  /** What a trial came to. */
  result: { schema: RESULT, most: 64 * KIB * KIB },
  /** That a result is too large for a message, and the object that it stands in. */
  pointer: { schema: POINTER, most: KIB },
  /** A trial that was put aside. */
  failure: { schema: DEAD, most: 64 * KIB },
  /** How a plan stands, in key-value. */
  plan: { schema: PLAN, most: 64 * KIB },
  /** How a worker stands, in key-value. */
  worker: { schema: WORKER, most: KIB * KIB },
} as const;

/** A key of the messages. */
export type MessageKind = keyof typeof MESSAGES;
/** A message that was read. */
export type Message<K extends MessageKind> = v.InferOutput<typeof MESSAGES[K]["schema"]>;

export type TrialMessage = Message<"trial">;
export type RuleFile = NonNullable<TrialMessage["rule"]>;
export type ResultMessage = Message<"result">;
export type DeadMessage = Message<"failure">;
export type PlanState = Message<"plan">;
export type WorkerState = Message<"worker">;

/** Bytes that are no message of the kind that was looked for; what it says ends a sentence. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
}

/** JSON that is nested deeper is none of ours, and would exhaust the stack of who walks through it. */
const DEEPEST = 100;

/**
 * The message in bytes, by anybody.
 *
 * @throws {Unreadable} where there is none.
 */
export function readMessage<K extends MessageKind>(kind: K, bytes: Uint8Array): Message<K> {
  const { schema, most } = MESSAGES[kind];
  if (bytes.length > most) {
    throw new Unreadable(`is larger than ${countOf(most)} bytes`);
  }
  const parsed = v.safeParse(schema, jsonIn(bytes), { abortEarly: true });
  if (parsed.success) return parsed.output as Message<K>;
  const [issue] = parsed.issues;
  const path = v.getDotPath(issue);
  const why = outsideText(issue.message, { max: 150 });
  throw new Unreadable(path ? `has no right "${outsideText(path, { max: 80 })}": ${why}` : why);
}

/** The most bytes of a message. */
export function mostBytes(kind: MessageKind): number {
  return MESSAGES[kind].most;
}

/**
 * Checks that a message to be sent is one that the other side takes.
 *
 * @throws {TandemError} E_CLUSTER
 */
export function expectReadable(kind: MessageKind, value: unknown, what: string): void {
  try {
    readMessage(kind, new TextEncoder().encode(JSON.stringify(value)));
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new TandemError("E_CLUSTER", `${what} cannot travel to workers: it ${error.message}.`);
  }
}

/** @throws {Unreadable} */
function jsonIn(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Unreadable("is no text");
  }
  try {
    return parseJson(text, DEEPEST);
  } catch (error) {
    const isDeep = error instanceof RangeError;
    throw new Unreadable(isDeep ? `is nested deeper than ${DEEPEST} levels` : "is no JSON");
  }
}
