/** A language model in a folder of Hugging Face layout: generation, scoring and hidden states. */
import { TandemError } from "../../core/errors.ts";
import type { PullOptions } from "../hub/pull.ts";
import { type OnnxOptions, type OnnxRuntime, type OnnxSession, openOnnxRuntime } from "../onnx.ts";
import { readTokenizer, type Tokenizer } from "../tokenizer.ts";
import { type ModelConfig, readModelConfig } from "./config.ts";
import { Decoder, type EncoderStates, type Step } from "./decoder.ts";
import { type DecoderLayout, findModelFiles, type ModelDtype, type ModelFiles } from "./files.ts";
import { Ending, generateFrom, type GenerateOptions, type Generation } from "./generate.ts";
import { type PromptScore, promptScore, scoreFrom, type ScoreOptions } from "./score.ts";
import { integers } from "./tensors.ts";

/** How a model is opened. */
export interface OpenOptions extends OnnxOptions {
  /** Weight format. Default: the first that the folder holds, fp32 before fp16 before int8. */
  readonly dtype?: ModelDtype | "auto";
  /** Which decoder graphs to use. Default: merged, else with past, else plain. */
  readonly layout?: DecoderLayout;
}

/** What is known of an open model. */
export interface ModelInfo {
  readonly dir: string;
  readonly type: string;
  readonly encoderDecoder: boolean;
  readonly vocabSize: number;
  readonly dtype: ModelDtype;
  readonly layout: DecoderLayout;
  readonly backend: string;
  readonly threads: number;
}

/** Hidden states, row-major. */
export interface HiddenStates {
  /** [rows, length, width] of the encoder's last layer, padding included. */
  readonly encoder?: HiddenTensor;
  /** [rows, length] 1 where a position counts. */
  readonly mask: readonly (readonly number[])[];
  /** [rows, 1, width] of the decoder's last layer at its first step, where the graph gives it. */
  readonly decoder?: HiddenTensor;
}

/** Values with their shape. */
export interface HiddenTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A text, or the ids of one that is tokenised already; ids are taken as they are. */
export type Text = string | readonly number[];

/** A model that writes, weighs and represents text. Calls are answered one after another. */
export interface LanguageModel {
  readonly info: ModelInfo;
  readonly tokenizer: Tokenizer;
  /** Writes one text a prompt. @throws TandemError E_PROMPT where a prompt does not fit. */
  generate(prompts: readonly Text[], options?: GenerateOptions): Promise<Generation[]>;
  /**
   * Scores candidates under each prompt.
   *
   * @param candidates One list for all prompts, or one list a prompt; no duplicates within a list.
   * @throws TandemError E_PROMPT where a prompt or a candidate does not fit.
   */
  score(
    prompts: readonly Text[],
    candidates: readonly string[] | readonly (readonly Text[])[],
    options?: ScoreOptions,
  ): Promise<PromptScore[]>;
  /** Logits [vocab] of the token that follows each prompt (the decoder's first step). */
  firstLogits(prompts: readonly Text[]): Promise<Float32Array[]>;
  /** Hidden states of a batch of prompts. */
  hidden(prompts: readonly Text[]): Promise<HiddenStates>;
  /** Frees the sessions. */
  dispose(): Promise<void>;
}

/** How a model is found and opened. */
export interface PretrainedOptions extends OpenOptions, PullOptions {}

/**
 * Opens a model folder, or a model of the Hub by its name: from the cache where it has been pulled,
 * else after pulling it.
 *
 * @param idOrDir A folder, or a name as "google/flan-t5-small".
 * @throws TandemError E_MODEL, E_TOKENIZER, E_DEVICE, E_DOWNLOAD or E_DISK.
 */
export async function fromPretrained(
  idOrDir: string,
  options: PretrainedOptions = {},
): Promise<LanguageModel> {
  return await openLanguageModel(await findModelDir(idOrDir, options), options);
}

