/** The buffer in which the scheduler collects a rollout; allocated once, written in place. */
import { expectMemory } from "./bounds.ts";
import {
  expectDecision,
  expectFinite,
  expectGuidance,
  expectLength,
  expectTensor,
} from "./shapes.ts";
import { pack, type Packed, unpack } from "./packing.ts";
import { bytesOf, mapTensors, zerosOf } from "./tensors.ts";
import type {
  Actions,
  Decision,
  EnvSpec,
  EnvStep,
  Guidance,
  Observations,
  Rollout,
  StageState,
  Tensor,
  Tensors,
} from "../stages/mod.ts";

interface KeptBuffer {
  readonly nextFirsts: Packed<"u8">;
  readonly remembered?: Packed<"f32">;
  readonly withTargets: boolean;
  readonly withEnvRewards: boolean;
  readonly episodeReturns?: Packed<"f32">;
}

/** A rollout under construction: T steps of N environments, time-major. */
export class RolloutBuffer implements Rollout {
  /** T. */
  readonly steps: number;
  /** N. */
  readonly envs: number;
  readonly observations: Tensors;
  readonly legal: Uint8Array | undefined;
  readonly missions: string[];
  readonly keys: Float64Array;
  readonly guidance: Guidance[] = [];
  readonly actions: Actions;
  readonly logProbs: Float32Array;
  /** Made when a decision holds some. */
  targetLogProbs: Float32Array | undefined;
  readonly qValues: Float32Array;
  readonly values: Float32Array;
  readonly nextValues: Float32Array;
  readonly rewards: Float32Array;
  /** Made when they differ from the rewards. */
  envRewards: Float32Array | undefined;
  readonly returns: Float32Array | undefined;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  readonly oracleRight: Uint8Array | undefined;
  readonly firsts: Uint8Array;
  /** Made for a student with memory. */
  memory: Float32Array | undefined;
  readonly #spec: EnvSpec;
  readonly #columns: readonly (readonly [string, Tensor])[];
  readonly #nextFirsts: Uint8Array;
  /** [N] rewards of the episodes under way. */
  readonly #episodeReturns: Float32Array;
  #remembered: Float32Array | undefined;
  /** Views of the arrays: each rollout is cut where the last one was, and a view costs much to make. */
  readonly #windows = new Map<number, Rollout>();

  /**
   * An empty one.
   *
   * @param steps T.
   * @param withOracle Whether `oracleRight` is recorded.
   */
  constructor(spec: EnvSpec, steps: number, withOracle: boolean) {
    const { envs, observation, actions, actionBox, legalActions, rewardThreshold } = spec;
    const size = steps * envs;
    expectMemory("A rollout of schedule.envs × schedule.steps", size * bytesOf(observation));
    this.#spec = spec;
    this.steps = steps;
    this.envs = envs;
    this.observations = zerosOf(observation, [steps, envs]);
    this.#columns = Object.entries(this.observations);
    this.legal = legalActions ? new Uint8Array(size * actions.length) : undefined;
    this.missions = new Array<string>(size).fill("");
    this.keys = new Float64Array(size);
    this.actions = actionBox ? new Float32Array(size * actionBox.low.length) : new Int32Array(size);
    this.logProbs = new Float32Array(size);
    this.qValues = new Float32Array(size);
    this.values = new Float32Array(size);
    this.nextValues = new Float32Array(size);
    this.rewards = new Float32Array(size);
    this.returns = rewardThreshold === undefined ? undefined : new Float32Array(size);
    this.#episodeReturns = new Float32Array(envs);
    this.terminated = new Uint8Array(size);
    this.truncated = new Uint8Array(size);
    this.oracleRight = withOracle ? new Uint8Array(size) : undefined;
    this.firsts = new Uint8Array(size);
    this.#nextFirsts = new Uint8Array(envs).fill(1);
  }

