/** The options of the chat teacher. */
import * as v from "valibot";
import { option } from "@tandem/core";
import { DAY, described } from "@tandem/core/internal";
import { between, positive, whole } from "@tandem/core/kit";
import { hasNoKey, hasNoUser } from "./endpoint.ts";
import { looksLikeKey } from "./key.ts";
import { METHODS } from "./ways.ts";

const seconds = positive(DAY);

/** Headers that are not a key's. */
const OTHER_HEADERS = /^(?:accept|connection|content-.*|cookie|host|transfer-encoding)$/i;

/** Options of {@linkcode chat}. */
export const chatOptions = {
  model: described("The model's name, as the server knows it.", v.pipe(v.string(), v.nonEmpty())),
  baseUrl: option(
    `Where the server's API begins; "/chat/completions" is added to its path, and a query stays
    behind it. {key} in the query stands for the key.`,
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
  keyVariable: option(
    'The environment variable that holds the key; "" for a server that wants none.',
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
  keyHeader: option(
    `The header that carries the key, as "api-key" for Azure; "authorization" says "Bearer" before
    it.`,
    v.pipe(
      v.string(),
      v.toLowerCase(),
      v.regex(/^[a-z][a-z0-9-]*$/, "It is the name of a header"),
      v.check((name) => !OTHER_HEADERS.test(name), "That header says something else"),
    ),
    "authorization",
  ),
  system: option(
    "What the model is told about its part.",
    v.string(),
    "You guide an agent through a small world. Answer with one of the candidates, word for word, and nothing else.",
  ),
  prompt: option(
    "The question, with the fields {mission}, {observation}, {candidates} and {feedback}.",
    v.string(),
    "Goal: {mission}\nThe agent sees: {observation}\nVerdict on your last answer: {feedback}\n" +
      "Candidates: {candidates}\nAnswer:",
  ),
  temperature: option(
    `Sampling temperature in training; when measured it is 0. At 0, equal questions are asked
    once; above, they are asked each time, or answers are drawn from the probabilities that are
    known.`,
    between(0, 100),
    0,
  ),
  maxTokens: option(
    `Longest answer, in tokens, thoughts among them. It is sent as "max_tokens", and to a server
    that refuses that as "max_completion_tokens".`,
    whole(1, 1_000_000),
    16,
  ),
  method: option(
    `How one of the candidates is asked for: by the log-probabilities of letters that stand for
    them, by JSON with an enum, by guided choice, by a grammar, by answers drawn several times, or by
    plain text. "auto" tests what the server can do before its first question and takes the first of
    these that it keeps to, but for "samples", which cost several answers each.`,
    v.picklist(["auto", ...METHODS]),
    "auto",
  ),
  samples: option(
    'Answers drawn for each question by the method "samples".',
    whole(2, 128),
    8,
  ),
  reasoningEffort: option(
    `How much a model thinks before it answers, as "low"; it is sent as "reasoning_effort" unless
    it is "".`,
    v.picklist(["", "none", "minimal", "low", "medium", "high", "xhigh"]),
    "",
  ),
  fields: option(
    `Further fields of each request, as {"top_p":0.9}; one given as null is left out, as
    {"temperature":null} or {"seed":null}.`,
    v.pipe(
      v.record(v.string(), v.unknown()),
      v.check(
        (fields) => !["messages", "stream"].some((name) => Object.hasOwn(fields, name)),
        'Neither "messages" nor "stream" can be changed',
      ),
    ),
    {},
  ),
  confidence: option(
    `How far an answer is trusted: the probability of the candidate that it names, where the answer
    has no probabilities of its own.`,
    positive(1),
    0.9,
  ),
  feedback: option("Whether verdicts are put into the next question.", v.boolean(), true),
  feedbackTurns: option(
    `Questions of the episode that stand as turns before the next one, each with its answer and the
    verdict on it; every one of them is read again each time.`,
    whole(0, 64),
    0,
  ),
  examples: option(
    `Questions with right answers that stand as turns before each question: a mission, what is seen,
    and a candidate, as [["go to the key","You see a key 2 steps left","turn left"]].`,
    v.pipe(
      v.array(v.pipe(
        v.array(v.string()),
        v.length(3, "It is a mission, what is seen, and a candidate"),
      )),
      v.maxLength(32),
    ),
    [],
  ),
  timeout: option("Longest wait for one answer, in seconds.", seconds, 30),
  retries: option("Times that a question is asked again when the server fails.", whole(0, 100), 4),
  backoff: option(
    `Wait before the first retry, in seconds; it doubles up to a minute, with jitter. Where the
    server asks for more, it is given more, up to a minute.`,
    seconds,
    0.5,
  ),
  coolDown: option(
    "After a question that failed for good, the server is left alone for so many seconds.",
    seconds,
    30,
  ),
  concurrency: option("Requests on their way at once.", whole(1, 1024), 8),
  requestsPerMinute: option("Most requests a minute; 0 for no limit.", whole(0, 1_000_000), 0),
  budgetCalls: option(
    "Most requests of the run, retries and test questions included; 0 for no limit.",
    whole(0, 1e12),
    10_000,
  ),
  budgetTokens: option(
    "Most tokens of the run, read and written; 0 for no limit.",
    whole(0, 1e15),
    0,
  ),
  priceInput: option(
    "What a million tokens cost that are read, in dollars; 0 where nothing is to be counted.",
    between(0, 1e6),
    0,
  ),
  priceOutput: option(
    "What a million tokens cost that are written, in dollars, thoughts among them.",
    between(0, 1e6),
    0,
  ),
  budgetDollars: option(
    `Most dollars of the run by these prices; then nothing more is asked and the run goes on. What is
    on its way then is still paid. 0 for no limit.`,
    between(0, 1e9),
    0,
  ),
  onFailure: option(
    "What is done without an answer: no guidance is given and the run goes on, or it fails.",
    v.picklist(["silence", "fail"]),
    "silence",
  ),
  required: option(
    `Whether the run ends where the teacher gives no usable answer: to the test question before it
    begins, or to so many questions in a row as \`patience\` says.`,
    v.boolean(),
    true,
  ),
  patience: option(
    `Questions in a row without a usable answer (the server fails, or the answer names no
    candidate) after which the run ends, if the teacher is required; 0 for no end.`,
    whole(0, 1_000_000),
    100,
  ),
} as const;