/** The folder of a model: `idOrDir` itself where it is one, else the cached or pulled snapshot. */
export async function findModelDir(
  idOrDir: string,
  options: PretrainedOptions = {},
): Promise<string> {
  try {
    if ((await Deno.stat(idOrDir)).isDirectory) return idOrDir;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const { findPulled, pullModel } = await import("../hub/pull.ts");
  const cached = await findPulled(idOrDir, options);
  return cached ?? (await pullModel(idOrDir, options)).dir;
}

/**
 * Opens a model folder.
 *
 * @param dir A folder with config.json, tokenizer.json and ONNX files in onnx/ or beside them.
 * @throws TandemError E_MODEL, E_TOKENIZER or E_DEVICE.
 */
export async function openLanguageModel(
  dir: string,
  options: OpenOptions = {},
): Promise<LanguageModel> {
  const config = await readModelConfig(dir);
  const tokenizer = await readTokenizer(dir);
  const files = await findModelFiles(dir, config.encoderDecoder, options);
  if (tokenizer.size > config.vocabSize) {
    throw new TandemError(
      "E_TOKENIZER",
      `The tokenizer in "${dir}" has ids up to ${
        tokenizer.size - 1
      }, more than the model's vocabulary of ${config.vocabSize}.`,
    );
  }
  const runtime = await openOnnxRuntime(options);
  const encoder = files.encoder ? await runtime.open(files.encoder) : undefined;
  const first = await runtime.open(files.first);
  const next = files.next === files.first
    ? first
    : files.next
    ? await runtime.open(files.next)
    : undefined;
  return new OnnxLanguageModel(dir, config, files, runtime, tokenizer, encoder, { first, next });
}

class OnnxLanguageModel implements LanguageModel {
  readonly info: ModelInfo;
  readonly tokenizer: Tokenizer;
  readonly #config: ModelConfig;
  readonly #encoder?: OnnxSession;
  readonly #decoder: Decoder;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(
    dir: string,
    config: ModelConfig,
    { dtype, layout }: ModelFiles,
    { backend, threads }: OnnxRuntime,
    tokenizer: Tokenizer,
    encoder: OnnxSession | undefined,
    sessions: { first: OnnxSession; next?: OnnxSession },
  ) {
    const { type, encoderDecoder, vocabSize } = config;
    this.info = { dir, type, encoderDecoder, vocabSize, dtype, layout, backend, threads };
    this.tokenizer = tokenizer;
    this.#config = config;
    this.#encoder = encoder;
    this.#decoder = new Decoder(config, sessions);
  }

  generate(prompts: readonly Text[], options: GenerateOptions = {}): Promise<Generation[]> {
    const ending = new Ending(this.tokenizer, this.#config.endIds, options.stop);
    return this.#batches(
      prompts,
      true,
      async (ids) => await generateFrom(this.#decoder, await this.#start(ids), ending, options),
    );
  }

  score(
    prompts: readonly Text[],
    candidates: readonly string[] | readonly (readonly Text[])[],
    options: ScoreOptions = {},
  ): Promise<PromptScore[]> {
    const { specialTokens = true } = options;
    const special = specialTokens && this.info.encoderDecoder;
    const texts = prompts.map((_, i) => candidateList(candidates, i));
    const encoded = texts.map((list) =>
      list.map((text) => this.#encode(text, special, "candidate"))
    );
    return this.#batches(prompts, specialTokens, async (ids, rows) => {
      const started = await this.#start(ids);
      const scored = await scoreFrom(this.#decoder, started, rows.map((row) => encoded[row]!));
      return rows.map((row, i) => promptScore(encoded[row]!, scored[i]!, options));
    });
  }

  firstLogits(prompts: readonly Text[]): Promise<Float32Array[]> {
    return this.#batches(prompts, true, async (ids) => {
      const { data, vocab } = (await this.#start(ids)).logits;
      return ids.map((_, row) => data.slice(row * vocab, (row + 1) * vocab));
    });
  }

  hidden(prompts: readonly Text[]): Promise<HiddenStates> {
    const ids = prompts.map((prompt) => this.#encode(prompt, true, "prompt"));
    return this.#enqueue(async () => {
      const { state, extra } = await this.#start(ids);
      const last = extra.decoder_hidden_states ?? extra.last_hidden_state ?? extra.hidden_states;
      const { encoder } = state;
      return {
        encoder: encoder && asHidden(encoder.hidden),
        mask: ids.map((row) => maskOf(row, Math.max(...ids.map((other) => other.length)))),
        decoder: last && asHidden(last),
      };
    });
  }

  async dispose(): Promise<void> {
    await this.#enqueue(async () => {
      await this.#encoder?.release();
      await this.#decoder.release();
    });
  }

  /** Runs the encoder, where there is one, and the decoder's first step. */
  async #start(ids: readonly (readonly number[])[]): Promise<Step> {
    if (!this.#encoder) return await this.#decoder.start(ids);
    const states = await this.#runEncoder(this.#encoder, ids);
    return await this.#decoder.start(ids.map(() => [this.#config.startId]), states);
  }

  async #runEncoder(
    encoder: OnnxSession,
    ids: readonly (readonly number[])[],
  ): Promise<EncoderStates> {
    const longest = Math.max(...ids.map((row) => row.length));
    const padded = ids.map((row) => [
      ...row,
      ...new Array<number>(longest - row.length).fill(this.#config.padId),
    ]);
    const mask = integers({ type: "int64" }, ids.map((row) => maskOf(row, longest)));
    const feeds = Object.fromEntries(
      [...encoder.inputs].map(([name, spec]) => [
        name,
        name === "attention_mask" ? mask : integers(spec, padded),
      ]),
    );
    const { last_hidden_state: hidden } = await encoder.run(feeds);
    if (hidden) return { hidden, mask };
    throw new TandemError(
      "E_MODEL",
      `The model "${encoder.file}" has no output "last_hidden_state".`,
    );
  }

  /**
   * Encodes prompts, gives them to `work` in batches that the decoder can take, and puts the
   * answers back in order.
   */
  #batches<T>(
    prompts: readonly Text[],
    special: boolean,
    work: (ids: readonly (readonly number[])[], rows: readonly number[]) => Promise<T[]>,
  ): Promise<T[]> {
    const ids = prompts.map((prompt) => this.#encode(prompt, special, "prompt"));
    return this.#enqueue(async () => {
      const answers: T[] = [];
      for (const rows of this.#groups(ids)) {
        const part = await work(rows.map((row) => ids[row]!), rows);
        rows.forEach((row, i) => answers[row] = part[i]!);
      }
      return answers;
    });
  }

  /** Rows that may share a batch: all, or those of one length where the graph cannot mask padding. */
  #groups(ids: readonly (readonly number[])[]): number[][] {
    const all = ids.map((_, row) => row);
    if (all.length === 0) return [];
    if (this.#encoder || this.#decoder.padsLeft) return [all];
    return [...Map.groupBy(all, (row) => ids[row]!.length).values()];
  }

  #encode(text: Text, special: boolean, what: "prompt" | "candidate"): readonly number[] {
    const name = typeof text === "string"
      ? abbreviated(text)
      : `of ids ${abbreviated(text.join())}`;
    const blank = typeof text === "string" && text.trim() === "";
    const ids = typeof text !== "string"
      ? text
      : blank
      ? []
      : this.tokenizer.encode(text, { special });
    const problem = this.#problem(ids);
    if (problem === undefined) return ids;
    throw new TandemError("E_PROMPT", `The ${what} "${name}" ${problem}.`);
  }

  #problem(ids: readonly number[]): string | undefined {
    const { maxLength, vocabSize } = this.#config;
    if (ids.length === 0) return "is empty; it needs a word at least";
    const foreign = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabSize);
    if (foreign !== undefined) return `has the id ${foreign}; ids are below ${vocabSize}`;
    if (maxLength === undefined || ids.length <= maxLength) return undefined;
    return `has ${ids.length} tokens; the model takes ${maxLength}`;
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => {});
    return result;
  }
}

function candidateList(
  candidates: readonly string[] | readonly (readonly Text[])[],
  row: number,
): readonly Text[] {
  const list: unknown = typeof candidates[0] === "string" ? candidates : candidates[row];
  if (!Array.isArray(list) || list.length === 0) {
    throw new TandemError("E_PROMPT", `Prompt ${row} has no candidates; it needs one at least.`);
  }
  const names = list.map(String);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return list;
  throw new TandemError(
    "E_PROMPT",
    `The candidate "${abbreviated(twice)}" stands twice in the list; each may stand once.`,
  );
}

function abbreviated(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function maskOf(row: readonly number[], length: number): number[] {
  return Array.from({ length }, (_, i) => i < row.length ? 1 : 0);
}

function asHidden({ dims, data }: { dims: readonly number[]; data: unknown }): HiddenTensor {
  return {
    shape: dims,
    data: data instanceof Float32Array ? data : Float32Array.from(data as Float16Array),
  };
}
