/** Ways in which a server is asked for one of N, and what each makes of its answer. */
import * as v from "valibot";
import { matchCandidate, parseJson, withoutThoughts } from "@tandem/core/internal";
import { argmax } from "@tandem/core/kit";
import { labelProbabilities } from "./logprobs.ts";
import type { Completion } from "./reply.ts";

/** What the option `method` may name, the best first. */
export const METHODS = [
  "logprobs",
  "enum",
  "guided-choice",
  "grammar",
  "samples",
  "text",
] as const;

/** How an answer is got. */
export type Method = typeof METHODS[number];

/** One of N, as an answer tells it. */
export interface Answer {
  /** The candidate that is likeliest, or that is named; -1 for none. */
  readonly choice: number;
  /** [K] the probabilities of all candidates, where the answer has them. */
  readonly distribution?: readonly number[];
  /** What of the probability stood on no candidate. */
  readonly elsewhere?: number;
}

/** A way of asking. */
export interface Way {
  /** Its name in checkpoints. */
  readonly id: string;
  readonly method: Method;
  /** Whether candidates stand in the question behind letters, and a letter is the answer. */
  readonly isLettered: boolean;
  /** Whether an answer has the whole distribution: then it is asked for once, at any temperature. */
  readonly isWhole: boolean;
  /** Whether nothing but the candidates that are given can be answered. */
  readonly isBound: boolean;
  /** Fields of the request. */
  fields(candidates: readonly string[], samples: number): Readonly<Record<string, unknown>>;
  /** An answer as the model is to write it. */
  write(candidates: readonly string[], choice: number): string;
  /** What an answer tells; undefined where it is not given in this way. */
  read(completion: Completion, candidates: readonly string[]): Answer | undefined;
}

/** Letters that stand for candidates; no server gives log-probabilities of more than 20 tokens. */
export const LETTERS: readonly string[] = [..."ABCDEFGHIJKLMNOPQRST"];

const itself = (candidates: readonly string[], choice: number) => candidates[choice]!;
const bound = { isLettered: false, isWhole: false, isBound: true, write: itself } as const;
const free = { isLettered: false, isBound: false, write: itself } as const;

function logProbs(id: string, top_logprobs: number): Way {
  return {
    id,
    method: "logprobs",
    ...{ isLettered: true, isWhole: true, isBound: false },
    fields: () => ({ logprobs: true, top_logprobs }),
    write: (_, choice) => LETTERS[choice]!,
    read({ logProbs }, { length }) {
      const found = labelProbabilities(logProbs ?? [], LETTERS.slice(0, length));
      return found && { choice: argmax(found.distribution), ...found };
    },
  };
}

/** An answer in JSON, as the schema of "enum" asks for it. */
const NAMED = v.object({ answer: v.string() });

/** The candidate that is written word for word, alone. */
function exactly({ text }: Completion, candidates: readonly string[]): Answer | undefined {
  const choice = candidates.indexOf(withoutThoughts(text).trim());
  return choice < 0 ? undefined : { choice };
}

function inJson({ text }: Completion, candidates: readonly string[]): Answer | undefined {
  try {
    const parsed = v.safeParse(NAMED, parseJson(withoutThoughts(text)));
    const choice = parsed.success ? candidates.indexOf(parsed.output.answer) : -1;
    return choice < 0 ? undefined : { choice };
  } catch {
    return undefined;
  }
}

/** The share of each candidate among answers that name one. */
function frequencies(
  { texts }: Pick<Completion, "texts">,
  candidates: readonly string[],
): Answer | undefined {
  const named = texts.map((text) => matchCandidate(text, candidates));
  const count = named.filter((choice) => choice >= 0).length;
  if (count === 0) return undefined;
  const distribution = candidates.map((_, k) => named.filter((each) => each === k).length / count);
  return {
    choice: argmax(distribution),
    distribution,
    elsewhere: 1 - count / texts.length,
  };
}

/** The way that every server has. */
export const TEXT: Way = {
  id: "text",
  method: "text",
  ...free,
  isWhole: false,
  fields: () => ({}),
  read({ text, finish }, candidates) {
    return { choice: matchCandidate(text, candidates, { cut: finish === "length" }) };
  },
};

/** A grammar of llama.cpp that has the candidates alone. */
function grammarOf(candidates: readonly string[]): string {
  return `root ::= ${candidates.map((candidate) => JSON.stringify(candidate)).join(" | ")}`;
}

/** All ways, the best first; of one method the newer spelling first. */
export const WAYS: readonly Way[] = [
  logProbs("logprobs", LETTERS.length),
  logProbs("logprobs-5", 5),
  {
    id: "enum",
    method: "enum",
    ...bound,
    fields: (candidates) => ({
      response_format: {
        type: "json_schema",
        json_schema: {
          name: "answer",
          strict: true,
          schema: {
            type: "object",
            properties: { answer: { type: "string", enum: candidates } },
            required: ["answer"],
            additionalProperties: false,
          },
        },
      },
    }),
    write: (candidates, choice) => JSON.stringify({ answer: candidates[choice] }),
    read: inJson,
  },
  {
    id: "structured_outputs",
    method: "guided-choice",
    ...bound,
    fields: (candidates) => ({ structured_outputs: { choice: candidates } }),
    read: exactly,
  },
  {
    id: "guided_choice",
    method: "guided-choice",
    ...bound,
    fields: (candidates) => ({ guided_choice: candidates }),
    read: exactly,
  },
  {
    id: "grammar",
    method: "grammar",
    ...bound,
    fields: (candidates) => ({ grammar: grammarOf(candidates) }),
    read: exactly,
  },
  {
    id: "samples-at-once",
    method: "samples",
    ...free,
    isWhole: true,
    fields: (_, n) => ({ n }),
    read: frequencies,
  },
  {
    id: "samples",
    method: "samples",
    ...free,
    isWhole: true,
    fields: () => ({}),
    read: frequencies,
  },
  TEXT,
];

/**
 * What an answer tells in its way, or, where it is not given so, by the letter or the candidate that its
 * text names; and how it was got.
 */
export function readAnswer(
  way: Way,
  completion: Completion,
  candidates: readonly string[],
): { readonly answer: Answer; readonly method: Method } {
  const answer = way.read(completion, candidates);
  if (answer) return { answer, method: way.method };
  const letters = LETTERS.slice(0, candidates.length);
  const choice = way.isLettered ? letters.indexOf(withoutThoughts(completion.text).trim()) : -1;
  return choice < 0
    ? { answer: TEXT.read(completion, candidates)!, method: "text" }
    : { answer: { choice }, method: "text" };
}
