/** Writing text token by token: greedily, by drawing, or with beams. */
import { TandemError } from "@tandem/core";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { BeamSearch } from "./beam.ts";
import type { DecoderState, SequenceRunner, Step } from "./decoder.ts";
import type { Logits } from "./logits.ts";
import type { Rules } from "../model_folder/rules.ts";
import { chooseToken, type DrawOptions, logSumExp, type RandomSource } from "./sampling.ts";

/** How text is generated. Without a temperature above 0 and without beams it is greedy. */
export interface GenerateOptions extends DrawOptions {
  /** Most tokens written a prompt. Default {@linkcode MOST_TOKENS}. */
  readonly maxTokens?: number;
  /** Texts at which writing ends; the text given ends before them. */
  readonly stop?: readonly string[];
  /** Texts written side by side, of which the best is given. Default 1: no beam search. */
  readonly beams?: number;
  /** Power of the length by which a beam's score is divided. Default 1. */
  readonly lengthPenalty?: number;
  /** When beams stop, as {@linkcode BeamOptions} has it. Default false. */
  readonly earlyStopping?: boolean | "never";
}

/** Why writing ended: an end token, a stop string, or the number of tokens allowed. */
export type FinishReason = "end" | "stop" | "length";

/** What was written for one prompt. */
export interface Generation {
  /** The ids as they were generated, the end token included. */
  readonly ids: readonly number[];
  /** What was written. */
  readonly text: string;
  /** log p of each id under the model itself (temperature 1, nothing cut off). */
  readonly tokenLogProbs: readonly number[];
  /** Sum of `tokenLogProbs`. */
  readonly logProb: number;
  /** Why it ended. */
  readonly finish: FinishReason;
  /** Tokens of the prompt. */
  readonly promptTokens: number;
}

/** What was written, of which the prompt is not known. */
export type Written = Omit<Generation, "promptTokens">;

/** Tokens written unless said otherwise. */
export const MOST_TOKENS = 20;

/** @throws TandemError E_OPTION where an option is out of its range. */
export function checkGenerateOptions(options: GenerateOptions): void {
  const { maxTokens = 1, beams = 1, temperature = 0, topK = 0, topP = 1 } = options;
  const whole = (value: number, least: number) => Number.isSafeInteger(value) && value >= least;
  requireOption(whole(maxTokens, 1), "maxTokens", maxTokens, "a whole number from 1 on");
  requireOption(whole(beams, 1), "beams", beams, "a whole number from 1 on");
  requireOption(whole(topK, 0), "topK", topK, "a whole number, or 0 for all");
  requireOption(
    temperature >= 0 && temperature < Infinity,
    "temperature",
    temperature,
    "0 or more",
  );
  requireOption(topP > 0 && topP <= 1, "topP", topP, "above 0 and at most 1");
}

/** @throws TandemError E_OPTION where an option does not fit. */
export function requireOption(fits: boolean, name: string, value: unknown, right: string): void {
  if (fits) return;
  throw new TandemError("E_OPTION", `The option "${name}" is "${value}"; it must be ${right}.`);
}

/** Decides when a text has ended. */
export class Ending {
  readonly #tokenizer: Tokenizer;
  readonly #stop: readonly string[];
  /** Ids that end a text. */
  readonly endIds: readonly number[];

  constructor(tokenizer: Tokenizer, endIds: readonly number[], stop: readonly string[] = []) {
    this.#tokenizer = tokenizer;
    this.endIds = endIds;
    this.#stop = stop;
  }

