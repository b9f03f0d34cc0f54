import type { Breathe } from "@tandem/core";
import { type StateArray, TandemError } from "@tandem/core";
import type { Sequences, T5 } from "@tandem/runtimes/t5";
import {
  Adam,
  type AdamState,
  lossAndGradients,
  RowMeans,
  type Tensor,
  type Tensor2D,
  type TensorFlow,
  type Tensors,
  type Variable,
} from "@tandem/runtimes/tfjs";
import type { RandomSource } from "@tandem/runtimes/weights";
import type { Loss, Minibatch, Outputs } from "./loss.ts";
import { PolicyModel } from "./model.ts";
import type { ModelOptions } from "./options.ts";
import type { Question } from "./questions.ts";

/** Questions that go through the model together; their length is alike, which saves padding. */
const CHUNK = 32;

/** Adam's epsilon, as GLAM has it. */
const EPSILON = 1e-5;

/** A rollout's samples; numbers in units of reward times the scale. */
export interface Samples {
  readonly questions: readonly Question[];
  /** [B] index of the candidate taken. */
  readonly actions: Int32Array;
  readonly logProbs: Float32Array;
  readonly advantages: Float32Array;
  readonly values: Float32Array;
  readonly targets: Float32Array;
  /** [B, C] */
  readonly teacher: Float32Array;
}

/** The policy model with its loss and its optimiser. */
export class Actor {
  readonly #tensors: Tensors;
  readonly #model: PolicyModel;
  readonly #options: ModelOptions;
  readonly #loss: Loss;
  readonly #variables: ReadonlyMap<string, Variable>;
  readonly #adam: Adam;
  readonly #count: number;
  /** [C + 1] the policy's log-probabilities and V, until the weights change. */
  #answers = new WeakMap<Question, Float32Array>();
  /** [terms] of each update since they were asked for. */
  readonly #terms: RowMeans;

  constructor(
    tensors: Tensors,
    t5: T5,
    candidates: Sequences,
    options: ModelOptions,
    loss: Loss,
    random: RandomSource,
    private readonly breathe: Breathe,
  ) {
    const { learningRate } = options;
    this.#tensors = tensors;
    this.#terms = new RowMeans(tensors.tf);
    this.#model = new PolicyModel(tensors, t5, candidates, options, random);
    this.#options = options;
    this.#loss = loss;
    this.#count = candidates.length;
    this.#variables = this.#model.variables;
    this.#adam = new Adam(tensors, [...this.#variables.values()], {
      learningRate,
      epsilon: EPSILON,
    });
  }

  /** [C + 1] each: log P(a | s) of the candidates, and V(s). */
  async ask(questions: readonly Question[]): Promise<Float32Array[]> {
    const unknown = questions.filter((question) => !this.#answers.has(question));
    for (const chunk of chunksOf(unknown)) {
      await this.breathe();
      await this.#answer(chunk);
    }
    return questions.map((question) => this.#answers.get(question)!);
  }

  /** Readies a rollout for {@linkcode update}. */
  async prepare({ questions }: Samples): Promise<void> {
    for (const chunk of chunksOf(questions)) {
      await this.breathe();
      await this.#model.prepare(chunk);
    }
  }

  /** One gradient step on some of the samples. */
  async update(samples: Samples, rows: Int32Array): Promise<void> {
    const { tf } = this.#tensors;
    this.#answers = new WeakMap();
    const asking = Map.groupBy(rows, (k) => samples.questions[k]!);
    let sum: Part | undefined;
    for (const chunk of chunksOf([...asking.keys()])) {
      await this.breathe();
      const part = this.#part(samples, chunk, chunk.map((q) => asking.get(q)!), rows.length);
      sum = sum ? added(tf, sum, part) : part;
    }
    const { terms, gradients } = sum!;
    this.#terms.add(tf.tidy(() => {
      const norm = this.#adam.boundedStep(gradients, this.#options.maxGradNorm);
      return tf.concat([terms, tf.reshape(norm, [1])]);
    }));
    tf.dispose([terms, ...gradients]);
  }

  /** Means, over the updates since it was asked last, of what the loss names; "loss" first. */
  async metrics(): Promise<Record<string, number>> {
    const means = this.#terms.take();
    const numbers = await means.data<"float32">();
    means.dispose();
    if (!Number.isFinite(numbers[0])) {
      throw new TandemError(
        "E_NUMERIC",
        `The student's loss became "${numbers[0]}"; a smaller student.learningRate may help.`,
      );
    }
    const names = ["loss", ...this.#loss.names, "gradNorm"];
    return Object.fromEntries(names.map((name, k) => [name, numbers[k]!]));
  }

  /** Weights that are trained, with Adam's moments; and how far Adam has come. */
  async save(): Promise<{ counts: AdamCounts; arrays: Record<string, StateArray> }> {
    const { first, second, ...counts } = await this.#adam.save();
    const arrays: Record<string, StateArray> = {};
    for (const [k, [name, variable]] of [...this.#variables].entries()) {
      const { shape } = variable;
      arrays[name] = { shape, data: (await variable.data<"float32">()).slice() };
      arrays[`adam.first.${name}`] = { shape, data: first[k]! };
      arrays[`adam.second.${name}`] = { shape, data: second[k]! };
    }
    return { counts, arrays };
  }

  /** @throws TandemError E_SHAPE where the state is of another model. */
  load(counts: AdamCounts, arrays: Readonly<Record<string, StateArray>>): void {
    const { tf } = this.#tensors;
    const named = (prefix: string) =>
      [...this.#variables.keys()].map((name) =>
        (arrays[prefix + name]?.data ?? new Float32Array(0)) as Float32Array
      );
    this.#adam.load({ ...counts, first: named("adam.first."), second: named("adam.second.") });
    for (const [name, variable] of this.#variables) {
      tf.tidy(() => variable.assign(tf.tensor(arrays[name]!.data, variable.shape)));
    }
    this.#answers = new WeakMap();
  }

  dispose(): void {
    this.#terms.dispose();
    this.#adam.dispose();
    this.#model.dispose();
    this.#tensors.dispose();
  }

  async #answer(questions: readonly Question[]): Promise<void> {
    await this.#model.prepare(questions);
    const { tf } = this.#tensors;
    const read = tf.tidy(() => {
      const { logits, values } = this.#model.forward(questions);
      const unscaled = tf.div(values, this.#options.rewardScale);
      return tf.concat([tf.logSoftmax(logits), tf.expandDims(unscaled, 1)], 1);
    });
    const rows = await read.data<"float32">();
    read.dispose();
    if (!rows.every(Number.isFinite)) {
      throw new TandemError("E_NUMERIC", "The student's policy or value became NaN or infinite.");
    }
    const width = this.#count + 1;
    for (const [k, question] of questions.entries()) {
      this.#answers.set(question, rows.slice(k * width, (k + 1) * width));
    }
  }

  /**
   * What some questions add to the gradients and terms of a minibatch's mean loss.
   *
   * @param asking The samples of each question.
   * @param size Samples of the whole minibatch.
   */
  #part(
    samples: Samples,
    questions: readonly Question[],
    asking: readonly (readonly number[])[],
    size: number,
  ): Part {
    const { tf } = this.#tensors;
    const rows = asking.flat();
    const places = asking.flatMap((list, place) => list.map(() => place));
    return tf.tidy(() => {
      const batch = minibatch(tf, samples, rows);
      const share = rows.length / size;
      let terms!: Tensor;
      const { gradients } = lossAndGradients(this.#tensors, [...this.#variables.values()], () => {
        const outputs = spread(tf, this.#model.forward(questions), places);
        const { loss, terms: rest } = this.#loss.of(tf, outputs, batch);
        terms = tf.keep(tf.mul(tf.stack([loss, ...rest]), share));
        return tf.mul(loss, share);
      });
      return { terms, gradients };
    });
  }
}

