import type { Context } from "../../../core/kit/context.ts";
import { TandemError } from "../../../core/stages/errors.ts";
import { andThen, argmax } from "../../../core/kit/guidance.ts";
import type { Pcg64 } from "../../../core/kit/random.ts";
import type {
  Decision,
  Guidance,
  MaybePromise,
  Metrics,
  Mode,
  Observations,
  PolicyView,
  Rollout,
  StageState,
  StateArray,
  Student,
} from "../../../core/stages/mod.ts";
import type { DqnEngine } from "./dqn_engine.ts";
import type { Inputs } from "./engine.ts";
import type { Features } from "./features.ts";
import type { Replay } from "./replay.ts";
import { fromStageState, type Progress, toStageState, type WeightArray } from "./state.ts";

/** How {@linkcode DqnStudent} explores and learns. */
export interface DqnSchedule {
  /** Chance of an action at random in the end. */
  readonly exploration: number;
  /** Environment steps in which that chance falls from 1. */
  readonly exploring: number;
  /** Gradient steps after each rollout, and samples of one. */
  readonly updates: number;
  readonly minibatch: number;
  /** Gradient steps between renewals of the target network. */
  readonly renewEvery: number;
  /** Weight of what imitates the teacher after so many rollouts. */
  imitation(rollouts: number): number;
  /** Names of the engine's metrics. */
  readonly metrics: readonly string[];
}

interface DqnProgress extends Progress {
  readonly steps: number;
  readonly updates: number;
  readonly cursor: number;
}

const TARGET = "target/";
const REPLAY = "replay/";

/** See {@linkcode dqn}. */
export class DqnStudent implements Student {
  readonly #breathe: Context["breathe"];
  readonly #streams: Readonly<Record<"acting" | "judged" | "sampling", Pcg64>>;
  /** Environment steps learned from, and gradient steps taken. */
  #steps = 0;
  #updates = 0;
  /** Rollouts learned from. */
  #rollouts = 0;
  #pace = 1;

