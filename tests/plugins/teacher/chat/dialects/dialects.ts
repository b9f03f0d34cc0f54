/** The dialects of servers as their documents show them, and the faults that their users report. */
import { likeliest, type Message, type Opinion, opinionOn, tokensOf, tokensRead } from "./model.ts";

/** What becomes of a field that a request may have. */
type Treatment = "kept" | "ignored" | "refused";

/** How a server of a kind behaves. */
export interface Dialect {
  /** In which form log-probabilities come. */
  readonly logprobs: "specified" | "columns" | "own" | "null" | "none" | "strange" | "refused";
  /** The most likely tokens that may be asked for. */
  readonly mostLogprobs?: number;
  readonly response_format: Treatment;
  readonly guided_choice: Treatment;
  readonly structured_outputs: Treatment;
  readonly grammar: Treatment;
  readonly n: Treatment;
  /** What else stands in a choice, in its message and beside the choices. */
  readonly choice?: object;
  readonly message?: object;
  readonly envelope?: object;
}

interface Body {
  readonly messages: readonly Message[];
  readonly logprobs?: boolean;
  readonly top_logprobs?: number;
  readonly n?: number;
  readonly response_format?: {
    json_schema: { schema: { properties: { answer: { enum: string[] } } } };
  };
  readonly guided_choice?: readonly string[];
  readonly structured_outputs?: { choice: readonly string[] };
  readonly grammar?: string;
}

const [kept, ignored, refused] = ["kept", "ignored", "refused"] as const;
const strict = { guided_choice: refused, structured_outputs: refused, grammar: refused } as const;
const lax = { guided_choice: ignored, structured_outputs: ignored, grammar: ignored } as const;

export const DIALECTS = {
  openai: {
    logprobs: "specified",
    ...{ response_format: kept, n: kept, ...strict },
    message: { refusal: null, annotations: [] },
    envelope: { service_tier: "default", system_fingerprint: "fp_1" },
  },
  ollama: {
    logprobs: "none",
    ...{ response_format: kept, n: ignored, ...lax },
    envelope: { system_fingerprint: "fp_ollama" },
  },
  "ollama cloud": {
    logprobs: "null",
    ...{ response_format: ignored, n: ignored, ...lax },
    envelope: { system_fingerprint: "fp_ollama" },
  },
  vllm: {
    logprobs: "specified",
    ...{ response_format: kept, n: kept, ...lax, structured_outputs: kept },
    message: { reasoning_content: null, tool_calls: [] },
    choice: { stop_reason: null },
    envelope: { prompt_logprobs: null },
  },
  "vllm of old": {
    logprobs: "columns",
    ...{ response_format: ignored, n: kept, ...lax, guided_choice: kept },
  },
  "vllm that ignores guided_choice": {
    logprobs: "strange",
    ...{ response_format: ignored, n: kept, ...lax },
  },
  "llama.cpp": {
    logprobs: "specified",
    ...{ response_format: kept, n: ignored, ...lax, grammar: kept },
    envelope: { timings: { prompt_n: 1 } },
  },
  "llama.cpp of old": {
    logprobs: "own",
    ...{ response_format: kept, n: ignored, ...lax, grammar: kept },
  },
  "llama.cpp without n_probs": {
    logprobs: "null",
    ...{ response_format: ignored, n: ignored, ...lax, grammar: kept },
  },
  "LM Studio": {
    logprobs: "none",
    ...{ response_format: kept, n: ignored, ...lax },
    envelope: { stats: {}, system_fingerprint: "m" },
  },
  azure: {
    logprobs: "specified",
    mostLogprobs: 5,
    ...{ response_format: kept, n: kept, ...strict },
    choice: { content_filter_results: { hate: { filtered: false, severity: "safe" } } },
    envelope: { prompt_filter_results: [{ prompt_index: 0, content_filter_results: {} }] },
  },
  "a reasoning model": {
    logprobs: "refused",
    ...{ response_format: kept, n: refused, ...strict },
  },
} as const satisfies Record<string, Dialect>;

