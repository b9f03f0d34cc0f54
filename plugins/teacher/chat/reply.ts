/** What a server answered: a completion, an error in one of the usual forms, or neither. */
import * as v from "valibot";
import { parseJson } from "@tandem/core/internal";
import { type Position, readLogProbs } from "./logprobs.ts";
import { isStream, joinStream } from "./stream.ts";

/** A part of a message's content, as servers of several kinds write it. */
const PART = v.union([
  v.string(),
  v.object({
    type: v.nullish(v.string()),
    text: v.nullish(v.string()),
    refusal: v.nullish(v.string()),
  }),
  v.pipe(v.unknown(), v.transform(() => "")), // thoughts, pictures and sounds
]);

const amount = v.fallback(v.optional(v.pipe(v.number(), v.finite(), v.minValue(0))), undefined);

/** What is read of a chat completion; servers add much else. */
const COMPLETION = v.object({
  choices: v.pipe(
    v.array(v.object({
      message: v.object({
        content: v.nullish(v.union([v.string(), v.array(PART)]), ""),
        refusal: v.fallback(v.nullish(v.string()), null),
        tool_calls: v.fallback(v.nullish(v.array(v.unknown())), null),
        function_call: v.optional(v.unknown()),
      }),
      finish_reason: v.fallback(v.nullish(v.string()), null),
      logprobs: v.optional(v.unknown()),
      error: v.optional(v.unknown()),
    })),
    v.minLength(1),
  ),
  usage: v.fallback(
    v.nullish(v.object({ total_tokens: amount, prompt_tokens: amount, completion_tokens: amount })),
    null,
  ),
  completion_probabilities: v.optional(v.unknown()),
  error: v.optional(v.unknown()),
});

/** What a model said. */
export interface Completion {
  readonly text: string;
  /** Its answers, where several were asked for; `text` is the first. */
  readonly texts: readonly string[];
  /** Why it stopped, in the server's word: "stop", "length", "tool_calls", "content_filter". */
  readonly finish: string;
  /** Its words where it refuses to answer. */
  readonly refusal: string;
  /** Whether it calls a tool in place of an answer. */
  readonly callsTool: boolean;
  /** Tokens read and written, or undefined where the server keeps no account. */
  readonly tokens: number | undefined;
  /** Those of them that were written, where the server counts them apart. */
  readonly written: number | undefined;
  /** Log-probabilities by place; none where there are none, undefined in a form that is not known. */
  readonly logProbs: readonly Position[] | undefined;
  /** Whether it came as a stream of pieces, which nobody asked for. */
  readonly isStreamed: boolean;
}

/** What a server says is wrong. */
export interface ServerError {
  readonly message: string;
  /** Its code or its type, "" without one. */
  readonly code: string;
  /** The field of the request that it is about. */
  readonly param: string;
}

/** What a body holds. */
export type Reply =
  | { readonly completion: Completion }
  | { readonly error: ServerError }
  | { readonly nonsense: string };

/** Reads a body of a response, whatever its status. */
export function readReply(body: string): Reply {
  const isStreamed = isStream(body);
  let value: unknown;
  try {
    value = isStreamed ? joinStream(body) : parseJson(body);
  } catch {
    return { nonsense: "the answer is no JSON" };
  }
  const parsed = v.safeParse(COMPLETION, value, { abortEarly: true });
  if (parsed.success && !parsed.output.error && !parsed.output.choices[0]!.error) {
    return { completion: completionOf(parsed.output, isStreamed) };
  }
  const error = errorIn(value);
  return error ? { error } : { nonsense: "the answer is no chat completion" };
}

type Parsed = v.InferOutput<typeof COMPLETION>;

function completionOf(
  { choices, usage, completion_probabilities }: Parsed,
  isStreamed: boolean,
): Completion {
  const { message, finish_reason, logprobs } = choices[0]!;
  const { refusal, tool_calls, function_call } = message;
  const texts = choices.map(({ message }) => partsOf(message).map(textOf).join(""));
  return {
    text: texts[0]!,
    texts,
    finish: finish_reason ?? "",
    refusal: refusal ?? partsOf(message).map(refusalOf).join(""),
    callsTool: (tool_calls ?? []).length > 0 || (function_call ?? null) !== null,
    tokens: tokensIn(usage ?? {}),
    written: usage?.completion_tokens,
    logProbs: readLogProbs(logprobs ?? completion_probabilities),
    isStreamed,
  };
}

function partsOf({ content }: Parsed["choices"][number]["message"]): readonly Part[] {
  return typeof content === "string" ? [content] : content ?? [];
}

type Part = v.InferOutput<typeof PART>;

function textOf(part: Part): string {
  if (typeof part === "string") return part;
  const isText = ["text", "output_text"].includes(part.type ?? "text");
  return isText ? part.text ?? "" : "";
}

function refusalOf(part: Part): string {
  return typeof part === "string" ? "" : part.refusal ?? "";
}

function tokensIn(usage: {
  readonly total_tokens?: number;
  readonly prompt_tokens?: number;
  readonly completion_tokens?: number;
}): number | undefined {
  const { total_tokens, prompt_tokens, completion_tokens } = usage;
  if (total_tokens !== undefined) return Math.ceil(total_tokens);
  if (prompt_tokens === undefined && completion_tokens === undefined) return undefined;
  return Math.ceil((prompt_tokens ?? 0) + (completion_tokens ?? 0));
}

const word = v.fallback(v.nullish(v.union([v.string(), v.number()])), null);

/** An error, under any of the names that servers give its parts. */
const ERROR = v.object({
  message: word,
  msg: word,
  detail: word,
  code: word,
  type: word,
  status: word,
  param: word,
});

/** The error that a body tells of: in "error", "errors", "detail" or "choices", or by itself. */
export function errorIn(value: unknown, depth = 0): ServerError | undefined {
  if (typeof value === "string") {
    return value === "" ? undefined : { message: value, code: "", param: "" };
  }
  if (typeof value !== "object" || value === null || depth > 3) return undefined;
  if (Array.isArray(value)) return errorIn(value[0], depth + 1);
  for (const name of ["error", "errors", "detail", "choices"]) {
    if (!Object.hasOwn(value, name)) continue;
    const found = errorIn(Reflect.get(value, name), depth + 1);
    if (found) return found;
  }
  const { message, msg, detail, code, type, status, param } = v.parse(ERROR, value);
  const told = message ?? msg ?? detail;
  if (told === null || told === undefined || told === "") return undefined;
  return {
    message: String(told),
    code: String(code ?? type ?? status ?? ""),
    param: String(param ?? ""),
  };
}

/** Servers' words for accounts that no waiting helps. */
const LASTING =
  /^(?:insufficient_quota|billing\w*|account_deactivated|invalid_api_key|access_terminated|model_not_found|payment_required|402)$/i;

const SPENT = /insufficient.{0,10}(?:quota|balance|credit|fund)/i;

/** Whether an error will be the same however often one asks. */
export function isLasting({ code, message }: ServerError): boolean {
  return LASTING.test(code) || SPENT.test(message) || SPENT.test(code);
}
