/** Log-probabilities of an answer's tokens, in the forms in which servers give them. */
import * as v from "valibot";
import { withoutThoughts } from "@tandem/core/internal";

/** A token that might have been written, with the natural logarithm of its probability. */
export type Likely = readonly [token: string, logProb: number];

/** A place in the answer: the token that was written, and those that were likeliest there. */
export interface Position {
  readonly token: string;
  readonly likely: readonly Likely[];
}

/** Probabilities of labels. */
export interface LabelProbabilities {
  /** [K] they sum to 1. */
  readonly distribution: readonly number[];
  /** What of the probability stood on other tokens, 0 to 1. */
  readonly elsewhere: number;
}

/** Above 0 by less than this is rounding; by more it is no logarithm of a probability. */
const ROUNDING = 1e-3;

const logProb = v.pipe(v.number(), v.maxValue(ROUNDING));

const LIKELY = v.object({ token: v.string(), logprob: logProb });

/** OpenAI's: a list of places, each with a list of likely tokens. */
const SPECIFIED = v.pipe(
  v.object({
    content: v.array(v.object({ token: v.string(), top_logprobs: v.array(LIKELY) })),
  }),
  v.transform(({ content }) =>
    content.map(({ token, top_logprobs }): Position => ({
      token,
      likely: top_logprobs.map((each): Likely => [each.token, each.logprob]),
    }))
  ),
);

/** That of the older completions, which some servers give for chats: columns, and a record a place. */
const COLUMNS = v.pipe(
  v.object({
    tokens: v.array(v.string()),
    top_logprobs: v.array(v.nullable(v.record(v.string(), logProb))),
  }),
  v.transform(({ tokens, top_logprobs }) =>
    tokens.map((token, i): Position => ({ token, likely: Object.entries(top_logprobs[i] ?? {}) }))
  ),
);

/** llama.cpp's own: probabilities, or logarithms under its own names. */
const OWN = v.pipe(
  v.array(v.union([
    v.pipe(
      v.object({
        content: v.string(),
        probs: v.array(v.object({ tok_str: v.string(), prob: v.pipe(v.number(), v.minValue(0)) })),
      }),
      v.transform(({ content, probs }): Position => ({
        token: content,
        likely: probs.map(({ tok_str, prob }): Likely => [tok_str, Math.log(Math.min(1, prob))]),
      })),
    ),
    v.pipe(
      v.object({ token: v.string(), top_logprobs: v.array(LIKELY) }),
      v.transform(({ token, top_logprobs }): Position => ({
        token,
        likely: top_logprobs.map((each): Likely => [each.token, each.logprob]),
      })),
    ),
  ])),
);

const ANY = v.union([SPECIFIED, COLUMNS, OWN]);

/**
 * Reads log-probabilities.
 *
 * @returns Place by place; none where there are none, undefined where they have none of the known forms.
 */
export function readLogProbs(value: unknown): readonly Position[] | undefined {
  if (value === undefined || value === null) return [];
  const parsed = v.safeParse(ANY, value);
  return parsed.success ? parsed.output : undefined;
}

/** A token as a label is held against it: without the marks of spaces that tokenizers leave. */
function bare(token: string): string {
  return token.replace(/[\s▁Ġ"'`*_()[\]{}.:]+/gu, "");
}

/**
 * The probabilities of labels where the answer is written: at its first token, behind thoughts at the
 * last place where a label was written.
 *
 * @param labels K texts of a letter each.
 * @returns undefined where no label is among the likely tokens.
 * @example
 * ```ts
 * import { labelProbabilities } from "./logprobs.ts";
 * import assert from "node:assert/strict";
 * const likely = [["A", Math.log(0.6)], [" B", Math.log(0.2)], ["The", Math.log(0.2)]] as const;
 * const found = labelProbabilities([{ token: "A", likely }], ["A", "B"]);
 * assert.ok(Math.abs(found!.distribution[0]! - 0.75) < 1e-12);
 * assert.ok(Math.abs(found!.elsewhere - 0.2) < 1e-12);
 * ```
 */
export function labelProbabilities(
  positions: readonly Position[],
  labels: readonly string[],
): LabelProbabilities | undefined {
  const written = positions.map(({ token }) => token).join("");
  const thinks = withoutThoughts(written).trim() !== written.trim();
  const place = thinks
    ? positions.findLast(({ token }) => labels.includes(bare(token)))
    : positions.find(({ token }) => bare(token) !== "");
  const sums = labels.map((label) =>
    (place?.likely ?? []).filter(([token]) => bare(token) === label)
      .reduce((sum, [, logProb]) => sum + Math.exp(logProb), 0)
  );
  const sum = sums.reduce((a, b) => a + b, 0);
  if (sum === 0) return undefined;
  return {
    distribution: sums.map((each) => each / sum),
    elsewhere: Math.max(0, 1 - sum),
  };
}
