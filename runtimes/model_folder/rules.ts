/** What generation_config.json asks of every text that a model writes. */
import * as v from "valibot";
import { TandemError } from "@tandem/core";
import { outsideText } from "@tandem/core/internal";

const count = (most: number) =>
  v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(most)), 0);
const id = v.pipe(v.number(), v.integer(), v.minValue(-1));
const ids = v.nullish(v.pipe(v.array(id), v.maxLength(100_000)), []);
const MOST_LENGTH = 1_000_000;

/** The entries that are heeded, as transformers names them. */
const schema = v.object({
  forced_bos_token_id: v.nullish(id, -1),
  forced_eos_token_id: v.nullish(v.union([id, v.pipe(v.array(id), v.maxLength(256))]), []),
  suppress_tokens: ids,
  begin_suppress_tokens: ids,
  min_length: count(MOST_LENGTH),
  min_new_tokens: count(MOST_LENGTH),
  no_repeat_ngram_size: count(MOST_LENGTH),
  repetition_penalty: v.nullish(v.pipe(v.number(), v.gtValue(0), v.maxValue(1000)), 1),
  bad_words_ids: v.nullish(
    v.pipe(v.array(v.pipe(v.array(id), v.minLength(1))), v.maxLength(10_000)),
    [],
  ),
});

/**
 * Entries that are not heeded, with the values that ask for nothing. How to draw and how far to look
 * (do_sample, temperature, top_k, num_beams, max_length and their like) is not here: that is for whoever
 * asks the model, by the options of `generate()`.
 */
const REFUSED: Readonly<Record<string, readonly unknown[]>> = {
  forced_decoder_ids: [],
  force_words_ids: [],
  constraints: [],
  sequence_bias: [],
  stop_strings: [],
  encoder_no_repeat_ngram_size: [0],
  encoder_repetition_penalty: [1],
  diversity_penalty: [0],
  num_beam_groups: [1],
  penalty_alpha: [0],
  guidance_scale: [1],
  exponential_decay_length_penalty: [],
  watermarking_config: [],
  dola_layers: [],
  token_healing: [false],
};

/** The rules of a model, of which all but a few models have none. */
export interface GenerationRules {
  readonly forced_bos_token_id: number;
  readonly forced_eos_token_id: readonly number[];
  readonly suppress_tokens: readonly number[];
  readonly begin_suppress_tokens: readonly number[];
  readonly min_length: number;
  readonly min_new_tokens: number;
  readonly no_repeat_ngram_size: number;
  readonly repetition_penalty: number;
  readonly bad_words_ids: readonly (readonly number[])[];
}

/** No rules. */
export const NO_RULES: GenerationRules = { ...v.parse(schema, {}), forced_eos_token_id: [] };

/**
 * Reads the rules of a configuration.
 *
 * @param file Named in errors.
 * @throws TandemError E_MODEL where a rule is malformed, or is one that Tandem does not know.
 */
export function readRules(
  json: Readonly<Record<string, unknown>>,
  file: string,
  vocabSize: number,
): GenerationRules {
  for (const [name, harmless] of Object.entries(REFUSED)) {
    const value = json[name];
    if (value === undefined || value === null || harmless.includes(value)) continue;
    if (Array.isArray(value) && value.length === 0) continue;
    throw new TandemError(
      "E_MODEL",
      `The file "${file}" asks for "${name}", which Tandem does not do; without that entry the model writes as it would alone.`,
    );
  }
  const parsed = v.safeParse(schema, json);
  if (!parsed.success) throw malformed(file, parsed.issues[0]);
  const { forced_eos_token_id: ends, ...rules } = parsed.output;
  const forced = [ends].flat().filter((id) => id >= 0);
  const beyond = [rules.forced_bos_token_id, ...forced].find((id) => id >= vocabSize);
  if (beyond === undefined) return { ...rules, forced_eos_token_id: forced };
  throw new TandemError(
    "E_MODEL",
    `The file "${file}" forces the token "${beyond}"; ids are below ${vocabSize}.`,
  );
}