  /** Why `ids` have ended, or undefined. */
  reason(ids: readonly number[], maxTokens: number): FinishReason | undefined {
    if (this.endIds.includes(ids.at(-1)!)) return "end";
    if (this.#stop.length > 0 && this.#stopAt(this.#tokenizer.decode(ids)) >= 0) return "stop";
    return ids.length >= maxTokens ? "length" : undefined;
  }

  /** The finished text of ids. */
  finish(ids: readonly number[], tokenLogProbs: readonly number[], maxTokens: number): Written {
    const finish = this.reason(ids, maxTokens) ?? "length";
    const whole = this.#tokenizer.decode(ids);
    const text = finish === "stop" ? whole.slice(0, this.#stopAt(whole)) : whole;
    const logProb = tokenLogProbs.reduce((sum, value) => sum + value, 0);
    return { ids, text, tokenLogProbs, logProb, finish };
  }

  /** Where the first stop string begins, or -1. */
  #stopAt(text: string): number {
    const places = this.#stop.map((word) => text.indexOf(word)).filter((at) => at >= 0);
    return places.length > 0 ? Math.min(...places) : -1;
  }
}

/**
 * Writes on from a started batch; one result a row, in the batch's order.
 *
 * @param rules What the model's makers ask of every text.
 * @param streams Where each row's draws come from; undefined for rows that are written greedily.
 */
export async function generateFrom(
  decoder: SequenceRunner,
  started: Step,
  ending: Ending,
  rules: Rules,
  options: GenerateOptions,
  streams: readonly (RandomSource | undefined)[],
): Promise<Written[]> {
  return (options.beams ?? 1) > 1
    ? await generateBeams(decoder, started, ending, rules, options)
    : await generateSingly(decoder, started, ending, rules, options, streams);
}

async function generateSingly(
  decoder: SequenceRunner,
  started: Step,
  ending: Ending,
  rules: Rules,
  options: GenerateOptions,
  streams: readonly (RandomSource | undefined)[],
): Promise<Written[]> {
  const { maxTokens = MOST_TOKENS } = options;
  const { endIds } = ending;
  const results: Written[] = [];
  const prompts = realIds(started.state);
  let drafts = Array.from({ length: started.state.rows }, (_, prompt) => ({
    prompt,
    ids: [] as number[],
    logProbs: [] as number[],
  }));
  let { logits, state } = started;
  while (true) {
    const going: number[] = [];
    drafts.forEach((draft, row) => {
      const values = rowOf(logits, row);
      const sequence = [...prompts[draft.prompt]!, ...draft.ids];
      const place = { sequence, written: draft.ids.length, maxTokens, endIds };
      const token = chooseToken(rules.apply(values, place), options, streams[draft.prompt]);
      draft.ids.push(token);
      draft.logProbs.push(values[token]! - logSumExp(values));
      if (ending.reason(draft.ids, maxTokens) === undefined) going.push(row);
      else results[draft.prompt] = ending.finish(draft.ids, draft.logProbs, maxTokens);
    });
    if (going.length === 0) return results;
    if (going.length < drafts.length) {
      drafts = going.map((row) => drafts[row]!);
      state = decoder.select(state, going);
    }
    ({ logits, state } = await decoder.extend(state, drafts.map(({ ids }) => [ids.at(-1)!])));
  }
}

async function generateBeams(
  decoder: SequenceRunner,
  started: Step,
  ending: Ending,
  rules: Rules,
  options: GenerateOptions,
): Promise<Written[]> {
  const { maxTokens = MOST_TOKENS, beams = 1, lengthPenalty, earlyStopping } = options;
  const { endIds } = ending;
  const ended = (ids: readonly number[]) => ending.reason(ids, Infinity) !== undefined;
  const allowedAfter =
    (prompt: readonly number[]) => (logProbs: Float32Array, ids: readonly number[]) =>
      rules.apply(logProbs, {
        sequence: [...prompt, ...ids],
        written: ids.length,
        maxTokens,
        endIds,
      });
  const searches = realIds(started.state).map((prompt) =>
    new BeamSearch(
      { beams, lengthPenalty, earlyStopping },
      maxTokens,
      endIds.length,
      ended,
      rules.any ? allowedAfter(prompt) : undefined,
    )
  );
  let going = searches;
  let { logits, state } = started;
  while (true) {
    let row = 0;
    const rows: number[] = [];
    for (const search of going) {
      const first = row;
      search.advance(search.running.map(() => rowOf(logits, row++)));
      if (!search.done) rows.push(...search.parents.map((parent) => first + parent));
    }
    going = going.filter((search) => !search.done);
    if (going.length === 0) break;
    const tokens = going.flatMap(({ running }) => running.map(({ ids }) => [ids.at(-1)!]));
    ({ logits, state } = await decoder.extend(decoder.select(state, rows), tokens));
  }
  return searches.map(({ best }) => ending.finish(best.ids, best.tokenLogProbs, maxTokens));
}

/** The ids of each row without its padding. */
function realIds({ ids, mask }: DecoderState): number[][] {
  return ids.map((row, i) => row.filter((_, at) => mask[i]![at] === 1));
}

/** The last position's logits of a row. */
function rowOf({ data, positions, vocab }: Logits, row: number): Float32Array {
  const end = (row + 1) * positions * vocab;
  return data.subarray(end - vocab, end);
}
