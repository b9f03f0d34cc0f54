import type {
  Context,
  Decision,
  Estimate,
  Guidance,
  Metrics,
  Mode,
  Observations,
  PolicyView,
  Rollout,
  StageState,
  Student,
} from "@tandem/core";
import { drawFrom, type Pcg64, type Pcg64State } from "@tandem/core/kit";
import type { Actor, AdamCounts, Samples } from "./actor.ts";
import type { ModelOptions } from "./options.ts";
import type { Questions } from "./questions.ts";

/** What a checkpoint holds beside the arrays. */
interface Saved extends AdamCounts {
  readonly streams: readonly Pcg64State[];
}

/** How a rollout is gone through. */
export interface Course extends Pick<ModelOptions, "epochs" | "minibatch" | "rewardScale"> {
  /** Whether advantages are moved and scaled to mean 0 and deviation 1 over a rollout. */
  readonly standardise: boolean;
}

/**
 * A student whose policy is a language model; see {@linkcode lamorel}. Guidance is no part of its
 * prompt. It has no Q of its own: Q(s, a) is V(s), so that A = Q - V says nothing here and estimators
 * of returns must.
 */
export class LanguageModelStudent implements Student {
  readonly #streams: Readonly<Record<"acting" | "judged" | "shuffling", Pcg64>>;

  /**
   * @param actions [C] the environment's action of each candidate.
   * @param count Actions of the environment, A.
   */
  constructor(
    private readonly actor: Actor,
    private readonly questions: Questions,
    private readonly actions: readonly number[],
    private readonly count: number,
    private readonly course: Course,
    context: Pick<Context, "random">,
  ) {
    this.#streams = {
      acting: context.random("student actions"),
      judged: context.random("student evaluation"),
      shuffling: context.random("student minibatches"),
    };
  }

  async act(observations: Observations, _guidance: Guidance, mode: Mode): Promise<Decision> {
    const training = mode === "train";
    const random = this.#streams[training ? "acting" : "judged"];
    const answers = await this.actor.ask(this.questions.of(observations, training));
    const values = this.#valuesOf(answers);
    const taken = answers.map((answer) =>
      drawFrom(answer.map(Math.exp), 0, this.actions.length, random.random())
    );
    return {
      actions: Int32Array.from(taken, (candidate) => this.actions[candidate]!),
      logProbs: Float32Array.from(taken, (candidate, i) => answers[i]![candidate]!),
      qValues: values.slice(),
      values,
    };
  }

  async policy(observations: Observations): Promise<PolicyView> {
    const { count } = this;
    const answers = await this.actor.ask(this.questions.of(observations));
    const values = this.#valuesOf(answers);
    const probabilities = new Float32Array(answers.length * count);
    for (const [i, answer] of answers.entries()) {
      for (const [candidate, action] of this.actions.entries()) {
        probabilities[i * count + action] = Math.exp(answer[candidate]!);
      }
    }
    const qValues = probabilities.map((_, k) => values[Math.floor(k / count)]!);
    return { probabilities, qValues, values };
  }

  async values(observations: Observations): Promise<Float32Array> {
    return this.#valuesOf(await this.actor.ask(this.questions.of(observations)));
  }

  async learn(rollout: Rollout, estimate: Estimate): Promise<Metrics> {
    const { epochs, minibatch } = this.course;
    const samples = this.#samplesOf(rollout, estimate);
    this.questions.release();
    await this.actor.prepare(samples);
    const order = Int32Array.from(samples.actions, (_, k) => k);
    for (let epoch = 0; epoch < epochs; epoch++) {
      this.#streams.shuffling.shuffle(order);
      for (let from = 0; from < order.length; from += minibatch) {
        await this.actor.update(samples, order.subarray(from, from + minibatch));
      }
    }
    return await this.actor.metrics();
  }

  async save(): Promise<StageState> {
    const { counts, arrays } = await this.actor.save();
    const streams = Object.values(this.#streams).map((random) => random.save());
    const json: Saved = { ...counts, streams };
    return { json, arrays };
  }

  load({ json, arrays = {} }: StageState): void {
    const { streams, ...counts } = json as Saved;
    this.actor.load(counts, arrays);
    Object.values(this.#streams).forEach((random, k) => random.load(streams[k]!));
  }

  dispose(): void {
    this.actor.dispose();
  }

  #valuesOf(answers: readonly Float32Array[]): Float32Array {
    return Float32Array.from(answers, (answer) => answer[this.actions.length]!);
  }

  #samplesOf(rollout: Rollout, estimate: Estimate): Samples {
    const { rewardScale, standardise } = this.course;
    const scaled = (values: Float32Array) => values.map((value) => rewardScale * value);
    const advantages = scaled(estimate.advantages);
    return {
      questions: Array.from(rollout.keys, (key) => this.questions.recall(key)),
      actions: Int32Array.from(rollout.actions, (action) => this.actions.indexOf(action)),
      logProbs: rollout.logProbs,
      advantages: standardise ? standardised(advantages) : advantages,
      values: scaled(rollout.values),
      targets: scaled(estimate.targets),
      teacher: this.#teacherOf(rollout),
    };
  }

  /** [T N, C] what the teacher said of the actions that are chosen from; zeros where it was silent. */
  #teacherOf({ guidance, envs, keys }: Rollout): Float32Array {
    const width = this.actions.length;
    const table = new Float32Array(keys.length * width);
    for (let k = 0; k < keys.length; k++) {
      const { choices, distribution, candidates } = guidance[Math.floor(k / envs)]!;
      const i = k % envs;
      if (choices[i]! < 0 || candidates.length !== this.count) continue;
      for (const [c, action] of this.actions.entries()) {
        table[k * width + c] = distribution[i * this.count + action]!;
      }
    }
    return table;
  }
}

/** Values moved and scaled to mean 0 and standard deviation 1. */
function standardised(values: Float32Array): Float32Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return values.map((value) => (value - mean) / (Math.sqrt(variance) + 1e-8));
}
