import * as v from "valibot";

/** What is read of a chat completion; servers add much else. */
const COMPLETION = v.object({
  choices: v.pipe(
    v.array(v.object({ message: v.object({ content: v.nullish(v.string(), "") }) })),
    v.minLength(1),
  ),
  usage: v.nullish(v.object({ total_tokens: v.nullish(v.number()) })),
});

/** What a server answered. */
export interface Completion {
  readonly text: string;
  /** Tokens read and written, or undefined where the server keeps no account. */
  readonly tokens: number | undefined;
}

/** Reads a response's body, or says in a few words what is wrong with it. */
export function parseCompletion(body: string): Completion | string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return "the answer is no JSON";
  }
  const parsed = v.safeParse(COMPLETION, value, { abortEarly: true });
  if (!parsed.success) return "the answer is no chat completion";
  const { choices, usage } = parsed.output;
  const tokens = usage?.total_tokens;
  const counted = typeof tokens === "number" && tokens >= 0 && Number.isFinite(tokens);
  return { text: choices[0]!.message.content, tokens: counted ? tokens : undefined };
}

/**
 * The candidate that an answer names, or -1. Case, punctuation and thoughts in <think> tags do not
 * matter. An answer that names several candidates counts by its last line if that names one alone.
 *
 * @example
 * ```ts
 * import { parseAnswer } from "./parse.ts";
 * import assert from "node:assert/strict";
 * const candidates = ["turn left", "go forward", "go"];
 * assert.equal(parseAnswer('**Go forward.**', candidates), 1);
 * assert.equal(parseAnswer("Not turn left, there is a wall.\nAnswer: go", candidates), 2);
 * assert.equal(parseAnswer("I cannot say", candidates), -1);
 * ```
 */
export function parseAnswer(answer: string, candidates: readonly string[]): number {
  const words = candidates.map(normalise);
  const said = answer.replace(/<think>[\s\S]*?(<\/think>|$)/gi, " ");
  const exact = words.indexOf(normalise(said));
  if (exact >= 0) return exact;
  const lines = said.split("\n").map(normalise).filter((line) => line !== "");
  for (const text of [lines.join(" "), lines.at(-1) ?? ""]) {
    const named = namedIn(text, words);
    if (named.length === 1) return named[0]!;
  }
  return -1;
}

/** Candidates that occur in a text as whole words, other than as part of a longer one. */
function namedIn(text: string, words: readonly string[]): number[] {
  const longestFirst = words.map((_, index) => index)
    .sort((a, b) => words[b]!.length - words[a]!.length);
  let rest = ` ${text} `;
  return longestFirst.filter((index) => {
    const word = words[index]!;
    if (word === "" || !rest.includes(` ${word} `)) return false;
    rest = rest.replaceAll(` ${word} `, " | ");
    return true;
  });
}

function normalise(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}
