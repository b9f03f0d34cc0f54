import type * as v from "valibot";
import type {
  AnsweringModel,
  Channel,
  Context,
  Example,
  MaybePromise,
  StageFiles,
  StageState,
} from "@tandem/core";
import { joinStates, partOfState } from "@tandem/core/internal";
import { type LanguageModel, serveT5 } from "@tandem/runtimes/language-model";
import { t5Files, tokenizerFiles } from "@tandem/runtimes/t5";
import { openTensors, type Tensors } from "@tandem/runtimes/tfjs";
import { VerdictTrainer } from "../training/verdict_trainer.ts";
import type { TrainingOptions, weightsOptions } from "../training/options.ts";
import type { BuiltinChannel } from "./opened.ts";

/** How the channel trains. */
export interface WeightsOptions extends TrainingOptions {
  /** Verdicts between two updates. */
  readonly every: number;
}

/** What the channel works on. */
export interface WeightsParts {
  /** The model that was opened, from a folder with a T5's model.safetensors; it answers at first. */
  readonly model: LanguageModel;
  readonly candidates: readonly string[];
  readonly context: Context;
}

/**
 * Trains the model itself, a T5, by what verdicts made its suggestions worth. Where verdicts compare,
 * answers of one state are held against each other, for such worths have no zero.
 *
 * The model that answers between updates is the trained one with 8-bit weights, in the kernels of the
 * runtime "fused": TensorFlow.js takes several times as long for a prompt.
 */
class WeightsChannel implements Channel {
  readonly model: AnsweringModel;
  readonly #parts: WeightsParts;
  readonly #every: number;
  readonly #tensors: Tensors;
  readonly #trainer: VerdictTrainer;
  /** The trained model; undefined where it must be made first. */
  #served: LanguageModel | undefined;
  #heard = 0;
  /** Whether verdicts compared candidates so far. */
  #comparing = false;

  /** Reads the T5. @throws {TandemError} E_MODEL where the folder holds none that can be trained. */
  static async open(parts: WeightsParts, options: WeightsOptions): Promise<WeightsChannel> {
    const { model: { info: { dir }, tokenizer }, context } = parts;
    const tensors = await openTensors(context.device);
    const known = new Map<string, readonly number[]>();
    const encode = (prompt: string) => {
      const ids = known.get(prompt) ?? tokenizer.encode(prompt);
      if (known.size < options.capacity) known.set(prompt, ids);
      return ids;
    };
    const candidates = parts.candidates.map((text) => tokenizer.encode(text));
    const random = context.random("teacher.weights");
    try {
      const trainer = await VerdictTrainer.open(
        { tensors, dir, candidates, encode, random, breathe: context.breathe },
        options,
      );
      return new WeightsChannel(parts, options.every, tensors, trainer);
    } catch (error) {
      tensors.dispose();
      throw error;
    }
  }

  private constructor(
    parts: WeightsParts,
    every: number,
    tensors: Tensors,
    trainer: VerdictTrainer,
  ) {
    this.#parts = parts;
    this.#every = every;
    this.#tensors = tensors;
    this.#trainer = trainer;
    this.model = {
      score: async (prompts, candidates, options) =>
        (await this.#answering()).score(prompts, candidates, options),
      generate: async (prompts, options) => (await this.#answering()).generate(prompts, options),
    };
  }

  onVerdict(): void {
    this.#heard++;
  }

  learn({ features, candidate, worth, right, comparesWith, prompt }: Example): void {
    this.#comparing ||= comparesWith !== undefined;
    this.#trainer.judged.add(features.whole, { answer: candidate, worth, right }, prompt);
  }

  train(): MaybePromise<boolean> {
    if (this.#heard < this.#every) return false;
    this.#heard = 0;
    return this.#update();
  }

  async save(): Promise<StageState> {
    const json = { heard: this.#heard, comparing: this.#comparing };
    return joinStates({ channel: { json }, trainer: await this.#trainer.save() });
  }

  async load(state: StageState): Promise<void> {
    const { heard, comparing } = partOfState(state, "channel")!.json as {
      heard: number;
      comparing: boolean;
    };
    this.#heard = heard;
    this.#comparing = comparing;
    this.#trainer.load(partOfState(state, "trainer")!);
    await this.#retire();
  }

  /** The trained model's folder; its adapters in a file of their own beside it. */
  async files(): Promise<StageFiles | undefined> {
    if (this.#trainer.updates === 0) return undefined;
    const { config } = this.#trainer;
    const adapters = await this.#trainer.adapters();
    return {
      ...await tokenizerFiles(this.#parts.model.info.dir),
      ...await t5Files(config, await this.#trainer.parameters()),
      ...adapters && { "adapters.safetensors": adapters },
    };
  }

  async dispose(): Promise<void> {
    await this.#retire();
    this.#trainer.dispose();
    this.#tensors.dispose();
  }

  async #update(): Promise<boolean> {
    await this.#trainer.update(this.#comparing);
    await this.#retire();
    return true;
  }

  async #answering(): Promise<AnsweringModel> {
    if (this.#trainer.updates === 0) return this.#parts.model;
    const trainer = this.#trainer;
    const { dir } = this.#parts.model.info;
    return this.#served ??= await serveT5(
      dir,
      trainer.config,
      await trainer.parameters(),
      this.#parts.context.device,
    );
  }

  async #retire(): Promise<void> {
    await this.#served?.dispose();
    this.#served = undefined;
  }
}

/** Trains the model's own weights. */
export const weights: BuiltinChannel<
  Pick<TrainingOptions, "normalisation" | "temperature"> & {
    readonly weights: v.InferOutput<typeof weightsOptions>;
  }
> = {
  description: "Trains the model itself, a T5 with model.safetensors.",
  open({ options: { weights, normalisation, temperature }, context, wiring, model }) {
    const { candidates } = wiring;
    return WeightsChannel.open(
      { model, candidates, context },
      { ...weights, normalisation, temperature },
    );
  },
};
