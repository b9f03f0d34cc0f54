/** Why an answer is of no use, and what to change. */
import { withoutThoughts } from "@tandem/core/internal";
import type { ChatOptions } from "../options.ts";
import type { Completion } from "./reply.ts";

/** A way in which answers are of no use. */
export type Fault = "cut" | "tool" | "refused" | "filtered" | "empty" | "thoughts" | "unnamed";

const REMEDIES: Readonly<Record<Fault, string>> = {
  cut: "raise teacher.maxTokens, or switch the model's thinking off (teacher.fields)",
  tool: "take the tools away where the model is served, or choose a model that answers in words",
  refused: "change teacher.system and teacher.prompt, or choose another model",
  filtered: "change teacher.system and teacher.prompt, or choose another server",
  empty: "choose another model, or look at what the server makes of its answers",
  thoughts: "raise teacher.maxTokens, or switch the model's thinking off (teacher.fields)",
  unnamed: "change teacher.system and teacher.prompt, or choose another model",
};

/** What is wrong with an answer that names no candidate. */
export function faultOf({ text, finish, refusal, callsTool }: Completion): Fault {
  if (finish === "length") return "cut";
  if (refusal !== "") return "refused";
  if (finish === "content_filter") return "filtered";
  if (text.trim() !== "") return withoutThoughts(text) === "" ? "thoughts" : "unnamed";
  return callsTool || finish === "tool_calls" ? "tool" : "empty";
}

/**
 * A fault in a sentence: what the model did, and what to change.
 *
 * @param shown Makes text of the server fit to be shown.
 */
export function faultSentence(
  fault: Fault,
  { text, refusal }: Completion,
  { maxTokens }: Pick<Required<ChatOptions>, "maxTokens">,
  shown: (text: string) => string,
): string {
  const said: Record<Fault, () => string> = {
    cut: () => `its answer was cut off after "${maxTokens}" tokens (finish_reason "length")`,
    tool: () => "it calls a tool in place of an answer",
    refused: () => `it refuses to answer, "${shown(refusal)}"`,
    filtered: () => 'the server withholds its answer (finish_reason "content_filter")',
    empty: () => "its answer is empty",
    thoughts: () => "it thinks and does not answer",
    unnamed: () => `its answer names no candidate, "${shown(text.trim())}"`,
  };
  return `${said[fault]()}: ${REMEDIES[fault]}`;
}