/** What a server of a dialect answers. */
export function answerIn(dialect: Dialect, body: object): Response {
  const asked = body as Body;
  const unknown = refusedIn(dialect, asked);
  if (unknown) {
    const message = `Unrecognized request argument supplied: ${unknown}`;
    return Response.json({ error: { message, param: unknown, code: null } }, { status: 400 });
  }
  const opinion = opinionOn(asked.messages);
  const text = textOf(dialect, asked, opinion);
  const count = dialect.n === "kept" ? asked.n ?? 1 : 1;
  const [prompt_tokens, completion_tokens] = [tokensRead(asked.messages), count * tokensOf(text)];
  const choices = Array.from({ length: count }, (_, index) => ({
    index,
    message: {
      role: "assistant",
      content: count > 1 ? drawn(opinion, (index + 0.5) / count) : text,
      ...dialect.message,
    },
    ...logprobsOf(dialect, asked, opinion, text),
    finish_reason: "stop",
    ...dialect.choice,
  }));
  return Response.json({
    ...{ id: "chatcmpl-1", object: "chat.completion", created: 1, model: "m", choices },
    usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
    ...dialect.logprobs === "own" && asked.logprobs && {
      completion_probabilities: [{
        content: text,
        probs: likely(opinion).map(([tok_str, prob]) => ({ tok_str, prob })),
      }],
    },
    ...dialect.envelope,
  });
}

function refusedIn(dialect: Dialect, { logprobs, top_logprobs = 0, ...asked }: Body) {
  if (logprobs && dialect.logprobs === "refused") return "logprobs";
  if (top_logprobs > (dialect.mostLogprobs ?? 20)) return "top_logprobs";
  const fields = [
    "response_format",
    "guided_choice",
    "structured_outputs",
    "grammar",
    "n",
  ] as const;
  return fields.find((field) => field in asked && dialect[field] === "refused");
}

function textOf(dialect: Dialect, asked: Body, opinion: Opinion): string {
  const named = asked.response_format?.json_schema.schema.properties.answer.enum;
  if (named && dialect.response_format === "kept") {
    return JSON.stringify({ answer: likeliest(opinion, named) });
  }
  const { grammar, guided_choice, structured_outputs } = asked;
  const choices = {
    guided_choice,
    structured_outputs: structured_outputs?.choice,
    grammar: grammar && [...grammar.matchAll(/"([^"]*)"/g)].map(([, name]) => name!),
  };
  for (const field of ["guided_choice", "structured_outputs", "grammar"] as const) {
    const allowed = choices[field];
    if (allowed && dialect[field] === "kept") return likeliest(opinion, allowed);
  }
  return likeliest(opinion);
}

/** What a server draws that draws evenly: at a share of the probability of all answers. */
function drawn({ probabilities }: Opinion, at: number): string {
  let sum = 0;
  for (const [name, probability] of Object.entries(probabilities)) {
    sum += probability;
    if (at < sum) return name;
  }
  return "I cannot tell.";
}

/** Likely tokens: the letters, one of them in two spellings, and the rest on another word. */
function likely({ probabilities }: Opinion): [token: string, probability: number][] {
  const entries = Object.entries(probabilities);
  const rest = 1 - entries.reduce((sum, [, probability]) => sum + probability, 0);
  const [[first, most], ...others] = entries as [[string, number], ...[string, number][]];
  return [[first, most / 2], [` ${first}`, most / 2], ...others, ["The", rest]];
}

function logprobsOf(dialect: Dialect, { logprobs }: Body, opinion: Opinion, text: string): object {
  if (!logprobs) return {};
  const top = likely(opinion).map(([token, p]) => ({ token, logprob: Math.log(p), bytes: null }));
  const columns = Object.fromEntries(top.map(({ token, logprob }) => [token, logprob]));
  switch (dialect.logprobs) {
    case "specified":
      return {
        logprobs: { content: [{ token: text, logprob: -0.1, bytes: null, top_logprobs: top }] },
      };
    case "columns":
      return {
        logprobs: {
          ...{ tokens: [text], token_logprobs: [-0.1], text_offset: [0] },
          top_logprobs: [columns],
        },
      };
    case "strange":
      return { logprobs: { [text]: { logprob: -0.1, rank: 1 } } };
    case "null":
      return { logprobs: null };
    default:
      return {};
  }
}
