/** Trains a T5 by verdicts on which of some candidates it suggested. */

import { type StageState, TandemError } from "@tandem/core";
import type { Pcg64State } from "@tandem/core/kit";
import { type Parameter, type T5, type T5Config, weighCandidates } from "@tandem/runtimes/t5";
import {
  Adam,
  type AdamState,
  lossAndGradients,
  type Scalar,
  type Tensor,
} from "@tandem/runtimes/tfjs";
import { JudgedAnswers, type TrainingExample } from "./judged_answers.ts";
import { exampleBatches, totalsOf } from "./example_batches.ts";
import { Models } from "./trained_models.ts";
import { adamArrays, adamStateOf, assignWeights, weightArrays } from "./trainer_state.ts";
import { type LossScale, type ReferredExample, verdictLoss } from "./verdict_losses.ts";
import type { TrainingOptions } from "./options.ts";
import type { TrainerParts, UpdateReport } from "./trainer_parts.ts";

type Ids = readonly number[];

/** Prompts that are scored in one run, at most. */
const SCORED_TOGETHER = 64;

/**
 * A T5 that weighs candidates, and is trained by verdicts on those it suggested. Its policy is what a
 * teacher acts by: the softmax over the candidates of their scores,
 *
 *     log pi(c | s) = log softmax_c(score(c | s) / temperature),
 *
 * so that a verdict moves the weighed candidates against each other and nothing else, and the
 * divergence from the reference (the weights of the folder) is exact.
 *
 * @example
 * ```ts
 * import { weightsOptions } from "./options.ts";
 * import { VerdictTrainer } from "./verdict_trainer.ts";
 * import { openTensors } from "@tandem/runtimes/tfjs";
 * import { Pcg64 } from "@tandem/core/kit";
 * import * as v from "valibot";
 * import assert from "node:assert/strict";
 * const tensors = await openTensors("cpu");
 * const trainer = await VerdictTrainer.open({
 *   tensors,
 *   dir: "tests/fixtures/language-models/t5-v1_1",
 *   candidates: [[5, 1], [9, 1]],
 *   encode: () => [104, 17, 1],
 *   random: new Pcg64(0),
 * }, {
 *   ...v.parse(weightsOptions, { method: "kto", steps: 2 }),
 *   normalisation: "mean",
 *   temperature: 1,
 * });
 * const [before] = await trainer.logProbs(["a key ahead"]);
 * const blame = { answer: 0, worth: -1 };
 * for (let k = 0; k < 20; k++) trainer.judged.add("a key ahead", blame, () => "a key ahead");
 * await trainer.update();
 * const [after] = await trainer.logProbs(["a key ahead"]);
 * assert.ok(after![0]! < before![0]!);
 * trainer.dispose();
 * tensors.dispose();
 * ```
 */
export class VerdictTrainer {
  readonly judged: JudgedAnswers;
  /** Updates made. */
  updates = 0;
  readonly #parts: TrainerParts;
  readonly #options: TrainingOptions;
  /** What is trained, what answers, and what both began as. */
  readonly #models: Models;
  readonly #adam: Adam;
  /** KL(model || reference) in the last step. */
  #divergence = 0;
  /** Gradient steps taken. */
  #steps = 0;

  /** Reads the T5. @throws {TandemError} E_MODEL where the folder holds none. */
  static async open(parts: TrainerParts, options: TrainingOptions): Promise<VerdictTrainer> {
    return new VerdictTrainer(parts, options, await Models.open(parts, options));
  }

  private constructor(parts: TrainerParts, options: TrainingOptions, models: Models) {
    this.#parts = parts;
    this.#options = options;
    this.#models = models;
    const { learningRate } = options;
    this.#adam = new Adam(parts.tensors, [...models.trained.values()], { learningRate });
    this.judged = new JudgedAnswers(parts.candidates.length, options.capacity);
  }

