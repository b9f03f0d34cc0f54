import * as v from "valibot";
import { TandemError } from "../../core/errors.ts";
import { drawFrom } from "../../core/guidance.ts";
import { definePlugin, type Plugin } from "../../core/plugin.ts";
import type { Pcg64, Pcg64State } from "../../core/random.ts";
import type {
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
} from "../../core/stages.ts";

const fraction = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

const options = {
  /** Share of its error by which a value is corrected, alpha. */
  learningRate: v.optional(v.pipe(fraction, v.gtValue(0)), 0.1),
  /** Chance of an action at random while it trains, epsilon. */
  exploration: v.optional(fraction, 0.1),
  /** Value of what was never tried: above what is to be won, it makes the student try everything. */
  initial: v.optional(v.pipe(v.number(), v.finite()), 0),
  /** The most states remembered; then that not learned about for longest is forgotten. */
  states: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 100_000),
  /** Whether values are told apart by the teacher's choice; else it is not heard, for controls. */
  hears: v.optional(v.boolean(), true),
} as const;

/**
 * Q-learning in a table (Watkins, 1989; Sutton & Barto, section 6.5), a value for each state,
 * suggestion and action:
 *
 * Q(s, x, a) += alpha (G - Q(s, x, a)), and V(s) = sum_x n(s, x) max_a Q(s, x, a) / sum_x n(s, x),
 *
 * with n(s, x) the times that x was suggested in s. Under an estimator of one-step targets
 * (`td-error`, or `gae` with lambda 0) G is r + gamma V(s'), Watkins' target with the mean over what
 * the teacher may say next; under longer returns it is a naive Q(lambda). While it trains it acts
 * greedily but for a share epsilon of random actions; it is judged by what it holds best. Equal
 * values share their probability. Where reward falls with a clock that observations do not show, as in
 * BabyAI, a discount near 1 hides what delay costs from the table: 0.9 serves it better.
 */
export const tabularQ: Plugin<"student", typeof options> = definePlugin({
  kind: "student",
  name: "tabular-q",
  description: "Q-learning in a table of states and suggestions, for small worlds.",
  options,
  create: (options, context, { env, candidates }) =>
    new TabularQ(options, env.actions.length, options.hears ? candidates.length : 0, {
      train: context.random("student actions"),
      evaluate: context.random("student evaluation"),
    }),
});

/** What is known of a state, a row a suggestion; the first row is for silence. */
interface Entry {
  /** [1 + K, A] Q(s, x, a). */
  readonly qValues: Float32Array;
  /** [1 + K] n(s, x). */
  readonly counts: Int32Array;
}

class TabularQ implements Student {
  /** In the order in which they were learned about last. */
  readonly #entries = new Map<number, Entry>();
  readonly #unknown: Entry;

  constructor(
    private readonly options: {
      readonly learningRate: number;
      readonly exploration: number;
      readonly initial: number;
      readonly states: number;
    },
    private readonly actions: number,
    private readonly suggestions: number,
    private readonly streams: Readonly<Record<Mode, Pcg64>>,
  ) {
    this.#unknown = this.#newEntry();
  }

  act(observations: Observations, guidance: Guidance, mode: Mode): Decision {
    const { envs } = observations;
    const epsilon = mode === "train" ? this.options.exploration : 0;
    const acting = new Float64Array(this.actions);
    const greedy = new Float64Array(this.actions);
    const decision = {
      actions: new Int32Array(envs),
      logProbs: new Float32Array(envs),
      qValues: new Float32Array(envs),
      values: new Float32Array(envs),
      targetLogProbs: new Float32Array(envs),
    };
    for (let i = 0; i < envs; i++) {
      const entry = this.#entry(observations.key(i));
      const row = this.#row(guidance, i);
      this.#policy(entry, row, epsilon, acting);
      this.#policy(entry, row, 0, greedy);
      const action = drawFrom(acting, 0, this.actions, this.streams[mode].random());
      decision.actions[i] = action;
      decision.logProbs[i] = Math.log(acting[action]!);
      decision.targetLogProbs[i] = Math.log(greedy[action]!);
      decision.qValues[i] = entry.qValues[row * this.actions + action]!;
      decision.values[i] = this.#value(entry);
    }
    return decision;
  }

  values(observations: Observations): Float32Array {
    return Float32Array.from(
      { length: observations.envs },
      (_, i) => this.#value(this.#entry(observations.key(i))),
    );
  }