  constructor(
    private readonly engine: DqnEngine,
    private readonly features: Features,
    private readonly replay: Replay,
    private readonly actions: number,
    private readonly schedule: DqnSchedule,
    private readonly inputs: (size: number) => Inputs,
    context: Pick<Context, "random" | "breathe">,
  ) {
    this.#breathe = context.breathe;
    this.#streams = {
      acting: context.random("student actions"),
      judged: context.random("student evaluation"),
      sampling: context.random("student minibatches"),
    };
  }

  act(observations: Observations, guidance: Guidance, mode: Mode): MaybePromise<Decision> {
    const random = mode === "train" ? this.#streams.acting : this.#streams.judged;
    const epsilon = mode === "train" ? this.#exploration() : 0;
    return andThen(
      this.#ask(observations, guidance),
      (rows) => this.#decide(rows, observations.envs, epsilon, random),
    );
  }

  policy(observations: Observations, guidance: Guidance): MaybePromise<PolicyView> {
    const { actions } = this;
    const { envs } = observations;
    const epsilon = this.#exploration();
    return andThen(this.#ask(observations, guidance), (rows) => {
      const table = (give: (at: number, action: number) => number) =>
        Float32Array.from(
          { length: envs * actions },
          (_, k) => give(Math.floor(k / actions) * (actions + 1), k % actions),
        );
      const best = (at: number) => argmax(rows, at, actions);
      return {
        probabilities: table((at, a) => epsilon / actions + (a === best(at) ? 1 - epsilon : 0)),
        qValues: table((at, a) => rows[at + a]!),
        values: this.#valuesIn(rows, envs),
      };
    });
  }

  values(observations: Observations): MaybePromise<Float32Array> {
    const inputs = this.#write(observations);
    inputs.guidance.fill(0);
    return andThen(this.engine.judge(inputs), (rows) => this.#valuesIn(rows, observations.envs));
  }

  async learn(rollout: Rollout): Promise<Metrics> {
    const { updates, minibatch, renewEvery, metrics } = this.schedule;
    this.#remember(rollout);
    const imitation = this.schedule.imitation(this.#rollouts++);
    const exploration = this.#exploration();
    this.#steps += rollout.actions.length;
    const rows = new Int32Array(minibatch);
    for (let k = 0; k < updates; k++) {
      const turn = this.#breathe();
      if (turn) await turn;
      for (let i = 0; i < minibatch; i++) {
        rows[i] = this.#streams.sampling.integers(0, this.replay.size);
      }
      this.engine.update(this.replay, rows, imitation);
      if (++this.#updates % renewEvery === 0) this.engine.renewTarget();
    }
    const means = await this.engine.metrics();
    if (!means.every(Number.isFinite)) {
      throw new TandemError(
        "E_NUMERIC",
        `The student's loss became "${means[0]}"; a smaller student.learningRate may help.`,
      );
    }
    const losses = metrics.map((name, m) => [name, means[m]!]);
    return { ...Object.fromEntries(losses), exploration, replayed: this.replay.size };
  }

  scaleLearningRate(factor: number): void {
    this.engine.setPace(this.#pace *= factor);
  }

  async save(): Promise<StageState> {
    const { network, target } = await this.engine.save();
    const { cursor, arrays } = this.replay.save();
    const streams = Object.values(this.#streams).map((random) => random.save());
    const progress = {
      streams,
      rollouts: this.#rollouts,
      pace: this.#pace,
      steps: this.#steps,
      updates: this.#updates,
      cursor,
    };
    const state = toStageState(network, progress);
    return {
      json: state.json,
      arrays: { ...state.arrays, ...under(TARGET, target), ...under(REPLAY, arrays) },
    };
  }

  load(state: StageState): void {
    const { network, progress: { pace, rollouts } } = fromStageState(state);
    this.#rollouts = rollouts;
    this.engine.setPace(this.#pace = pace);
    const { streams, steps, updates, cursor } = state.json as DqnProgress;
    Object.values(this.#streams).forEach((random, k) => random.load(streams[k]!));
    this.#steps = steps;
    this.#updates = updates;
    this.replay.load(cursor, within(REPLAY, state));
    this.engine.load(network, within(TARGET, state) as Record<string, WeightArray>);
  }

  dispose(): void {
    this.engine.dispose();
  }

  #exploration(): number {
    const { exploration, exploring } = this.schedule;
    return Math.max(exploration, 1 - (1 - exploration) * this.#steps / exploring);
  }

  #ask(observations: Observations, guidance: Guidance): MaybePromise<Float32Array> {
    const inputs = this.#write(observations);
    this.features.writeGuidance(inputs, 0, guidance, 0, inputs.size);
    return this.engine.judge(inputs);
  }

  #write(observations: Observations): Inputs {
    const inputs = this.inputs(observations.envs);
    inputs.entries.set(observations.data);
    for (let i = 0; i < inputs.size; i++) {
      this.features.writeMission(inputs, i, observations.mission(i));
    }
    return inputs;
  }

  #valuesIn(rows: Float32Array, envs: number): Float32Array {
    const width = this.actions + 1;
    return Float32Array.from({ length: envs }, (_, i) => rows[i * width + this.actions]!);
  }

  #decide(rows: Float32Array, envs: number, epsilon: number, random: Pcg64): Decision {
    const { actions: count } = this;
    const taken = new Int32Array(envs);
    const [logProbs, targetLogProbs, qValues] = [0, 1, 2].map(() => new Float32Array(envs));
    for (let i = 0; i < envs; i++) {
      const at = i * (count + 1);
      const best = argmax(rows, at, count);
      const explores = random.random() < epsilon;
      const action = explores ? random.integers(0, count) : best;
      taken[i] = action;
      logProbs![i] = Math.log(epsilon / count + (action === best ? 1 - epsilon : 0));
      targetLogProbs![i] = action === best ? 0 : -Infinity;
      qValues![i] = rows[at + action]!;
    }
    return {
      actions: taken,
      logProbs: logProbs!,
      targetLogProbs: targetLogProbs!,
      qValues: qValues!,
      values: this.#valuesIn(rows, envs),
    };
  }

  /** Takes a rollout's transitions in; the next state is the next step's, where the episode went on. */
  #remember(rollout: Rollout): void {
    const { replay } = this;
    const { envs, steps } = rollout;
    for (let k = 0; k < rollout.actions.length; k++) {
      const row = replay.claim();
      const ended = rollout.terminated[k] === 1 || rollout.truncated[k] === 1;
      const known = !ended && k + envs < steps * envs;
      this.#copy(replay.now, row, rollout, k);
      if (known) this.#copy(replay.next, row, rollout, k + envs);
      replay.actions[row] = rollout.actions[k]!;
      replay.rewards[row] = rollout.rewards[k]!;
      replay.known[row] = +known;
      replay.nextValues[row] = rollout.nextValues[k]!;
    }
  }

  #copy(inputs: Inputs, row: number, rollout: Rollout, k: number): void {
    const { observations, missions, guidance, envs } = rollout;
    const width = observations.length / missions.length;
    inputs.entries.set(observations.subarray(k * width, (k + 1) * width), row * width);
    this.features.writeMission(inputs, row, missions[k]!);
    const i = k % envs;
    this.features.writeGuidance(inputs, row, guidance[Math.floor(k / envs)]!, i, i + 1);
  }
}

function under(prefix: string, arrays: Readonly<Record<string, StateArray>>) {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => [prefix + name, array]),
  );
}

function within(prefix: string, { arrays = {} }: StageState): Record<string, StateArray> {
  return Object.fromEntries(
    Object.entries(arrays)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, array]) => [name.slice(prefix.length), array]),
  );
}
