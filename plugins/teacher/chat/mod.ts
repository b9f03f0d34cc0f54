import * as v from "valibot";
import { between, DAY, positive, whole } from "../../../core/bounds.ts";
import { TandemError } from "../../../core/errors.ts";
import type { OptionsOutput } from "../../../core/options.ts";
import { definePlugin, type Plugin } from "../../../core/plugin.ts";
import { ChatClient } from "./client.ts";
import { ChatTeacher } from "./teacher.ts";

const seconds = positive(DAY);

/** Options of {@linkcode chat}. */
export const chatOptions = {
  /** The model's name, as the server knows it. */
  model: v.pipe(v.string(), v.nonEmpty()),
  /** Where the server's API begins; "/chat/completions" is added. */
  baseUrl: v.optional(
    v.pipe(v.string(), v.url(), v.regex(/^https?:/)),
    "https://api.openai.com/v1",
  ),
  /** The environment variable that holds the key; "" for a server that wants none. */
  keyVariable: v.optional(v.string(), "OPENAI_API_KEY"),
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
  /** Longest answer, in tokens. */
  maxTokens: v.optional(whole(1, 1_000_000), 16),
  /** How far an answer is trusted: the probability of the candidate that it names. */
  confidence: v.optional(positive(1), 0.9),
  /** Whether verdicts are put into the next question. */
  feedback: v.optional(v.boolean(), true),
  /** Longest wait for one answer, in seconds. */
  timeout: v.optional(seconds, 30),
  /** Times that a question is asked again when the server fails. */
  retries: v.optional(whole(0, 100), 4),
  /** Wait before the first retry, in seconds; it doubles up to a minute, with jitter. */
  backoff: v.optional(seconds, 0.5),
  /** After a question that failed for good, the server is left alone for so many seconds. */
  coolDown: v.optional(seconds, 30),
  /** Requests on their way at once. */
  concurrency: v.optional(whole(1, 1024), 8),
  /** Most requests a minute; 0 for no limit. */
  requestsPerMinute: v.optional(whole(0, 1_000_000), 0),
  /** Most requests of the run, retries included; 0 for no limit. */
  budgetCalls: v.optional(whole(0, 1e12), 10_000),
  /** Most tokens of the run, read and written; 0 for no limit. */
  budgetTokens: v.optional(whole(0, 1e15), 0),
  /** What is done without an answer: no guidance is given and the run goes on, or it fails. */
  onFailure: v.optional(v.picklist(["silence", "fail"]), "silence"),
} as const;

/** The parsed options of {@linkcode chat}. */
export type ChatOptions = OptionsOutput<typeof chatOptions>;

/**
 * A language model behind an OpenAI-compatible HTTP API (POST BASE/chat/completions): OpenAI,
 * OpenRouter, vLLM, llama.cpp, Ollama and others. It is shown the mission, what the agent sees, the
 * candidates and the verdict on its last answer, and asked for one of the candidates.
 *
 * It needs --allow-net for the server's host, and --allow-env for the key's variable, which stand in
 * front of the command: `TANDEM_ALLOW="--allow-net=HOST --allow-env=VARIABLE" deno task run ...`.
 */
export const chat: Plugin<"teacher", typeof chatOptions> = definePlugin({
  kind: "teacher",
  name: "chat",
  description: "A language model behind an OpenAI-compatible HTTP API.",
  options: chatOptions,
  effects: ["network"],
  create: (options, context, wiring) =>
    new ChatTeacher(
      new ChatClient(options, readKey(options.keyVariable), context),
      options,
      context,
      wiring,
    ),
});

/** @throws {TandemError} E_OPTION where the variable is not set or may not be read. */
function readKey(variable: string): string {
  if (variable === "") return "";
  let key: string | undefined;
  try {
    key = Deno.env.get(variable);
  } catch (cause) {
    throw new TandemError(
      "E_OPTION",
      `The key in "${variable}" may not be read: grant it, by TANDEM_ALLOW=--allow-env=${variable} before the command.`,
      { cause },
    );
  }
  if (key?.trim()) return key.trim();
  throw new TandemError(
    "E_OPTION",
    `The environment variable "${variable}" holds no key: set it, or set keyVariable to "" for a ` +
      `server that wants none.`,
  );
}