  policy(observations: Observations, guidance: Guidance): PolicyView {
    const { actions, options: { exploration } } = this;
    const { envs } = observations;
    const probabilities = new Float32Array(envs * actions);
    const qValues = new Float32Array(envs * actions);
    for (let i = 0; i < envs; i++) {
      const entry = this.#entry(observations.key(i));
      const row = this.#row(guidance, i);
      const [from, to] = [i * actions, (i + 1) * actions];
      this.#policy(entry, row, exploration, probabilities.subarray(from, to));
      qValues.set(entry.qValues.subarray(row * actions, (row + 1) * actions), from);
    }
    return { probabilities, qValues, values: this.values(observations) };
  }

  learn({ keys, guidance, actions, envs }: Rollout, { targets }: Estimate): Metrics {
    const broken = targets.find((target) => !Number.isFinite(target));
    if (broken !== undefined) {
      throw new TandemError("E_NUMERIC", `A target of the student is "${broken}", not a number.`);
    }
    let squares = 0;
    for (let k = 0; k < actions.length; k++) {
      const row = this.#row(guidance[Math.floor(k / envs)]!, k % envs);
      const { qValues, counts } = this.#renewed(keys[k]!);
      const at = row * this.actions + actions[k]!;
      const error = targets[k]! - qValues[at]!;
      qValues[at]! += this.options.learningRate * error;
      counts[row]!++;
      squares += error ** 2;
    }
    return { loss: squares / actions.length, states: this.#entries.size };
  }

  save(): StageState {
    const entries = [...this.#entries.values()];
    const rows = 1 + this.suggestions;
    const qValues = new Float32Array(entries.length * rows * this.actions);
    const counts = new Int32Array(entries.length * rows);
    entries.forEach((entry, n) => {
      qValues.set(entry.qValues, n * entry.qValues.length);
      counts.set(entry.counts, n * rows);
    });
    const { train, evaluate } = this.streams;
    return {
      json: { keys: [...this.#entries.keys()], train: train.save(), evaluate: evaluate.save() },
      arrays: {
        qValues: { shape: [entries.length, rows, this.actions], data: qValues },
        counts: { shape: [entries.length, rows], data: counts },
      },
    };
  }

  load({ json, arrays }: StageState): void {
    const { keys, ...streams } = json as { keys: number[] } & Record<Mode, Pcg64State>;
    this.streams.train.load(streams.train);
    this.streams.evaluate.load(streams.evaluate);
    this.#entries.clear();
    keys.forEach((key, n) => {
      const entry = this.#renewed(key);
      for (const name of ["qValues", "counts"] as const) {
        const { length } = entry[name];
        entry[name].set(arrays![name]!.data.subarray(n * length, (n + 1) * length));
      }
    });
  }

  #newEntry(): Entry {
    const rows = 1 + this.suggestions;
    return {
      qValues: new Float32Array(rows * this.actions).fill(this.options.initial),
      counts: new Int32Array(rows),
    };
  }

  #entry(key: number): Entry {
    return this.#entries.get(key) ?? this.#unknown;
  }

  /** The entry of a state to be learned about, made where there is none. */
  #renewed(key: number): Entry {
    const entry = this.#entries.get(key) ?? this.#newEntry();
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size > this.options.states) {
      this.#entries.delete(this.#entries.keys().next().value!);
    }
    return entry;
  }

  #row({ choices }: Guidance, i: number): number {
    return this.suggestions === 0 ? 0 : 1 + choices[i]!;
  }

  /** Writes P(. | x, s): epsilon / A for each action, the rest shared by the best. */
  #policy(
    { qValues }: Entry,
    row: number,
    epsilon: number,
    out: Float32Array | Float64Array,
  ): void {
    const values = qValues.subarray(row * this.actions, (row + 1) * this.actions);
    const best = Math.max(...values);
    const equals = values.reduce((count, value) => count + +(value === best), 0);
    for (let a = 0; a < this.actions; a++) {
      out[a] = epsilon / this.actions + (values[a] === best ? (1 - epsilon) / equals : 0);
    }
  }

  /** V(s), the initial value where nothing was learned. */
  #value({ qValues, counts }: Entry): number {
    let [sum, total] = [0, 0];
    for (let row = 0; row < counts.length; row++) {
      if (counts[row] === 0) continue;
      const values = qValues.subarray(row * this.actions, (row + 1) * this.actions);
      sum += counts[row]! * Math.max(...values);
      total += counts[row]!;
    }
    return total === 0 ? this.options.initial : sum / total;
  }
}
