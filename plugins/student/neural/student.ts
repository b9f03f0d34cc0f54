import type { Context } from "../../../core/kit/context.ts";
import { TandemError } from "../../../core/stages/errors.ts";
import { andThen, drawFrom } from "../../../core/kit/guidance.ts";
import type { Pcg64 } from "../../../core/kit/random.ts";
import type {
  Decision,
  Estimate,
  Guidance,
  MaybePromise,
  Metrics,
  Mode,
  Observations,
  PolicyView,
  Rollout,
  StageState,
  Student,
} from "../../../core/stages/mod.ts";
import type { Engine, Inputs, Samples } from "./engine.ts";
import type { Features } from "./features.ts";
import { fromStageState, toStageState } from "./state.ts";

/** How {@linkcode ActorCriticStudent} goes through a rollout. */
export interface Passes {
  /** Passes over a rollout. */
  readonly epochs: number;
  /** Samples of one gradient step. */
  readonly minibatch: number;
  /** Weight of the cross-entropy to the teacher after so many rollouts. */
  imitation(rollouts: number): number;
  /** Names of the engine's metrics. */
  readonly metrics: readonly string[];
  /** Numbers that the network remembers of an episode; none where absent. */
  readonly memory?: number;
}

/**
 * See {@linkcode ppo}: the part that no engine and no loss changes. The arrays of a decision are the
 * student's own: they hold until it acts again.
 */
export class ActorCriticStudent implements Student {
  readonly memory: number | undefined;
  readonly #streams: Readonly<Record<"acting" | "judged" | "shuffling", Pcg64>>;
  readonly #breathe: Context["breathe"];
  readonly #decisions = new Map<number, Decision>();
  /** Rollouts learned from. */
  #rollouts = 0;
  #pace = 1;

