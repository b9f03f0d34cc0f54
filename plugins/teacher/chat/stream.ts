/** Answers that come as a stream of server-sent events although none was asked for. */
import * as v from "valibot";
import { parseJson } from "@tandem/core/internal";

/** What is read of one piece. */
const PIECE = v.object({
  choices: v.fallback(
    v.array(v.object({
      index: v.fallback(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
      delta: v.fallback(v.nullish(v.record(v.string(), v.unknown())), {}),
      finish_reason: v.optional(v.unknown()),
      logprobs: v.fallback(v.nullish(v.object({ content: v.array(v.unknown()) })), null),
    })),
    [],
  ),
  usage: v.optional(v.unknown()),
  error: v.optional(v.unknown()),
});

/** A completion's choice as it grows. */
interface Growing {
  readonly message: { content: unknown[]; refusal?: string; tool_calls?: unknown[] };
  finish_reason: unknown;
  readonly logprobs: { readonly content: unknown[] };
}

/** Whether a body is a stream of events. */
export function isStream(body: string): boolean {
  return /^\s*(?:data|event|id|retry)?:/.test(body);
}

/**
 * The completion, as JSON, whose pieces a stream holds; undefined where it holds no piece at all.
 *
 * @example
 * ```ts
 * import { joinStream } from "./stream.ts";
 * import assert from "node:assert/strict";
 * const piece = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}`;
 * const joined = joinStream(`${piece("go")}\n\n${piece(" left")}\n\ndata: [DONE]\n`);
 * assert.match(JSON.stringify(joined), /"content":\["go"," left"\]/);
 * ```
 */
export function joinStream(body: string): unknown {
  const choices: Growing[] = [];
  let [usage, error]: unknown[] = [];
  let pieces = 0;
  for (const line of body.split(/\r\n|\n|\r/)) {
    const piece = pieceIn(line);
    if (!piece) continue;
    pieces++;
    usage = piece.usage ?? usage;
    error ??= piece.error;
    for (const { index, delta, ...rest } of piece.choices) {
      if (index > choices.length) continue;
      grow(choices[index] ??= begun(), delta ?? {}, rest);
    }
  }
  return pieces === 0 ? undefined : { choices, usage, error };
}

function pieceIn(line: string): v.InferOutput<typeof PIECE> | undefined {
  const data = /^data:(.*)$/.exec(line)?.[1]?.trim() ?? "";
  if (!data.startsWith("{")) return undefined; // "[DONE]", comments, names of events
  try {
    const parsed = v.safeParse(PIECE, parseJson(data));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

function begun(): Growing {
  return { message: { content: [] }, finish_reason: null, logprobs: { content: [] } };
}

function grow(
  choice: Growing,
  { content, refusal, tool_calls }: Readonly<Record<string, unknown>>,
  { finish_reason, logprobs }: Pick<
    v.InferOutput<typeof PIECE>["choices"][number],
    "finish_reason" | "logprobs"
  >,
): void {
  const { message } = choice;
  for (const part of Array.isArray(content) ? content : [content ?? ""]) message.content.push(part);
  if (typeof refusal === "string") message.refusal = (message.refusal ?? "") + refusal;
  if (Array.isArray(tool_calls)) (message.tool_calls ??= []).push(...tool_calls.slice(0, 1));
  choice.finish_reason = finish_reason ?? choice.finish_reason;
  for (const position of logprobs?.content ?? []) choice.logprobs.content.push(position);
}
