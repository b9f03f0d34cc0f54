/** The language model on top of an engine. */
import { TandemError } from "@tandem/core";
import type { OnnxTensor } from "../onnx/onnx.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import type { ModelConfig } from "../model_folder/config.ts";
import type { ModelEngine } from "./engine.ts";
import {
  checkGenerateOptions,
  Ending,
  generateFrom,
  type GenerateOptions,
  type Generation,
  MOST_TOKENS,
} from "./generate.ts";
import type { HiddenStates, HiddenTensor, LanguageModel, ModelInfo } from "./contract.ts";
import { checkScoreOptions, type PromptScore, promptScore, type ScoreOptions } from "./score.ts";
import { Rules } from "../model_folder/rules.ts";
import { streamsFor } from "./sampling.ts";
import { type Text, TextReader } from "./texts.ts";

/** See {@linkcode LanguageModel}. */
export class EngineLanguageModel implements LanguageModel {
  readonly #config: ModelConfig;
  readonly #reader: TextReader;
  readonly #engine: ModelEngine;
  readonly #rules: Rules;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(
    readonly info: ModelInfo,
    readonly tokenizer: Tokenizer,
    config: ModelConfig,
    engine: ModelEngine,
  ) {
    this.#config = config;
    this.#reader = new TextReader(tokenizer, config);
    this.#engine = engine;
    this.#rules = new Rules(config.rules);
  }

  async generate(
    prompts: readonly Text[],
    options: GenerateOptions = {},
  ): Promise<Generation[]> {
    checkGenerateOptions(options);
    const ids = this.#read(prompts, true, options.maxTokens ?? MOST_TOKENS);
    const ending = new Ending(this.tokenizer, this.#config.endIds, options.stop);
    const streams = streamsFor(prompts.length, options);
    return await this.#batches(ids, async (batch, rows) => {
      const started = await this.#engine.start(batch);
      const own = rows.map((row) => streams[row]);
      const written = await generateFrom(
        this.#engine.decoder,
        started,
        ending,
        this.#rules,
        options,
        own,
      );
      written.forEach(({ logProb }) => this.#checkNumber(logProb));
      return written.map((text, i) => ({ ...text, promptTokens: batch[i]!.length }));
    });
  }

  async score(
    prompts: readonly Text[],
    candidates: readonly string[] | readonly (readonly Text[])[],
    options: ScoreOptions = {},
  ): Promise<PromptScore[]> {
    checkScoreOptions(options);
    const { specialTokens = true } = options;
    const special = specialTokens && this.info.encoderDecoder;
    const lists = this.#reader.readCandidates(prompts.length, candidates, special);
    const longest = lists.map((list) => Math.max(...list.map((ids) => ids.length)));
    const ids = this.#read(prompts, specialTokens, Math.max(0, ...longest));
    return await this.#batches(ids, async (batch, rows) => {
      const scores = await this.#engine.weigh(batch, rows.map((row) => lists[row]!));
      return rows.map((row, i) => {
        const made = promptScore(batch[i]!.length, lists[row]!, scores[i]!, options);
        made.candidates.forEach(({ score }) => this.#checkNumber(score));
        return made;
      });
    });
  }

  async firstLogits(prompts: readonly Text[]): Promise<Float32Array[]> {
    return await this.#batches(this.#read(prompts), async (batch) => {
      const { data, vocab } = (await this.#engine.start(batch)).logits;
      return batch.map((_, row) => data.slice(row * vocab, (row + 1) * vocab));
    });
  }

  async hidden(prompts: readonly Text[]): Promise<HiddenStates[]> {
    return await this.#batches(this.#read(prompts), async (batch) => {
      const { state: { encoder }, hidden } = await this.#engine.start(batch, true);
      return batch.map((ids, row) => ({
        ...(encoder ? { encoder: firstOf(encoder.hidden, row, ids.length) } : {}),
        ...(hidden ? { decoder: lastOf(hidden, row) } : {}),
      }));
    });
  }

  async dispose(): Promise<void> {
    await this.#enqueue(() => this.#engine.release());
  }

  #read(prompts: readonly Text[], special = true, room = 0): (readonly number[])[] {
    return prompts.map((prompt) => this.#reader.read(prompt, special, "prompt", room));
  }

  /** Damaged weights show themselves in what they give. */
  #checkNumber(value: number): void {
    if (!Number.isNaN(value)) return;
    throw new TandemError(
      "E_NUMERIC",
      `The model in "${this.info.dir}" gave "NaN" for a log-probability; its weights are damaged.`,
    );
  }

  /** Gives prompts to `work` in the engine's batches, and puts the answers back in order. */
  #batches<T>(
    prompts: readonly (readonly number[])[],
    work: (batch: readonly (readonly number[])[], rows: readonly number[]) => Promise<T[]>,
  ): Promise<T[]> {
    return this.#enqueue(async () => {
      const answers: T[] = [];
      for (const rows of this.#engine.batches(prompts)) {
        const part = await work(rows.map((row) => prompts[row]!), rows);
        rows.forEach((row, i) => answers[row] = part[i]!);
      }
      return answers;
    });
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => {});
    return result;
  }
}

/** The first `length` positions of a row of states [rows, positions, width]: [length, width]. */
function firstOf({ dims, data }: OnnxTensor, row: number, length: number): HiddenTensor {
  const [, positions = 0, width = 0] = dims;
  const start = row * positions * width;
  const values = data.slice(start, start + length * width) as Float32Array | Float16Array;
  return { shape: [length, width], data: Float32Array.from(values) };
}

/** The last position of a row of states: [width]. */
function lastOf({ dims, data }: OnnxTensor, row: number): HiddenTensor {
  const [, positions = 0, width = 0] = dims;
  const end = (row + 1) * positions * width;
  const values = data.slice(end - width, end) as Float32Array | Float16Array;
  return { shape: [width], data: Float32Array.from(values) };
}
