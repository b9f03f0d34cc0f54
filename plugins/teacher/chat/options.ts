/** The options of the chat teacher. */
import * as v from "valibot";
import { between, DAY, positive, whole } from "../../../core/kit/bounds.ts";
import type { OptionsOutput } from "../../../core/pipeline/options.ts";
import { hasNoKey, hasNoUser } from "./endpoint.ts";
import { looksLikeKey } from "./key.ts";

const seconds = positive(DAY);

/** Headers that are not a key's. */
const OTHER_HEADERS = /^(?:accept|connection|content-.*|cookie|host|transfer-encoding)$/i;

/** Options of {@linkcode chat}. */
export const chatOptions = {
  /** The model's name, as the server knows it. */
  model: v.pipe(v.string(), v.nonEmpty()),
  /**
   * Where the server's API begins; "/chat/completions" is added to its path, and a query stays behind
   * it. {key} in the query stands for the key.
   */
  baseUrl: v.optional(
    v.pipe(
      v.string(),
      v.url("It is no address"),
      v.regex(/^https?:/i, 'It begins with "http://" or "https://"'),
      v.check(
        hasNoUser,
        "It holds a user name or a password: name the key's variable, by keyVariable",
      ),
      v.check(
        hasNoKey,
        "Its query holds a key: write {key} there, and name its variable by keyVariable",
      ),
    ),
    "https://api.openai.com/v1",
  ),
  /** The environment variable that holds the key; "" for a server that wants none. */
  keyVariable: v.optional(
    v.pipe(
      v.string(),
      v.metadata({ secret: true }),
      v.regex(/^(?:[A-Za-z_]\w*)?$/, "It is the name of an environment variable, not the key"),
      v.check(
        (name) => !looksLikeKey(name),
        "It is the name of an environment variable, not the key",
      ),
    ),
    "OPENAI_API_KEY",
  ),
  /** The header that carries the key, as "api-key" for Azure; "authorization" says "Bearer" before it. */
  keyHeader: v.optional(
    v.pipe(
      v.string(),
      v.toLowerCase(),
      v.regex(/^[a-z][a-z0-9-]*$/, "It is the name of a header"),
      v.check((name) => !OTHER_HEADERS.test(name), "That header says something else"),
    ),
    "authorization",
  ),
  /** What the model is told about its part. */
  system: v.optional(
    v.string(),
    "You guide an agent through a small world. Answer with one of the candidates, word for word, and nothing else.",
  ),
  /** The question, with the fields {mission}, {observation}, {candidates} and {feedback}. */
  prompt: v.optional(
    v.string(),
    "Goal: {mission}\nThe agent sees: {observation}\nVerdict on your last answer: {feedback}\n" +
      "Candidates: {candidates}\nAnswer:",
  ),
  /** Sampling temperature in training; when measured it is 0. At 0, equal questions are asked once. */
  temperature: v.optional(between(0, 100), 0),
  /**
   * Longest answer, in tokens, thoughts among them. It is sent as "max_tokens", and to a server that
   * refuses that as "max_completion_tokens".
   */
  maxTokens: v.optional(whole(1, 1_000_000), 16),
  /**
   * Further fields of each request, as {"reasoning_effort":"low"}; one given as null is left out, as
   * {"temperature":null}.
   */
  fields: v.optional(
    v.pipe(
      v.record(v.string(), v.unknown()),
      v.check(
        (fields) => !["messages", "stream"].some((name) => Object.hasOwn(fields, name)),
        'Neither "messages" nor "stream" can be changed',
      ),
    ),
    {},
  ),
  /** How far an answer is trusted: the probability of the candidate that it names. */
  confidence: v.optional(positive(1), 0.9),
  /** Whether verdicts are put into the next question. */
  feedback: v.optional(v.boolean(), true),
  /** Longest wait for one answer, in seconds. */
  timeout: v.optional(seconds, 30),
  /** Times that a question is asked again when the server fails. */
  retries: v.optional(whole(0, 100), 4),
  /**
   * Wait before the first retry, in seconds; it doubles up to a minute, with jitter. Where the server
   * asks for more, it is given more, up to a minute.
   */
  backoff: v.optional(seconds, 0.5),
  /** After a question that failed for good, the server is left alone for so many seconds. */
  coolDown: v.optional(seconds, 30),
  /** Requests on their way at once. */
  concurrency: v.optional(whole(1, 1024), 8),
  /** Most requests a minute; 0 for no limit. */
  requestsPerMinute: v.optional(whole(0, 1_000_000), 0),
  /** Most requests of the run, retries and test questions included; 0 for no limit. */
  budgetCalls: v.optional(whole(0, 1e12), 10_000),
  /** Most tokens of the run, read and written; 0 for no limit. */
  budgetTokens: v.optional(whole(0, 1e15), 0),
  /** What is done without an answer: no guidance is given and the run goes on, or it fails. */
  onFailure: v.optional(v.picklist(["silence", "fail"]), "silence"),
  /**
   * Whether the run ends where the teacher gives no usable answer: to the test question before it
   * begins, or to so many questions in a row as `patience` says.
   */
  required: v.optional(v.boolean(), true),
  /**
   * Questions in a row without a usable answer (the server fails, or the answer names no candidate)
   * after which the run ends, if the teacher is required; 0 for no end.
   */
  patience: v.optional(whole(0, 1_000_000), 100),
} as const;

/** The parsed options of {@linkcode chat}. */
export type ChatOptions = OptionsOutput<typeof chatOptions>;
