/** The language model that runs ONNX graphs. */
import type { OnnxTensor } from "../onnx.ts";
import type { Tokenizer } from "../tokenizer.ts";
import type { ModelConfig } from "./config.ts";
import { Engine } from "./engine.ts";
import { Ending, generateFrom, type GenerateOptions, type Generation } from "./generate.ts";
import type { HiddenStates, HiddenTensor, LanguageModel, ModelInfo } from "./language_model.ts";
import { type PromptScore, promptScore, type ScoreOptions } from "./score.ts";
import { streamsFor } from "./sampling.ts";
import type { ModelSessions } from "./sessions.ts";
import { type Text, TextReader } from "./texts.ts";

/** Outputs under which exports give the decoder's last hidden states. */
const DECODER_STATES = ["decoder_hidden_states", "last_hidden_state", "hidden_states"];

/** See {@linkcode LanguageModel}. */
export class OnnxLanguageModel implements LanguageModel {
  readonly #config: ModelConfig;
  readonly #reader: TextReader;
  readonly #engine: Engine;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(
    readonly info: ModelInfo,
    readonly tokenizer: Tokenizer,
    config: ModelConfig,
    sessions: ModelSessions,
  ) {
    this.#config = config;
    this.#reader = new TextReader(tokenizer, config);
    this.#engine = new Engine(config, sessions, info.dtype);
  }

  async generate(
    prompts: readonly Text[],
    options: GenerateOptions = {},
  ): Promise<Generation[]> {
    const ids = this.#read(prompts);
    const ending = new Ending(this.tokenizer, this.#config.endIds, options.stop);
    const streams = streamsFor(prompts.length, options);
    return await this.#batches(ids, async (batch, rows) => {
      const started = await this.#engine.start(batch);
      const own = rows.map((row) => streams[row]);
      return await generateFrom(this.#engine.decoder, started, ending, options, own);
    });
  }

  async score(
    prompts: readonly Text[],
    candidates: readonly string[] | readonly (readonly Text[])[],
    options: ScoreOptions = {},
  ): Promise<PromptScore[]> {
    const { specialTokens = true } = options;
    const ids = this.#read(prompts, specialTokens);
    const special = specialTokens && this.info.encoderDecoder;
    const lists = this.#reader.readCandidates(prompts.length, candidates, special);
    return await this.#batches(ids, async (batch, rows) => {
      const scores = await this.#engine.weigh(batch, rows.map((row) => lists[row]!));
      return rows.map((row, i) => promptScore(lists[row]!, scores[i]!, options));
    });
  }

  async firstLogits(prompts: readonly Text[]): Promise<Float32Array[]> {
    return await this.#batches(this.#read(prompts), async (batch) => {
      const { data, vocab } = (await this.#engine.start(batch)).logits;
      return batch.map((_, row) => data.slice(row * vocab, (row + 1) * vocab));
    });
  }

  async hidden(prompts: readonly Text[]): Promise<HiddenStates> {
    const ids = this.#read(prompts);
    const longest = Math.max(...ids.map((row) => row.length));
    return await this.#enqueue(async () => {
      const { state: { encoder }, extra } = await this.#engine.start(ids);
      const name = DECODER_STATES.find((name) => name in extra);
      return {
        encoder: encoder && asHidden(encoder.hidden),
        mask: ids.map((row) => Array.from({ length: longest }, (_, i) => i < row.length ? 1 : 0)),
        decoder: name === undefined ? undefined : asHidden(extra[name]!),
      };
    });
  }

  async dispose(): Promise<void> {
    await this.#enqueue(() => this.#engine.release());
  }

  #read(prompts: readonly Text[], special = true): (readonly number[])[] {
    return prompts.map((prompt) => this.#reader.read(prompt, special, "prompt"));
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

function asHidden({ dims, data }: OnnxTensor): HiddenTensor {
  return {
    shape: dims,
    data: data instanceof Float32Array ? data : Float32Array.from(data as Float16Array),
  };
}
