import { definePlugin, option, TandemError } from "@tandem/core";
import type {
  Context,
  Decision,
  Estimate,
  Guidance,
  Metrics,
  Mode,
  Observations,
  OptionsOutput,
  PolicyView,
  Rollout,
  StageState,
  Student,
  Wirings,
} from "@tandem/core";
import { argmax, drawFrom, type Pcg64, type Pcg64State } from "@tandem/core/kit";
import * as v from "valibot";

const positive = v.pipe(v.number(), v.gtValue(0));

const options = {
  learningRate: option("Step size of Q.", positive, 0.3),
  temperature: option("Divides Q in the policy: above 1 it explores more.", positive, 0.1),
  trust: option(
    "What the teacher's certainty of an action adds to its Q in the policy.",
    v.pipe(v.number(), v.minValue(0)),
    0.2,
  ),
} as const;

export default definePlugin({
  kind: "student",
  name: "my-plugin",
  description: "A table of Q and a softmax policy that listens to the teacher.",
  details: `
    A table of Q(s, a) that moves towards the estimator's targets, and the policy softmax((Q +
    trust x teacher) / temperature). State your own method here, and its source.`,
  options,
  fits: ["vector", "grid", "action"],
  create: (chosen, context, wiring) => new Tabular(chosen, context, wiring),
});

class Tabular implements Student {
  readonly #options: OptionsOutput<typeof options>;
  readonly #random: Pcg64;
  readonly #count: number;
  /** [K] the action that each candidate names, or -1. */
  readonly #named: readonly number[];
  readonly #table = new Map<number, number[]>();

  constructor(
    chosen: OptionsOutput<typeof options>,
    context: Context,
    { env, candidates }: Wirings["student"],
  ) {
    this.#options = chosen;
    this.#random = context.random("student");
    this.#count = env.actions.length;
    this.#named = candidates.map((name) => env.actions.indexOf(name));
  }

  act(observations: Observations, guidance: Guidance, mode: Mode): Decision {
    const { envs } = observations;
    const { probabilities, qValues, values } = this.policy(observations, guidance);
    const count = this.#count;
    const actions = new Int32Array(envs).map((_, i) => {
      if (mode === "evaluate") return argmax(probabilities, i * count, count);
      return drawFrom(probabilities, i * count, count, this.#random.random());
    });
    const taken = <T>(of: (at: number) => T) => Array.from(actions, (a, i) => of(i * count + a));
    return {
      actions,
      logProbs: Float32Array.from(taken((at) => Math.log(probabilities[at]!))),
      qValues: Float32Array.from(taken((at) => qValues[at]!)),
      values,
    };
  }

  policy(observations: Observations, guidance: Guidance): PolicyView {
    const { envs } = observations;
    const probabilities = new Float32Array(envs * this.#count);
    const qValues = new Float32Array(envs * this.#count);
    for (let i = 0; i < envs; i++) {
      const q = this.#row(observations.key(i));
      qValues.set(q, i * this.#count);
      probabilities.set(this.#softmax(q, guidance, i), i * this.#count);
    }
    return { probabilities, qValues, values: this.values(observations) };
  }

  /** V(s) = max_a Q(s, a). */
  values(observations: Observations): Float32Array {
    return Float32Array.from(
      { length: observations.envs },
      (_, i) => Math.max(...this.#row(observations.key(i))),
    );
  }

  learn({ keys, actions }: Rollout, { targets }: Estimate): Metrics {
    let loss = 0;
    for (let k = 0; k < actions.length; k++) {
      if (!Number.isFinite(targets[k])) {
        throw new TandemError("E_NUMERIC", `A target is "${targets[k]}"; all must be finite.`);
      }
      const row = this.#row(keys[k]!);
      const error = targets[k]! - row[actions[k]!]!;
      row[actions[k]!]! += this.#options.learningRate * error;
      this.#table.set(keys[k]!, row);
      loss += error * error / actions.length;
    }
    return { loss };
  }

  save(): StageState {
    return { json: { table: [...this.#table], random: this.#random.save() } };
  }

  load({ json }: StageState): void {
    const saved = structuredClone(json) as { table: [number, number[]][]; random: Pcg64State };
    this.#table.clear();
    for (const [key, row] of saved.table) this.#table.set(key, row);
    this.#random.load(saved.random);
  }

  #row(key: number): number[] {
    return this.#table.get(key) ?? new Array<number>(this.#count).fill(0);
  }

  #softmax(q: readonly number[], { distribution }: Guidance, i: number): number[] {
    const { temperature, trust } = this.#options;
    const scores = [...q];
    for (const [c, action] of this.#named.entries()) {
      const certainty = distribution[i * this.#named.length + c]!;
      if (action >= 0) scores[action]! += trust * certainty;
    }
    const most = Math.max(...scores);
    const weights = scores.map((score) => Math.exp((score - most) / temperature));
    const sum = weights.reduce((all, weight) => all + weight, 0);
    return weights.map((weight) => weight / sum);
  }
}
