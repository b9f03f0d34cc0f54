/** Writing text token by token, greedily or by drawing. */
import type { Tokenizer } from "../tokenizer.ts";
import type { Decoder, Logits, Step } from "./decoder.ts";
import { chooseToken, logSumExp, type RandomSource, type SamplingOptions } from "./sampling.ts";

/** How text is generated. */
export interface GenerateOptions extends SamplingOptions {
  /** Most tokens written a prompt. Default 20. */
  readonly maxTokens?: number;
  /** Texts at which writing ends; the text given ends before them. */
  readonly stop?: readonly string[];
  /** Where draws come from; needed for a temperature above 0. */
  readonly random?: RandomSource;
}

/** Why writing ended: an end token, a stop string, or the number of tokens allowed. */
export type FinishReason = "end" | "stop" | "length";

/** What was written for one prompt. */
export interface Generation {
  /** The ids as they were generated, the end token included. */
  readonly ids: readonly number[];
  readonly text: string;
  /** log p of each id under the model itself (temperature 1, nothing cut off). */
  readonly tokenLogProbs: readonly number[];
  /** Sum of `tokenLogProbs`. */
  readonly logProb: number;
  readonly finish: FinishReason;
}

interface Draft {
  readonly prompt: number;
  readonly ids: number[];
  readonly logProbs: number[];
}

/** Writes on from a started batch; one result a row, in the batch's order. */
export async function generateFrom(
  decoder: Decoder,
  started: Step,
  tokenizer: Tokenizer,
  endIds: readonly number[],
  options: GenerateOptions,
): Promise<Generation[]> {
  const { maxTokens = 20, stop = [], random } = options;
  const results: Generation[] = [];
  let drafts: Draft[] = Array.from(
    { length: started.state.rows },
    (_, prompt) => ({ prompt, ids: [], logProbs: [] }),
  );
  let { logits, state } = started;
  while (drafts.length > 0) {
    const going: number[] = [];
    drafts.forEach((draft, row) => {
      const values = rowOf(logits, row);
      const token = chooseToken(values, options, random);
      draft.ids.push(token);
      draft.logProbs.push(values[token]! - logSumExp(values));
      const finish = finishOf(draft, tokenizer, endIds, stop, maxTokens);
      if (finish) results[draft.prompt] = generationOf(draft, tokenizer, finish, stop);
      else going.push(row);
    });
    if (going.length === 0) break;
    if (going.length < drafts.length) {
      drafts = going.map((row) => drafts[row]!);
      state = decoder.select(state, going);
    }
    ({ logits, state } = await decoder.extend(state, drafts.map((draft) => [draft.ids.at(-1)!])));
  }
  return results;
}

/** The last position's logits of a row. */
export function rowOf({ data, positions, vocab }: Logits, row: number): Float32Array {
  const end = (row + 1) * positions * vocab;
  return data.subarray(end - vocab, end);
}

function finishOf(
  { ids }: Draft,
  tokenizer: Tokenizer,
  endIds: readonly number[],
  stop: readonly string[],
  maxTokens: number,
): FinishReason | undefined {
  if (endIds.includes(ids.at(-1)!)) return "end";
  if (stop.length > 0) {
    const text = tokenizer.decode(ids);
    if (stop.some((word) => text.includes(word))) return "stop";
  }
  return ids.length >= maxTokens ? "length" : undefined;
}

function generationOf(
  { ids, logProbs }: Draft,
  tokenizer: Tokenizer,
  finish: FinishReason,
  stop: readonly string[],
): Generation {
  let text = tokenizer.decode(ids);
  for (const word of finish === "stop" ? stop : []) {
    const at = text.indexOf(word);
    if (at >= 0) text = text.slice(0, at);
  }
  const logProb = logProbs.reduce((sum, value) => sum + value, 0);
  return { ids, text, tokenLogProbs: logProbs, logProb, finish };
}
