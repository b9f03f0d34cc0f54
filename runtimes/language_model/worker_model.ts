/** A model whose sessions live in a worker, so that the caller's thread stays free while it runs. */
import { TandemError } from "@tandem/core";
import { readTokenizer, type Tokenizer } from "../tokenizer/tokenizer.ts";
import type { GenerateOptions, Generation } from "./generate.ts";
import type { HiddenStates, LanguageModel, ModelInfo, OpenOptions } from "./language_model.ts";
import { seedsFor } from "./sampling.ts";
import type { PromptScore, ScoreOptions } from "./score.ts";
import type { Text } from "./texts.ts";
import type {
  OpenedInWorker,
  WorkerMethod,
  WorkerReply,
  WorkerRequest,
} from "./worker_protocol.ts";

/** Options of {@linkcode openLanguageModelInWorker}: what can be told to another thread. */
export interface WorkerOptions extends Omit<OpenOptions, "gpu" | "graphs"> {
  /**
   * Longest wait for one answer, and for the model to open, in seconds; then the worker is ended.
   * Default {@linkcode LONGEST_WAIT}.
   */
  readonly timeout?: number;
}

/** Seconds that a worker may take for an answer unless said otherwise. */
export const LONGEST_WAIT = 600;

/**
 * Opens a model folder in a worker of its own. Everything else is as with `openLanguageModel`.
 *
 * @throws TandemError E_MODEL, E_TOKENIZER or E_DEVICE; E_STAGE where no answer comes in time, from
 * then on E_MODEL.
 * @example
 * ```ts
 * import { openLanguageModelInWorker } from "./worker_model.ts";
 * import assert from "node:assert/strict";
 * const dir = "tests/fixtures/language-models/gpt2";
 * const model = await openLanguageModelInWorker(dir, { device: "wasm", threads: 1 });
 * const [text] = await model.generate(["You see a"], { maxTokens: 2 });
 * assert.equal(text!.ids.length, 2);
 * await model.dispose();
 * ```
 */
export async function openLanguageModelInWorker(
  dir: string,
  { timeout = LONGEST_WAIT, ...options }: WorkerOptions = {},
): Promise<LanguageModel> {
  const line = new WorkerLine(timeout);
  try {
    const { info } = await line.ask({ open: { dir, options } }) as OpenedInWorker;
    return new WorkerLanguageModel(info, await readTokenizer(dir), line);
  } catch (error) {
    line.close();
    throw error;
  }
}

class WorkerLanguageModel implements LanguageModel {
  readonly #line: WorkerLine;

  constructor(readonly info: ModelInfo, readonly tokenizer: Tokenizer, line: WorkerLine) {
    this.#line = line;
  }

  generate(prompts: readonly Text[], options: GenerateOptions = {}): Promise<Generation[]> {
    const { random: _, ...told } = options;
    const seeds = seedsFor(prompts.length, options);
    return this.#call("generate", prompts, { ...told, seeds });
  }

  score(
    prompts: readonly Text[],
    candidates: readonly string[] | readonly (readonly Text[])[],
    options: ScoreOptions = {},
  ): Promise<PromptScore[]> {
    return this.#call("score", prompts, candidates, options);
  }

  firstLogits(prompts: readonly Text[]): Promise<Float32Array[]> {
    return this.#call("firstLogits", prompts);
  }

  hidden(prompts: readonly Text[]): Promise<HiddenStates[]> {
    return this.#call("hidden", prompts);
  }

  async dispose(): Promise<void> {
    try {
      await this.#call("dispose");
    } finally {
      this.#line.close();
    }
  }

  #call<T>(method: WorkerMethod, ...args: readonly unknown[]): Promise<T> {
    return this.#line.ask({ method, args }) as Promise<T>;
  }
}

type WithoutId<T> = T extends unknown ? Omit<T, "id"> : never;

/**
 * Questions to a worker and its answers. A worker that is silent for too long is ended: threads of
 * WebAssembly block the one that waits for them, so that nothing within could end it.
 */
class WorkerLine {
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  readonly #waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: unknown) => void }
  >();
  readonly #timeout: number;
  #next = 0;
  #ended?: string;

  /** @param timeout Longest wait for an answer, in seconds. */
  constructor(timeout: number) {
    this.#timeout = timeout;
    this.#worker.onmessage = ({ data }: MessageEvent<WorkerReply>) => {
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if ("value" in data) waiting?.resolve(data.value);
      else {waiting?.reject(
          data.code ? new TandemError(data.code, data.message) : new Error(data.message),
        );}
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(event.message);
    };
  }

  /** Asks the worker. */
  ask(question: WithoutId<WorkerRequest>): Promise<unknown> {
    if (this.#ended) return Promise.reject(ended(this.#ended));
    const id = this.#next++;
    const answer = new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...question });
    });
    const why = `no answer came within "${this.#timeout}" seconds`;
    const timer = setTimeout(
      () => this.#fail(why, new TandemError("E_STAGE", `The model was given up: ${why}.`)),
      1000 * this.#timeout,
    );
    return answer.finally(() => clearTimeout(timer));
  }

  /** Ends the worker. */
  close(why = "it was disposed of"): void {
    this.#ended ??= why;
    this.#worker.terminate();
  }

  #fail(why: string, error = ended(why)): void {
    this.close(why);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

function ended(why: string): TandemError {
  return new TandemError("E_MODEL", `The model's worker has ended: ${why}.`);
}
