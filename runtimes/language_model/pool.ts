/** Several copies of a model, each in a worker, that share every call's prompts. */
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import type { GenerateOptions, Generation } from "./generate.ts";
import type { HiddenStates, LanguageModel, ModelInfo } from "./language_model.ts";
import { seedsFor } from "./sampling.ts";
import type { PromptScore, ScoreOptions } from "./score.ts";
import type { Text } from "./texts.ts";
import { openLanguageModelInWorker, type WorkerOptions } from "./worker_model.ts";

/** Options of {@linkcode openLanguageModelPool}. */
export interface PoolOptions extends WorkerOptions {
  /** Number of workers. Default: one a core. */
  readonly workers?: number;
}

/**
 * Opens copies of a model in workers. Prompts of a call are dealt out to them; each has its own
 * memory for the weights, and `threads` of its own (default 1).
 *
 * @throws TandemError E_MODEL, E_TOKENIZER or E_DEVICE.
 * @example
 * ```ts
 * import { openLanguageModelPool } from "@tandem/runtimes/language-model";
 * import assert from "node:assert/strict";
 * const dir = "tests/fixtures/language-models/t5-v1_1";
 * const model = await openLanguageModelPool(dir, { runtime: "fused", workers: 2 });
 * const scores = await model.score(["go to the ball", "go to the box", "wait"], ["left", "right"]);
 * assert.equal(scores.length, 3);
 * await model.dispose();
 * ```
 */
export async function openLanguageModelPool(
  dir: string,
  { workers = navigator.hardwareConcurrency, ...options }: PoolOptions = {},
): Promise<LanguageModel> {
  const open = () => openLanguageModelInWorker(dir, { threads: 1, ...options });
  const opened = await Promise.allSettled(Array.from({ length: workers }, open));
  const models = opened.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
  const failed = opened.find((one) => one.status === "rejected");
  if (!failed) return new PooledLanguageModel(models);
  await Promise.all(models.map((model) => model.dispose()));
  throw failed.reason;
}

/** See {@linkcode openLanguageModelPool}. */
class PooledLanguageModel implements LanguageModel {
  readonly info: ModelInfo;
  readonly tokenizer: Tokenizer;
  readonly #models: readonly LanguageModel[];

  constructor(models: readonly LanguageModel[]) {
    const [{ info, tokenizer }] = models as [LanguageModel];
    this.#models = models;
    this.info = { ...info, threads: info.threads * models.length };
    this.tokenizer = tokenizer;
  }

  generate(prompts: readonly Text[], options: GenerateOptions = {}): Promise<Generation[]> {
    const { random: _, ...told } = options;
    const seeds = seedsFor(prompts.length, options);
    return this.#deal(
      prompts,
      (model, some, rows) =>
        model.generate(some, { ...told, seeds: seeds && rows.map((row) => seeds[row]!) }),
    );
  }

  score(
    prompts: readonly Text[],
    candidates: readonly string[] | readonly (readonly Text[])[],
    options: ScoreOptions = {},
  ): Promise<PromptScore[]> {
    const lists = candidates as readonly (readonly Text[])[];
    const shared = typeof candidates[0] === "string";
    return this.#deal(
      prompts,
      (model, some, rows) =>
        model.score(some, shared ? candidates : rows.map((row) => lists[row]!), options),
    );
  }

  firstLogits(prompts: readonly Text[]): Promise<Float32Array[]> {
    return this.#deal(prompts, (model, some) => model.firstLogits(some));
  }

  hidden(prompts: readonly Text[]): Promise<HiddenStates[]> {
    return this.#deal(prompts, (model, some) => model.hidden(some));
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#models.map((model) => model.dispose()));
  }

  /** Deals prompts out one by one, and puts the answers back in order. */
  async #deal<T>(
    prompts: readonly Text[],
    ask: (model: LanguageModel, some: readonly Text[], rows: readonly number[]) => Promise<T[]>,
  ): Promise<T[]> {
    const answers: T[] = [];
    const hands = this.#models.map((_, hand) =>
      [...prompts.keys()].filter((row) => row % this.#models.length === hand)
    );
    await Promise.all(hands.map(async (rows, hand) => {
      if (rows.length === 0) return;
      const part = await ask(this.#models[hand]!, rows.map((row) => prompts[row]!), rows);
      rows.forEach((row, i) => answers[row] = part[i]!);
    }));
    return answers;
  }
}