/** How far Adam has come. */
export type AdamCounts = Pick<AdamState, "steps" | "accBeta1" | "accBeta2">;

/** A part of a minibatch's terms and gradients, which are sums over such parts. */
interface Part {
  readonly terms: Tensor;
  readonly gradients: readonly Tensor[];
}

/** The sum of two parts, which are freed. */
function added(tf: TensorFlow, a: Part, b: Part): Part {
  const sum = tf.tidy(() => ({
    terms: tf.add(a.terms, b.terms),
    gradients: a.gradients.map((gradient, i) => tf.add(gradient, b.gradients[i]!)),
  }));
  tf.dispose([a.terms, b.terms, ...a.gradients, ...b.gradients]);
  return sum;
}

/** Questions in groups of like length, each once. */
function chunksOf(questions: readonly Question[]): Question[][] {
  const sorted = [...new Set(questions)].sort((a, b) => a.ids.length - b.ids.length);
  return Array.from(
    { length: Math.ceil(sorted.length / CHUNK) },
    (_, k) => sorted.slice(k * CHUNK, (k + 1) * CHUNK),
  );
}

/** From a row a question to a row a sample. */
function spread(tf: TensorFlow, { logits, values }: Outputs, places: readonly number[]): Outputs {
  const rows = tf.tensor1d([...places], "int32");
  return { logits: tf.gather(logits, rows), values: tf.gather(values, rows) };
}

function minibatch(tf: TensorFlow, samples: Samples, rows: readonly number[]): Minibatch {
  const pick = (values: Float32Array) => tf.tensor1d(Float32Array.from(rows, (k) => values[k]!));
  const count = samples.teacher.length / samples.questions.length;
  const taken = tf.tensor1d(Int32Array.from(rows, (k) => samples.actions[k]!), "int32");
  const told = rows.flatMap((k) => [...samples.teacher.subarray(k * count, (k + 1) * count)]);
  return {
    actions: tf.cast(tf.oneHot(taken, count), "float32") as Tensor2D,
    oldLogProbs: pick(samples.logProbs),
    advantages: pick(samples.advantages),
    oldValues: pick(samples.values),
    targets: pick(samples.targets),
    teacher: tf.tensor2d(told, [rows.length, count]),
  };
}