  constructor(
    private readonly engine: Engine,
    private readonly features: Features,
    private readonly actions: number,
    private readonly passes: Passes,
    context: Pick<Context, "random" | "breathe">,
  ) {
    this.#breathe = context.breathe;
    this.memory = passes.memory;
    this.#streams = {
      acting: context.random("student actions"),
      judged: context.random("student evaluation"),
      shuffling: context.random("student minibatches"),
    };
  }

  act(
    observations: Observations,
    guidance: Guidance,
    mode: Mode,
    memory?: Float32Array,
  ): MaybePromise<Decision> {
    const random = mode === "train" ? this.#streams.acting : this.#streams.judged;
    const rows = this.#ask(observations, guidance, memory);
    return andThen(rows, (rows) => this.#decide(rows, observations.envs, random));
  }

  policy(
    observations: Observations,
    guidance: Guidance,
    memory?: Float32Array,
  ): MaybePromise<PolicyView> {
    const { actions } = this;
    const { envs } = observations;
    const width = 2 * actions + 1;
    const columns = (rows: Float32Array, from: number, count: number) =>
      Float32Array.from(
        { length: envs * count },
        (_, k) => rows[Math.floor(k / count) * width + from + k % count]!,
      );
    return andThen(this.#ask(observations, guidance, memory), (rows) => ({
      probabilities: columns(rows, 0, actions),
      qValues: columns(rows, actions, actions),
      values: columns(rows, width - 1, 1),
    }));
  }

  values(observations: Observations, memory?: Float32Array): MaybePromise<Float32Array> {
    const inputs = this.engine.inputs(observations.envs);
    this.#writeStates(inputs, observations, memory);
    return andThen(this.engine.values(inputs), (values) => values.slice());
  }

  async learn(rollout: Rollout, estimate: Estimate): Promise<Metrics> {
    const { engine } = this;
    const { epochs, minibatch } = this.passes;
    const imitation = this.passes.imitation(this.#rollouts++);
    const steps = this.memory ? rollout.steps : 1;
    const samples = engine.samples(rollout.actions.length, steps);
    const { order } = samples;
    const together = Math.max(1, Math.floor(minibatch / steps));
    this.#writeSamples(samples, rollout, estimate);
    for (let epoch = 0; epoch < epochs; epoch++) {
      this.#streams.shuffling.shuffle(order);
      for (let from = 0; from < order.length; from += together) {
        const turn = this.#breathe();
        if (turn) await turn;
        engine.update(samples, from, Math.min(from + together, order.length), imitation);
      }
    }
    const means = await engine.metrics();
    if (!Number.isFinite(means[0])) {
      throw new TandemError(
        "E_NUMERIC",
        `The student's loss became "${means[0]}"; a smaller student.learningRate may help.`,
      );
    }
    return Object.fromEntries(this.passes.metrics.map((name, m) => [name, means[m]!]));
  }

  scaleLearningRate(factor: number): void {
    this.engine.setPace(this.#pace *= factor);
  }

  async save(): Promise<StageState> {
    const streams = Object.values(this.#streams).map((random) => random.save());
    const progress = { streams, rollouts: this.#rollouts, pace: this.#pace };
    return toStageState(await this.engine.save(), progress);
  }

  load(state: StageState): void {
    const { network, progress: { streams, rollouts, pace } } = fromStageState(state);
    this.#rollouts = rollouts;
    this.engine.setPace(this.#pace = pace);
    Object.values(this.#streams).forEach((random, k) => random.load(streams[k]!));
    this.engine.load(network);
  }

  dispose(): void {
    this.engine.dispose();
  }

  /** [N, 2 A + 1] probabilities, Q and V; the memory goes on. */
  #ask(
    observations: Observations,
    guidance: Guidance,
    memory: Float32Array | undefined,
  ): MaybePromise<Float32Array> {
    const inputs = this.engine.inputs(observations.envs);
    this.#writeStates(inputs, observations, memory);
    this.features.writeGuidance(inputs, 0, guidance, 0, inputs.size);
    const rows = this.engine.decide(inputs);
    return this.memory === undefined ? rows : andThen(rows, (rows) => {
      memory?.set(inputs.memory);
      return rows;
    });
  }

  #writeStates(inputs: Inputs, observations: Observations, memory?: Float32Array): void {
    if (memory) inputs.memory.set(memory);
    else inputs.memory.fill(0);
    inputs.entries.set(observations.data);
    for (let i = 0; i < inputs.size; i++) {
      this.features.writeMission(inputs, i, observations.mission(i));
    }
  }

  #writeSamples(samples: Samples, rollout: Rollout, estimate: Estimate): void {
    const { order, memory } = samples;
    const { missions, guidance, envs } = rollout;
    samples.entries.set(rollout.observations);
    for (let k = 0; k < order.length; k++) order[k] = k;
    if (rollout.memory) memory.set(rollout.memory.subarray(0, memory.length));
    else memory.fill(0);
    // Who was asked without a memory had none at any step.
    if (rollout.memory) samples.firsts.set(rollout.firsts);
    else samples.firsts.fill(1);
    this.features.writeMissions(samples, missions);
    guidance.forEach((said, t) => this.features.writeGuidance(samples, t * envs, said, 0, envs));
    samples.actions.set(rollout.actions);
    samples.logProbs.set(rollout.logProbs);
    samples.values.set(rollout.values);
    samples.targets.set(estimate.targets);
  }

  #decide(rows: Float32Array, envs: number, random: Pcg64): Decision {
    const count = this.actions;
    const decision = this.#decisionOf(envs);
    for (let i = 0; i < envs; i++) {
      const at = i * (2 * count + 1);
      // Softmax spreads what is no number over all: one probability tells of the rest.
      if (!Number.isFinite(rows[at])) {
        throw new TandemError("E_NUMERIC", `The student's policy became "${rows[at]}".`);
      }
      const action = drawFrom(rows, at, count, random.random());
      decision.actions[i] = action;
      decision.logProbs[i] = Math.log(rows[at + action]!);
      decision.qValues[i] = rows[at + count + action]!;
      decision.values[i] = rows[at + 2 * count]!;
    }
    return decision;
  }

  #decisionOf(envs: number): Decision {
    let decision = this.#decisions.get(envs);
    if (!decision) {
      decision = {
        actions: new Int32Array(envs),
        logProbs: new Float32Array(envs),
        qValues: new Float32Array(envs),
        values: new Float32Array(envs),
      };
      this.#decisions.set(envs, decision);
    }
    return decision;
  }
}
