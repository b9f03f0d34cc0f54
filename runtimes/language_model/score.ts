/** Log-probabilities of candidate texts given a prompt, and the distribution they make. */
import type { Decoder, Step } from "./decoder.ts";
import type { Logits } from "./logits.ts";
import { requireOption } from "./generate.ts";
import { logSumExp } from "./sampling.ts";

/**
 * What a candidate's score is. "mean": mean log-probability of its tokens, so that long candidates
 * are not punished. "sum": log-probability of the whole text. "logits": sum of the raw logits, every
 * missing token of a shorter candidate counted as 1, as GLAM's published code does.
 */
export type Normalisation = "mean" | "sum" | "logits";

/** How candidates are scored. */
export interface ScoreOptions {
  /** Default "mean". */
  readonly normalisation?: Normalisation;
  /** Divides the scores before the softmax. Default 1. */
  readonly temperature?: number;
  /**
   * Whether prompts and candidates carry the special tokens of the tokenizer's template (T5: the end
   * token). Default true; Lamorel leaves them out. Candidates of decoder-only models never do.
   */
  readonly specialTokens?: boolean;
}

/** @throws TandemError E_OPTION where an option is out of its range. */
export function checkScoreOptions({ temperature = 1 }: ScoreOptions): void {
  const fits = temperature > 0 && temperature < Infinity;
  requireOption(fits, "temperature", temperature, "above 0");
}

/** One candidate under one prompt. */
export interface CandidateScore {
  /** Token ids of the candidate. */
  readonly ids: readonly number[];
  /** log p of each id given the prompt and the ids before it. */
  readonly tokenLogProbs: readonly number[];
  /** Sum of `tokenLogProbs`. */
  readonly sum: number;
  /** `sum` divided by the number of ids. */
  readonly mean: number;
  /** The score that the distribution is made of, as the normalisation says. */
  readonly score: number;
}

/** All candidates of one prompt. */
export interface PromptScore {
  /** [K] one a candidate. */
  readonly candidates: readonly CandidateScore[];
  /** Softmax of the scores over the temperature; sums to 1. */
  readonly distribution: Float32Array;
  /** Tokens of the prompt. */
  readonly promptTokens: number;
}

/** What the model says of a candidate's ids. */
export interface TokenScores {
  /** Log-probability of each token. */
  readonly logProbs: readonly number[];
  /** Logit of each token. */
  readonly logits: readonly number[];
}

/**
 * Scores candidates behind a started batch, each as a row of its own: the way that every graph can
 * go. The first token of all comes from the batch's own logits.
 *
 * @param candidates [rows][any number][length > 0] ids.
 */
export async function scoreChains(
  decoder: Decoder,
  started: Step,
  candidates: readonly (readonly (readonly number[])[])[],
): Promise<TokenScores[][]> {
  const results = candidates.map((list) =>
    list.map(() => ({ logProbs: [] as number[], logits: [] as number[] }))
  );
  const rows: number[] = [];
  const places: { row: number; index: number; ids: readonly number[] }[] = [];
  candidates.forEach((list, row) => {
    const first = started.logits.data.subarray(
      row * started.logits.vocab,
      (row + 1) * started.logits.vocab,
    );
    const norm = logSumExp(first);
    list.forEach((ids, index) => {
      add(results[row]![index]!, first, norm, ids[0]!);
      if (ids.length === 1) return;
      rows.push(row);
      places.push({ row, index, ids });
    });
  });
  if (places.length === 0) return results;
  const longest = Math.max(...places.map(({ ids }) => ids.length));
  const tokens = places.map(({ ids }) =>
    Array.from({ length: longest - 1 }, (_, t) => ids[t] ?? ids.at(-1)!)
  );
  const { logits } = await decoder.extend(decoder.select(started.state, rows), tokens);
  places.forEach(({ row, index, ids }, i) => {
    for (let t = 1; t < ids.length; t++) {
      const values = positionOf(logits, i, t - 1);
      add(results[row]![index]!, values, logSumExp(values), ids[t]!);
    }
  });
  return results;
}

function add(
  into: { logProbs: number[]; logits: number[] },
  values: Float32Array,
  norm: number,
  id: number,
): void {
  into.logProbs.push(values[id]! - norm);
  into.logits.push(values[id]!);
}

function positionOf({ data, positions, vocab }: Logits, row: number, t: number): Float32Array {
  const from = (row * positions + t) * vocab;
  return data.subarray(from, from + vocab);
}

/** Makes the scores and the distribution of one prompt's candidates. */
export function promptScore(
  promptTokens: number,
  ids: readonly (readonly number[])[],
  tokens: readonly TokenScores[],
  options: ScoreOptions = {},
): PromptScore {
  const { normalisation = "mean", temperature = 1 } = options;
  const longest = Math.max(...ids.map((list) => list.length));
  const candidates = tokens.map(({ logProbs, logits }, i) => {
    const sum = total(logProbs);
    const mean = sum / logProbs.length;
    const score = { mean, sum, logits: total(logits) + longest - logits.length }[normalisation];
    return { ids: ids[i]!, tokenLogProbs: logProbs, sum, mean, score };
  });
  const distribution = softmax(candidates.map(({ score }) => score), temperature);
  return { candidates, distribution, promptTokens };
}

/**
 * Softmax of scores divided by a temperature.
 *
 * @example
 * ```ts
 * import { softmax } from "./score.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual([...softmax([0, 0])], [0.5, 0.5]);
 * assert.equal(softmax([Math.log(3), 0])[0], 0.75);
 * ```
 */
export function softmax(scores: readonly number[], temperature = 1): Float32Array {
  const max = Math.max(...scores);
  const weights = Float32Array.from(scores, (score) => Math.exp((score - max) / temperature));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