function malformed(file: string, issue: v.BaseIssue<unknown>): TandemError {
  const path = issue.path?.map(({ key }) => String(key)).join(".") ?? "";
  const got = outsideText(issue.received, { max: 60 });
  return new TandemError(
    "E_MODEL",
    `The file "${file}" says ${outsideText(path)} is ${got}; ${
      issue.expected ?? "another value"
    } is needed.`,
  );
}

/** Where in a text the next token stands. */
export interface Place {
  /** All ids so far that the decoder has seen: the prompt or the start token, and what was written. */
  readonly sequence: readonly number[];
  /** How many of them were written. */
  readonly written: number;
  readonly maxTokens: number;
  readonly endIds: readonly number[];
}

/** The rules at work on the scores of the next token, in the order that transformers has. */
export class Rules {
  readonly #rules: GenerationRules;
  /** Whether there is any. */
  readonly any: boolean;

  constructor(rules: GenerationRules) {
    this.#rules = rules;
    this.any = JSON.stringify(rules) !== JSON.stringify(NO_RULES);
  }

  /**
   * Scores [vocab] as the rules have them: a copy, or the scores themselves where no rule holds. What
   * may not come has -Infinity.
   *
   * @throws TandemError E_MODEL where no token may come.
   */
  apply(scores: Float32Array, place: Place): Float32Array {
    if (!this.any) return scores;
    const made = scores.slice();
    this.#repetition(made, place.sequence);
    const ban = (ids: Iterable<number>) => {
      for (const id of ids) if (id >= 0 && id < made.length) made[id] = -Infinity;
    };
    ban(this.#repeats(place.sequence));
    ban(this.#badWords(place.sequence));
    const { min_length, min_new_tokens, suppress_tokens, begin_suppress_tokens } = this.#rules;
    const { sequence, written, endIds } = place;
    if (sequence.length < min_length || written < min_new_tokens) ban(endIds);
    this.#force(made, place);
    ban(suppress_tokens);
    const begin = this.#forcesFirst(sequence.length - written) ? 1 : 0;
    if (written === begin) ban(begin_suppress_tokens);
    if (made.some((value) => value !== -Infinity)) return made;
    throw new TandemError(
      "E_MODEL",
      "The rules in the model's generation_config.json leave no token that may come next.",
    );
  }

  /** Whether the first token written is a forced one: where the decoder begins with one id alone. */
  #forcesFirst(prompt: number): boolean {
    return this.#rules.forced_bos_token_id >= 0 && prompt === 1;
  }

  #repetition(scores: Float32Array, sequence: readonly number[]): void {
    const { repetition_penalty: penalty } = this.#rules;
    if (penalty === 1) return;
    for (const id of new Set(sequence)) {
      const value = scores[id];
      if (value !== undefined) scores[id] = value < 0 ? value * penalty : value / penalty;
    }
  }

  /** What would make a run of so many tokens come again. */
  *#repeats(sequence: readonly number[]): Generator<number> {
    const { no_repeat_ngram_size: size } = this.#rules;
    if (size === 0 || sequence.length + 1 < size) return;
    const tail = sequence.slice(sequence.length - size + 1);
    for (let at = 0; at + size <= sequence.length; at++) {
      if (tail.every((id, i) => sequence[at + i] === id)) yield sequence[at + size - 1]!;
    }
  }

  *#badWords(sequence: readonly number[]): Generator<number> {
    for (const word of this.#rules.bad_words_ids) {
      const start = sequence.length - word.length + 1;
      if (start < 0 || !word.slice(0, -1).every((id, i) => sequence[start + i] === id)) continue;
      yield word.at(-1)!;
    }
  }

  #force(scores: Float32Array, { sequence, written, maxTokens }: Place): void {
    const { forced_bos_token_id: first, forced_eos_token_id: last } = this.#rules;
    const isFirst = written === 0 && this.#forcesFirst(sequence.length);
    const forced = last.length > 0 && written === maxTokens - 1 ? last : isFirst ? [first] : [];
    if (forced.length === 0) return;
    scores.fill(-Infinity);
    for (const id of forced) scores[id] = 0;
  }
}