  /**
   * [N, W] what the student remembers before s_t, zeros where an episode starts; it is recorded, and
   * the student's to write to.
   *
   * @param width W; undefined for a student without memory.
   */
  recall(t: number, width: number | undefined): Float32Array | undefined {
    if (!width) return this.memory = this.#remembered = undefined;
    const size = this.envs * width;
    if (this.#remembered?.length !== size) {
      expectMemory("A rollout with student.memory", 4 * this.steps * size);
      this.#remembered = new Float32Array(size);
      this.memory = new Float32Array(this.steps * size);
    }
    for (let i = 0; i < this.envs; i++) {
      if (this.#nextFirsts[i] === 1) this.#remembered.fill(0, i * width, (i + 1) * width);
    }
    this.memory!.set(this.#remembered, t * size);
    return this.#remembered;
  }

  /** [N, W] what the student remembers of the episodes of the last step, ended ones as well. */
  get remembered(): Float32Array | undefined {
    return this.#remembered;
  }

  /** [N, W] what the student remembered before s_t. */
  memoryAt(t: number): Float32Array | undefined {
    const size = this.#remembered?.length ?? 0;
    return this.memory?.subarray(t * size, (t + 1) * size);
  }

  /** Records s_t, x_t, a_t and what the student thought, before the environment answers. */
  decide(t: number, observations: Observations, guidance: Guidance, decision: Decision): void {
    const at = t * this.envs;
    expectGuidance(guidance, this.envs);
    expectDecision(decision, this.#spec);
    for (const [name, { dtype, data }] of this.#columns) {
      const length = data.length / this.steps;
      const seen = expectTensor(name, observations.tensors[name], dtype, length);
      data.set(seen.data, t * length);
    }
    if (this.legal) {
      const { legal } = observations;
      expectLength("env", "legal", legal, this.legal.length / this.steps);
      this.legal.set(legal!, t * legal!.length);
    }
    for (let i = 0; i < this.envs; i++) {
      this.missions[at + i] = observations.mission(i);
      this.keys[at + i] = observations.key(i);
    }
    this.guidance[t] = guidance;
    this.actions.set(decision.actions, t * decision.actions.length);
    this.logProbs.set(decision.logProbs, at);
    if (decision.targetLogProbs) {
      this.targetLogProbs ??= new Float32Array(this.rewards.length);
      this.targetLogProbs.set(decision.targetLogProbs, at);
    }
    this.qValues.set(decision.qValues, at);
    this.values.set(decision.values, at);
    this.firsts.set(this.#nextFirsts, at);
  }

  /** [N] keys of s_t. */
  keysAt(t: number): Float64Array {
    return this.keys.subarray(t * this.envs, (t + 1) * this.envs);
  }

  /** [N] 1 where s_t is the first of its episode. */
  firstsAt(t: number): Uint8Array {
    return this.firsts.subarray(t * this.envs, (t + 1) * this.envs);
  }

  /** The next step is the first of an episode in every environment. */
  restart(): void {
    this.#nextFirsts.fill(1);
    this.#episodeReturns.fill(0);
  }

  /**
   * Records r_tp1 and the ends.
   *
   * @param envRewards The env's own rewards, where others are recorded.
   * @returns Whether an episode was truncated, so that {@linkcode bootstrap} is owed.
   */
  answer(t: number, step: EnvStep, envRewards = step.rewards): boolean {
    const at = t * this.envs;
    for (const what of ["rewards", "terminated", "truncated"] as const) {
      expectLength("env", what, step[what], this.envs);
    }
    expectFinite("env", "rewards", envRewards);
    this.rewards.set(step.rewards, at);
    if (envRewards !== step.rewards) this.envRewards ??= new Float32Array(this.rewards.length);
    this.envRewards?.set(envRewards, at);
    this.terminated.set(step.terminated, at);
    this.truncated.set(step.truncated, at);
    if (this.returns) this.#addUp(this.returns, at, step, envRewards);
    let anyTruncated = false;
    for (let i = 0; i < this.envs; i++) {
      const truncated = step.truncated[i] === 1 && step.terminated[i] === 0;
      this.#nextFirsts[i] = step.terminated[i] === 1 || truncated ? 1 : 0;
      anyTruncated ||= truncated;
    }
    return anyTruncated;
  }

  #addUp(returns: Float32Array, at: number, ends: EnvStep, rewards: Float32Array): void {
    const sums = this.#episodeReturns;
    for (let i = 0; i < this.envs; i++) {
      returns[at + i] = sums[i] = sums[i]! + rewards[i]!;
      if (ends.terminated[i] === 1 || ends.truncated[i] === 1) sums[i] = 0;
    }
  }

  /** Sets V(s_tp1) of truncated episodes from the values [N] of their final observations. */
  bootstrap(t: number, finalValues: Float32Array): void {
    const at = t * this.envs;
    expectLength("student", "values", finalValues, this.envs);
    for (let i = 0; i < this.envs; i++) {
      if (this.truncated[at + i] === 1) this.nextValues[at + i] = finalValues[i]!;
    }
    // Rows of episodes that go on mean nothing, here as in the observations that were asked about.
    expectFinite("student", "values", this.nextValues.subarray(at, at + this.envs));
  }

  /** Sets V(s_tp1) of episodes that go on from the values [N] of the next observations. */
  complete(t: number, nextValues: Float32Array): void {
    const at = t * this.envs;
    expectLength("student", "values", nextValues, this.envs);
    expectFinite("student", "values", nextValues);
    for (let i = 0; i < this.envs; i++) {
      const k = at + i;
      if (this.terminated[k] === 1) this.nextValues[k] = 0;
      else if (this.truncated[k] === 0) this.nextValues[k] = nextValues[i]!;
    }
  }

  /**
   * Steps `from` to `to` (exclusive) as a rollout of their own; the arrays are shared, and the next
   * rollout's window of these steps is the same object.
   */
  window(from: number, to: number): Rollout {
    if (from === 0 && to === this.steps) return this;
    const { targetLogProbs, envRewards, memory } = this;
    const cut = this.#windows.get(from * this.steps + to);
    const isUpToDate = cut && cut.targetLogProbs?.buffer === targetLogProbs?.buffer &&
      cut.envRewards?.buffer === envRewards?.buffer && cut.memory?.buffer === memory?.buffer;
    if (isUpToDate) return Object.assign(cut, this.#said(from, to));
    const window = this.#cut(from, to, "subarray");
    this.#windows.set(from * this.steps + to, window);
    return window;
  }

  /** The same as a rollout that later steps do not overwrite. */
  keep(from: number, to: number): Rollout {
    return this.#cut(from, to, "slice");
  }

  /** What the next rollout takes over from the last one. */
  save(): StageState {
    return {
      json: {
        nextFirsts: pack("u8", this.#nextFirsts),
        remembered: this.#remembered && pack("f32", this.#remembered),
        withTargets: this.targetLogProbs !== undefined,
        withEnvRewards: this.envRewards !== undefined,
        ...this.returns && { episodeReturns: pack("f32", this.#episodeReturns) },
      } satisfies KeptBuffer,
    };
  }

  /** Takes it over from a saved one. */
  load({ json }: StageState): void {
    const kept = json as KeptBuffer;
    const { nextFirsts, remembered, withTargets, withEnvRewards, episodeReturns } = kept;
    const { length } = this.rewards;
    this.#nextFirsts.set(unpack("u8", nextFirsts));
    if (episodeReturns) this.#episodeReturns.set(unpack("f32", episodeReturns));
    this.#remembered = remembered && unpack("f32", remembered);
    this.memory = this.#remembered && new Float32Array(this.steps * this.#remembered.length);
    this.targetLogProbs = withTargets ? new Float32Array(length) : undefined;
    this.envRewards = withEnvRewards ? new Float32Array(length) : undefined;
  }

  /** What no array of numbers holds. */
  #said(from: number, to: number): Pick<Rollout, "missions" | "guidance"> {
    return {
      missions: this.missions.slice(from * this.envs, to * this.envs),
      guidance: this.guidance.slice(from, to),
    };
  }

  #cut(from: number, to: number, how: "subarray" | "slice"): Rollout {
    const [a, b] = [from * this.envs, to * this.envs];
    const widthIn = (array?: ArrayLike<number>) => (array?.length ?? 0) / this.rewards.length;
    const memory = widthIn(this.memory);
    const floats = widthIn(this.actions);
    const names = widthIn(this.legal);
    return {
      steps: to - from,
      envs: this.envs,
      observations: mapTensors(this.observations, (tensor) => {
        const width = widthIn(tensor.data);
        const shape = [to - from, ...tensor.shape.slice(1)];
        return { ...tensor, shape, data: tensor.data[how](a * width, b * width) } as Tensor;
      }),
      legal: this.legal?.[how](a * names, b * names),
      ...this.#said(from, to),
      keys: this.keys[how](a, b),
      actions: this.actions[how](a * floats, b * floats),
      logProbs: this.logProbs[how](a, b),
      targetLogProbs: this.targetLogProbs?.[how](a, b),
      qValues: this.qValues[how](a, b),
      values: this.values[how](a, b),
      nextValues: this.nextValues[how](a, b),
      rewards: this.rewards[how](a, b),
      envRewards: this.envRewards?.[how](a, b),
      returns: this.returns?.[how](a, b),
      terminated: this.terminated[how](a, b),
      truncated: this.truncated[how](a, b),
      firsts: this.firsts[how](a, b),
      memory: this.memory?.[how](a * memory, b * memory),
      oracleRight: this.oracleRight?.[how](a, b),
    };
  }
}

/** What a rollout comes to. */
export interface RolloutTally {
  /** Episodes that ended. */
  readonly ended: number;
  /** Those of them that were solved: with a reward at the end, or by their return. */
  readonly solved: number;
  /** Reward by ended episode; null where none ended. */
  readonly meanReward: number | null;
  /** Share of followed guidance; null without guidance. */
  readonly followed: number | null;
}

/**
 * Whether an episode counts as solved: by its return where the env has a threshold, else by a reward
 * at its end.
 *
 * @param reward The last one. @param sum The return. @param threshold `EnvSpec.rewardThreshold`.
 */
export function isSolved(reward: number, sum: number | undefined, threshold?: number): boolean {
  return sum === undefined || threshold === undefined ? reward > 0 : sum >= threshold;
}

/**
 * Counts what a rollout holds.
 *
 * @param candidateActions [K] the action that each candidate names, or -1.
 * @param threshold The return at which an episode counts as solved; else one that ends with a reward.
 */
export function tally(
  rollout: Rollout,
  candidateActions: Int32Array,
  threshold?: number,
): RolloutTally {
  const { terminated, truncated, actions, guidance, envs, returns } = rollout;
  const rewards = rollout.envRewards ?? rollout.rewards;
  const isNamed = actions instanceof Int32Array; // floats name no candidate
  let [ended, solved, reward, given, followed] = [0, 0, 0, 0, 0];
  for (let k = 0; k < rewards.length; k++) {
    reward += rewards[k]!;
    if (terminated[k] === 1 || truncated[k] === 1) {
      ended++;
      if (isSolved(rewards[k]!, returns?.[k], threshold)) solved++;
    }
    const choice = guidance[Math.floor(k / envs)]!.choices[k % envs]!;
    if (choice < 0) continue;
    given++;
    if (isNamed && candidateActions[choice] === actions[k]) followed++;
  }
  return {
    ended,
    solved,
    meanReward: ended ? reward / ended : null,
    followed: given ? followed / given : null,
  };
}
