/** A T5 with a value head, and a policy head where one is asked for: from questions to logits and V. */
import { firstStates, Lora, type Sequences, type T5, weighCandidates } from "@tandem/runtimes/t5";
import {
  Perceptron,
  type Tensor,
  type Tensor2D,
  type Tensors,
  type Variable,
} from "@tandem/runtimes/tfjs";
import type { RandomSource } from "@tandem/runtimes/weights";
import type { Outputs } from "./loss.ts";
import type { ModelOptions } from "./options.ts";
import type { Question } from "./questions.ts";

/** The runtime's name of a scoring. */
const NORMALISATIONS = {
  "as-published": "sum",
  normalised: "mean",
  "raw-logits": "logits",
} as const;

/** See {@linkcode ModelOptions}. Tensors that its methods give are the caller's. */
export class PolicyModel {
  readonly #tensors: Tensors;
  readonly #t5: T5;
  readonly #options: ModelOptions;
  readonly #candidates: Sequences;
  readonly #valueHead: Perceptron;
  readonly #policyHead: Perceptron | undefined;
  /** What a model that is not trained makes of questions: the scores, and then the first state. */
  readonly #features = new WeakMap<Question, Float32Array>();

  /**
   * @param t5 Belongs to this model from now on.
   * @param candidates [C] ids of the actions' texts.
   * @param random Draws the heads and the adapters.
   */
  constructor(
    tensors: Tensors,
    t5: T5,
    candidates: Sequences,
    options: ModelOptions,
    random: RandomSource,
  ) {
    const { hidden, head, train, rank, alpha } = options;
    const { config: { dModel } } = t5;
    const perceptron = (outputs: number) =>
      new Perceptron(tensors, [dModel, ...hidden, outputs], random);
    this.#tensors = tensors;
    this.#t5 = t5;
    this.#options = options;
    this.#candidates = candidates;
    this.#valueHead = perceptron(1);
    this.#policyHead = head === "policy" ? perceptron(candidates.length) : undefined;
    if (train === "lora") t5.lora = new Lora(tensors, t5.config, random, { rank, alpha });
  }

  /** What training changes, by name. */
  get variables(): Map<string, Variable> {
    const trained = this.#options.train === "heads" ? [] : [["model", this.#t5.lora ?? this.#t5]];
    const parts = [["value", this.#valueHead], ["policy", this.#policyHead], ...trained] as const;
    return new Map(
      parts.flatMap(([part, owner]) =>
        [...(owner as Perceptron | undefined)?.variables ?? []].map(([name, variable]) =>
          [`${part}/${name}`, variable] as const
        )
      ),
    );
  }

  /** Readies questions for {@linkcode forward}: a model that is not trained reads them once only. */
  async prepare(questions: readonly Question[]): Promise<void> {
    if (this.#options.train !== "heads") return;
    const unknown = questions.filter((question) => !this.#features.has(question));
    if (unknown.length === 0) return;
    const { tf } = this.#tensors;
    const read = tf.tidy(() => {
      const { scores, states } = this.#read(unknown);
      return scores ? tf.concat([scores, states], 1) : states;
    });
    const values = await read.data<"float32">();
    read.dispose();
    const width = values.length / unknown.length;
    for (const [row, question] of unknown.entries()) {
      this.#features.set(question, values.slice(row * width, (row + 1) * width));
    }
  }

  /** The policy's logits and V of questions, which {@linkcode prepare} has seen; within `tidy`. */
  forward(questions: readonly Question[]): Outputs {
    const { tf } = this.#tensors;
    const { scores, states } = this.#options.train === "heads"
      ? this.#remembered(questions)
      : this.#read(questions);
    return {
      logits: (this.#policyHead?.forward(states) ?? scores) as Tensor2D,
      values: tf.reshape(this.#valueHead.forward(states), [questions.length]),
    };
  }

  dispose(): void {
    this.#valueHead.dispose();
    this.#policyHead?.dispose();
    this.#t5.dispose();
  }

  #read(questions: readonly Question[]): { scores?: Tensor; states: Tensor } {
    const prompts = questions.map(({ ids }) => ids);
    if (this.#policyHead) return { states: firstStates(this.#t5, prompts) };
    const normalisation = NORMALISATIONS[this.#options.scoring];
    return weighCandidates(this.#t5, prompts, this.#candidates, normalisation);
  }

  #remembered(questions: readonly Question[]): { scores?: Tensor; states: Tensor } {
    const { tf } = this.#tensors;
    const rows = questions.map((question) => this.#features.get(question)!);
    const table = tf.tensor2d(rows.flatMap((row) => [...row]), [rows.length, rows[0]!.length]);
    if (this.#policyHead) return { states: table };
    const count = this.#candidates.length;
    return { scores: tf.slice(table, [0, 0], [-1, count]), states: tf.slice(table, [0, count]) };
  }
}
