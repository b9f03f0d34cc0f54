import {
  type Decision,
  type Estimate,
  type Guidance,
  type Metrics,
  type Mode,
  type Observations,
  type PolicyView,
  type Rollout,
  type StageState,
  type Student,
  TandemError,
} from "@tandem/core";
import { annealed, drawFrom, type Pcg64, type Pcg64State } from "@tandem/core/kit";
import { LEAST_TRUSTED } from "@tandem/core/internal";
import type { TabularQOptions } from "../options.ts";
import { type Entry, Table } from "./table.ts";

interface Saved extends Record<Mode, Pcg64State> {
  readonly keys: number[];
  readonly rollouts: number;
}

/** See {@linkcode tabularQ}. */
export class TabularQ implements Student {
  readonly #table: Table;
  /** [A] of the state at hand: Q(s, x, .), and a policy. */
  readonly #judged: Float64Array;
  readonly #acting: Float64Array;
  readonly #greedy: Float64Array;
  /** Probability of acting as told after so many rollouts. */
  readonly #imitation: (rollouts: number) => number;
  #rollouts = 0;

  constructor(
    private readonly options: Required<TabularQOptions>,
    private readonly actions: number,
    suggestions: number,
    private readonly streams: Readonly<Record<Mode, Pcg64>>,
  ) {
    const { hears, guidance, initial, initialTrust, states } = options;
    const isIndexed = hears && guidance === "features";
    this.#table = new Table({
      rows: 1 + (isIndexed ? suggestions : 0),
      actions,
      initial: { qValue: initial, trust: this.#trusts ? initialTrust : 0 },
      capacity: states,
    });
    this.#imitation = annealed(options);
    this.#judged = new Float64Array(actions);
    this.#acting = new Float64Array(actions);
    this.#greedy = new Float64Array(actions);
  }

  act(observations: Observations, guidance: Guidance, mode: Mode): Decision {
    const { envs } = observations;
    const decision = {
      actions: new Int32Array(envs),
      logProbs: new Float32Array(envs),
      qValues: new Float32Array(envs),
      values: new Float32Array(envs),
      targetLogProbs: new Float32Array(envs),
    };
    for (let i = 0; i < envs; i++) {
      const entry = this.#table.at(observations.key(i));
      this.#judge(entry, guidance, i, observations.legal);
      this.#own(0, this.#greedy);
      if (mode === "train") this.#behave(guidance, i);
      const acting = mode === "train" ? this.#acting : this.#greedy;
      const action = drawFrom(acting, 0, this.actions, this.streams[mode].random());
      decision.actions[i] = action;
      decision.logProbs[i] = Math.log(acting[action]!);
      decision.targetLogProbs[i] = Math.log(this.#greedy[action]!);
      decision.qValues[i] = this.#judged[action]!;
      decision.values[i] = this.#value(entry, observations.legal, i);
    }
    return decision;
  }

  values(observations: Observations): Float32Array {
    return Float32Array.from(
      { length: observations.envs },
      (_, i) => this.#value(this.#table.at(observations.key(i)), observations.legal, i),
    );
  }

  policy(observations: Observations, guidance: Guidance): PolicyView {
    const { actions } = this;
    const { envs } = observations;
    const probabilities = new Float32Array(envs * actions);
    const qValues = new Float32Array(envs * actions);
    for (let i = 0; i < envs; i++) {
      this.#judge(this.#table.at(observations.key(i)), guidance, i, observations.legal);
      this.#behave(guidance, i);
      probabilities.set(this.#acting, i * actions);
      qValues.set(this.#judged, i * actions);
    }
    return { probabilities, qValues, values: this.values(observations) };
  }

  learn({ keys, guidance, actions, legal, envs }: Rollout, { targets }: Estimate): Metrics {
    const broken = targets.find((target) => !Number.isFinite(target));
    if (broken !== undefined) {
      throw new TandemError("E_NUMERIC", `A target of the student is "${broken}", not a number.`);
    }
    this.#rollouts++;
    let [squares, trust] = [0, 0];
    for (let k = 0; k < actions.length; k++) {
      const entry = this.#table.renewed(keys[k]!);
      const said = guidance[Math.floor(k / envs)]!;
      this.#judge(entry, said, k % envs, legal, k);
      squares += this.#correct(entry, said, k % envs, actions[k]!, targets[k]!) ** 2;
      trust += entry.leaning[0]!;
    }
    const metrics = { loss: squares / actions.length, states: this.#table.size };
    return this.#trusts ? { ...metrics, trust: trust / actions.length } : metrics;
  }

  save(): StageState {
    const { json: keys, arrays } = this.#table.save();
    const { train, evaluate } = this.streams;
    const json = { keys, rollouts: this.#rollouts, train: train.save(), evaluate: evaluate.save() };
    return { json, arrays };
  }

  load({ json, arrays }: StageState): void {
    const { keys, rollouts, ...streams } = json as unknown as Saved;
    this.streams.train.load(streams.train);
    this.streams.evaluate.load(streams.evaluate);
    this.#rollouts = rollouts;
    this.#table.load({ json: keys, arrays });
  }

  get #trusts(): boolean {
    return this.options.hears && this.options.guidance === "trust";
  }

  /** One sample that was judged: the value is moved to its target. @returns The error before. */
  #correct(entry: Entry, said: Guidance, i: number, action: number, target: number): number {
    const { learningRate } = this.options;
    const error = target - this.#judged[action]!;
    const row = this.#row(said, i);
    const log = this.#trusts ? this.#logTeacher(said, i, action) : 0;
    const step = learningRate * error / (1 + log * log);
    entry.qValues[row * this.actions + action]! += step;
    entry.counts[row]!++;
    if (this.#trusts) {
      const { leaning } = entry;
      leaning[0] = Math.max(0, leaning[0]! + step * log);
      leaning[1]! += learningRate * (Math.max(...this.#judged) - leaning[1]!);
    }
    return error;
  }

  /**
   * Q(s, x, .) into `#judged`, -Infinity for what is not legal.
   *
   * @param legal [rows, A] which actions are. @param row Whose row is looked at, i unless told.
   */
  #judge(
    { qValues, leaning }: Entry,
    guidance: Guidance,
    i: number,
    legal: Uint8Array | undefined,
    row = i,
  ): void {
    const from = this.#row(guidance, i) * this.actions;
    const trust = this.#trusts ? leaning[0]! : 0;
    for (let a = 0; a < this.actions; a++) {
      const leans = trust === 0 ? 0 : trust * this.#logTeacher(guidance, i, a);
      const isLegal = legal?.[row * this.actions + a] !== 0;
      this.#judged[a] = isLegal ? qValues[from + a]! + leans : -Infinity;
    }
  }

  /** log p(a | s), 0 in silence. */
  #logTeacher({ choices, distribution }: Guidance, i: number, action: number): number {
    return choices[i]! < 0
      ? 0
      : Math.log(Math.max(LEAST_TRUSTED, distribution[i * this.actions + action]!));
  }

  #row({ choices }: Guidance, i: number): number {
    return this.#table.shape.rows === 1 ? 0 : 1 + choices[i]!;
  }

  /** How it acts while it trains, into `#acting`: by its own lights, or at first as it is told. */
  #behave({ choices, distribution }: Guidance, i: number): void {
    this.#own(this.options.exploration, this.#acting);
    const share = this.options.hears ? this.#imitation(this.#rollouts) : 0;
    if (share === 0 || choices[i]! < 0) return;
    const isLegal = (a: number) => this.#judged[a] !== -Infinity;
    let heeded = 0;
    for (let a = 0; a < this.actions; a++) {
      if (isLegal(a)) heeded += distribution[i * this.actions + a]!;
    }
    if (heeded === 0) return; // all that it is told to do is illegal
    const isWhole = this.#judged.every((value) => value !== -Infinity);
    for (let a = 0; a < this.actions; a++) {
      const said = isLegal(a) ? distribution[i * this.actions + a]! : 0;
      const told = isWhole ? said : said / heeded;
      this.#acting[a] = (1 - share) * this.#acting[a]! + share * told;
    }
  }

  /** P(. | x, s) of what is judged: epsilon / A for each legal action, the rest shared by the best. */
  #own(epsilon: number, out: Float64Array): void {
    const best = Math.max(...this.#judged);
    const equals = this.#judged.reduce((count, value) => count + +(value === best), 0);
    const legal = this.#judged.reduce((count, value) => count + +(value !== -Infinity), 0);
    for (let a = 0; a < this.actions; a++) {
      const share = this.#judged[a] === best ? (1 - epsilon) / equals : 0;
      out[a] = this.#judged[a] === -Infinity ? 0 : epsilon / legal + share;
    }
  }

  /** V(s), the initial value where nothing was learned. */
  #value({ qValues, counts, leaning }: Entry, legal: Uint8Array | undefined, i: number): number {
    if (this.#trusts) return leaning[1]!;
    let [sum, total] = [0, 0];
    for (let row = 0; row < counts.length; row++) {
      if (counts[row] === 0) continue;
      const values = qValues.subarray(row * this.actions, (row + 1) * this.actions);
      const open = legal ? values.filter((_, a) => legal[i * this.actions + a] === 1) : values;
      sum += counts[row]! * Math.max(...open);
      total += counts[row]!;
    }
    return total === 0 ? this.options.initial : sum / total;
  }
}
