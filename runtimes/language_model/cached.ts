/** Answers that a model has given already, found again by what was asked. */
import type { GenerateOptions, Generation } from "./generate.ts";
import type { HiddenStates, LanguageModel, ModelInfo } from "./language_model.ts";
import type { PromptScore, ScoreOptions } from "./score.ts";
import type { Text } from "./texts.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";

/** How often the cache could answer. */
export interface CacheStatistics {
  /** Prompts answered from the cache, and by the model. */
  readonly hits: number;
  readonly misses: number;
  /** hits / (hits + misses); 0 before the first prompt. */
  readonly rate: number;
  /** Answers held. */
  readonly size: number;
}

/** Answers kept unless said otherwise. */
const MOST_ANSWERS = 20_000;

/**
 * A model that remembers its answers by content: prompt, candidates and options. A prompt that
 * stands several times in one call, or is asked again before it is answered, is run once. Drawn
 * texts are not kept. The answers asked for longest ago are forgotten first.
 *
 * @example
 * ```ts
 * import { CachedLanguageModel } from "./cached.ts";
 * import { openLanguageModel } from "./language_model.ts";
 * import assert from "node:assert/strict";
 * const dir = "tests/fixtures/language-models/gpt2";
 * const model = new CachedLanguageModel(await openLanguageModel(dir, { device: "wasm", threads: 1 }));
 * await model.score(["You see a ball", "You see a box"], [" go", " drop"]);
 * await model.score(["You see a box"], [" go", " drop"]);
 * const { hits, misses } = model.statistics;
 * assert.deepEqual([hits, misses], [1, 2]);
 * await model.dispose();
 * ```
 */
export class CachedLanguageModel implements LanguageModel {
  readonly #model: LanguageModel;
  readonly #most: number;
  readonly #answers = new Map<string, Promise<unknown>>();
  #hits = 0;
  #misses = 0;

  /** @param most Answers that are kept. */
  constructor(model: LanguageModel, most: number = MOST_ANSWERS) {
    this.#model = model;
    this.#most = most;
  }

  get info(): ModelInfo {
    return this.#model.info;
  }

  get tokenizer(): Tokenizer {
    return this.#model.tokenizer;
  }

  /** Counters since creation. */
  get statistics(): CacheStatistics {
    const [hits, misses] = [this.#hits, this.#misses];
    return { hits, misses, rate: hits / Math.max(1, hits + misses), size: this.#answers.size };
  }

  generate(prompts: readonly Text[], options: GenerateOptions = {}): Promise<Generation[]> {
    const { random: _, ...content } = options;
    if ((options.temperature ?? 0) > 0) return this.#model.generate(prompts, options);
    const keys = prompts.map((prompt) => JSON.stringify(["generate", prompt, content]));
    return this.#answer(
      keys,
      (rows) => this.#model.generate(rows.map((row) => prompts[row]!), options),
    );
  }

  score(
    prompts: readonly Text[],
    candidates: readonly string[] | readonly (readonly Text[])[],
    options: ScoreOptions = {},
  ): Promise<PromptScore[]> {
    const listed = typeof candidates[0] === "string";
    // One list for all prompts is turned into text once.
    const shared = listed ? JSON.stringify(candidates) : "";
    const keys = prompts.map((prompt, row) => {
      const list = listed ? shared : JSON.stringify(candidates[row]);
      return `${JSON.stringify(["score", prompt, options])} ${list}`;
    });
    return this.#answer(keys, (rows) => {
      const lists = candidates as readonly (readonly Text[])[];
      const asked = listed ? candidates : rows.map((row) => lists[row]!);
      return this.#model.score(rows.map((row) => prompts[row]!), asked, options);
    });
  }

  firstLogits(prompts: readonly Text[]): Promise<Float32Array[]> {
    return this.#model.firstLogits(prompts);
  }

  hidden(prompts: readonly Text[]): Promise<HiddenStates[]> {
    return this.#model.hidden(prompts);
  }

  dispose(): Promise<void> {
    this.#answers.clear();
    return this.#model.dispose();
  }

  /** Answers by key, asking `model` for the rows that are not known, each key once. */
  async #answer<T>(
    keys: readonly string[],
    model: (rows: readonly number[]) => Promise<T[]>,
  ): Promise<T[]> {
    const unknown = new Map<string, number>();
    keys.forEach((key, row) => {
      if (!this.#answers.has(key) && !unknown.has(key)) unknown.set(key, row);
    });
    this.#misses += unknown.size;
    this.#hits += keys.length - unknown.size;
    if (unknown.size > 0) {
      const asked = model([...unknown.values()]);
      [...unknown.keys()].forEach((key, i) => this.#keep(key, asked.then((all) => all[i]!)));
    }
    const answers = keys.map((key) => {
      const answer = this.#answers.get(key) as Promise<T>;
      // Moved to the end: the map's order is that of use.
      this.#answers.delete(key);
      this.#answers.set(key, answer);
      return answer;
    });
    for (const key of this.#answers.keys()) {
      if (this.#answers.size <= this.#most) break;
      this.#answers.delete(key);
    }
    return await Promise.all(answers);
  }

  /** Keeps an answer under way; one that fails is forgotten. */
  #keep(key: string, answer: Promise<unknown>): void {
    this.#answers.set(key, answer);
    answer.catch(() => this.#answers.delete(key));
  }
}