  /** Scores [C] of the candidates under each prompt. */
  scores(prompts: readonly string[]): Promise<Float32Array[]> {
    return this.#score(prompts, (ids) => this.#models.answering((t5) => this.#scores(t5, ids)));
  }

  /** log pi [C] of the candidates under each prompt. */
  logProbs(prompts: readonly string[]): Promise<Float32Array[]> {
    return this.#score(prompts, (ids) => this.#models.answering((t5) => this.#policy(t5, ids)));
  }

  /**
   * Trains on what was judged.
   *
   * @param centred Whether verdicts tell answers from each other rather than right from wrong; see
   * {@linkcode JudgedAnswers}.
   * @throws {TandemError} E_NUMERIC where the loss becomes NaN or infinite.
   */
  async update(centred = false): Promise<UpdateReport> {
    const { halfTrust, steps, batch, keep, method } = this.#options;
    const what = method === "cross-entropy" ? "right" : "advantages";
    const examples = this.judged.examples({ halfTrust, centred })
      .filter((example) => example[what].some((number) => number !== 0));
    let loss = 0;
    if (examples.length > 0 && this.#models.trained.size > 0) {
      const scale = this.#scale(examples);
      const drawing = exampleBatches(examples, batch, this.#parts.random);
      const batches = Array.from({ length: steps }, () => drawing.next().value);
      const referred = await this.#refer(new Set(batches.flat()));
      for (const drawn of batches) {
        loss += (await this.#step(drawn.map((example) => referred.get(example)!), scale)) / steps;
      }
    }
    this.updates++;
    this.judged.fade(keep);
    return { loss, divergence: this.#divergence, states: examples.length };
  }

  /** All that is needed to go on exactly, the model's folder aside. */
  async save(): Promise<StageState> {
    const judged = this.judged.save();
    const adam = await this.#adam.save();
    const { steps, accBeta1, accBeta2 } = adam;
    return {
      json: {
        judged: judged.json,
        random: this.#parts.random.save(),
        updates: this.updates,
        steps: this.#steps,
        divergence: this.#divergence,
        adam: { steps, accBeta1, accBeta2 },
      },
      arrays: {
        ...judged.arrays,
        ...adamArrays(adam),
        ...await weightArrays("trained", this.#models.trained),
        ...await weightArrays("average", this.#models.average),
      },
    };
  }

  load({ json, arrays = {} }: StageState): void {
    const saved = json as {
      judged: unknown;
      random: Pcg64State;
      updates: number;
      steps: number;
      divergence: number;
      adam: Pick<AdamState, "steps" | "accBeta1" | "accBeta2">;
    };
    this.judged.load({ json: saved.judged, arrays });
    this.#parts.random.load(saved.random);
    this.updates = saved.updates;
    this.#steps = saved.steps;
    this.#divergence = saved.divergence;
    const { tf } = this.#parts.tensors;
    assignWeights(tf, "trained", this.#models.trained, arrays);
    assignWeights(tf, "average", this.#models.average, arrays);
    this.#adam.load(adamStateOf(saved.adam, arrays, this.#models.trained.size));
  }

  get config(): T5Config {
    return this.#models.config;
  }

  /** The adapters that answer as a file of PEFT's layout, or undefined where every weight is trained. */
  adapters(): Promise<Uint8Array | undefined> {
    return this.#models.adapters();
  }

  /** The weights that answer, adapters merged in. */
  parameters(): Promise<Map<string, Parameter>> {
    return this.#models.answering((t5) => t5.parameters());
  }

  /** Frees the models. The tensors' device stays its owner's. */
  dispose(): void {
    this.#adam.dispose();
    this.#models.dispose();
  }

  async #step(batch: readonly ReferredExample[], scale: LossScale): Promise<number> {
    await this.#parts.breathe?.();
    const { tensors, encode } = this.#parts;
    const { tf } = tensors;
    let divergence: Scalar | undefined;
    const { loss, gradients } = lossAndGradients(
      tensors,
      [...this.#models.trained.values()],
      () => {
        const ids = batch.map(({ prompt }) => encode(prompt));
        const logProbs = this.#models.training((t5) => this.#policy(t5, ids));
        const parts = verdictLoss(tf, logProbs, batch, scale);
        divergence = tf.keep(parts.divergence);
        return parts.loss;
      },
    );
    this.#adam.step(gradients);
    this.#models.follow(this.#averaged());
    const [[value = NaN], [left = NaN]] = await Promise.all([loss.data(), divergence!.data()]);
    tf.dispose([loss, divergence!, ...gradients]);
    if (!Number.isFinite(value)) {
      throw new TandemError(
        "E_NUMERIC",
        `The teacher's loss became "${value}" in update ${this.updates + 1}; a smaller ` +
          "weights.learningRate may help.",
      );
    }
    this.#divergence = left;
    return value;
  }

  /** Examples with what they are measured against. */
  async #refer(
    examples: ReadonlySet<TrainingExample>,
  ): Promise<Map<TrainingExample, ReferredExample>> {
    const { judged } = this;
    const promptsOf = (some: readonly TrainingExample[]) => some.map(({ prompt }) => prompt);
    const unknown = [...examples].filter(({ state }) => !judged.reference(state));
    const references = await this.#score(
      promptsOf(unknown),
      (ids) => this.#models.referring((t5) => this.#policy(t5, ids)),
    );
    for (const [i, { state }] of unknown.entries()) judged.setReference(state, references[i]!);
    const { method } = this.#options;
    const now = method === "ppo" || method === "reinforce"
      ? await this.#score(
        promptsOf([...examples]),
        (ids) => this.#models.training((t5) => this.#policy(t5, ids)),
      )
      : [];
    return new Map([...examples].map((example, i) => {
      const reference = judged.reference(example.state)!;
      return [example, { ...example, reference, old: now[i] ?? reference }];
    }));
  }

  #scale(examples: readonly TrainingExample[]): LossScale {
    const { method, beta, kl, clip, goodWeight, badWeight } = this.#options;
    const even = totalsOf(examples);
    return {
      ...{ method, beta, kl, clip, spread: even.spread },
      goodWeight: goodWeight === "balanced" ? even.goodWeight : goodWeight,
      badWeight: badWeight === "balanced" ? even.badWeight : badWeight,
    };
  }

  /** How far the average goes towards the weights: at first it is that of all steps. */
  #averaged(): number {
    return Math.max(1 - this.#options.average, 1 / ++this.#steps);
  }

  #policy(model: T5, ids: readonly Ids[]): Tensor {
    const { tf } = this.#parts.tensors;
    return tf.tidy(() =>
      tf.logSoftmax(tf.mul(this.#scores(model, ids), 1 / this.#options.temperature))
    );
  }

  #scores(model: T5, ids: readonly Ids[]): Tensor {
    const { tensors: { tf }, candidates } = this.#parts;
    const { normalisation } = this.#options;
    return tf.tidy(() => weighCandidates(model, ids, candidates, normalisation).scores);
  }

  /** Rows of what `ask` gives, prompts of one length together: without padding a row is the same in every batch. */
  async #score(
    prompts: readonly string[],
    ask: (ids: readonly Ids[]) => Tensor,
  ): Promise<Float32Array[]> {
    const rows: Float32Array[] = [];
    const ids = prompts.map((prompt) => this.#parts.encode(prompt));
    const alike = Map.groupBy(ids.keys(), (row) => ids[row]!.length);
    for (const group of alike.values()) {
      for (let from = 0; from < group.length; from += SCORED_TOGETHER) {
        await this.#parts.breathe?.();
        const some = group.slice(from, from + SCORED_TOGETHER);
        const answers = ask(some.map((row) => ids[row]!));
        const values = await answers.data<"float32">();
        answers.dispose();
        const width = values.length / some.length;
        some.forEach((row, i) => rows[row] = values.slice(i * width, (i + 1) * width));
      }
    }
    return rows;
  }
}
