/** What a student learns from: steps of its own, and what an estimator makes of them. */
import type { Actions } from "./env.ts";
import type { Guidance } from "./guidance.ts";
import type { Tensors } from "./tensor.ts";

/** T steps of N environments, time-major. */
export interface Rollout {
  /** T. */
  readonly steps: number;
  /** N. */
  readonly envs: number;
  /** s_t: each tensor [T, N, ...shape], by the names of `EnvSpec.observation`. */
  readonly observations: Tensors;
  /** [T, N, A] 1 where an action was legal in s_t; present where the env says so. */
  readonly legal?: Uint8Array;
  /** [T, N] missions. */
  readonly missions: readonly string[];
  /** [T, N] keys of s_t. */
  readonly keys: Float64Array;
  /** [T] x_t. */
  readonly guidance: readonly Guidance[];
  /** [T, N] a_t, or [T, N, ...shape] where actions are floats. */
  readonly actions: Actions;
  /** [T, N] log P(a_t | x_t, s_t) when the action was taken. */
  readonly logProbs: Float32Array;
  /** [T, N] log pi(a_t | x_t, s_t) of the policy learned about; absent where it is the one that acts. */
  readonly targetLogProbs?: Float32Array;
  /** [T, N] Q(s_t, a_t). */
  readonly qValues: Float32Array;
  /** [T, N] V(s_t). */
  readonly values: Float32Array;
  /** [T, N] V(s_tp1): of the final observation where truncated, 0 where terminated. */
  readonly nextValues: Float32Array;
  /** [T, N] r_tp1. */
  readonly rewards: Float32Array;
  /** [T, N] the env's own rewards, where extra stages have added to them. */
  readonly envRewards?: Float32Array;
  /** [T, N] the env's rewards of the episode up to r_tp1; where the env has a reward threshold. */
  readonly returns?: Float32Array;
  /** [T, N] 1 where the task ended the episode. */
  readonly terminated: Uint8Array;
  /** [T, N] 1 where the step limit cut the episode. */
  readonly truncated: Uint8Array;
  /** [T, N] 1 where s_t is the first of its episode. */
  readonly firsts: Uint8Array;
  /** [T, N, W] what the student remembered before s_t; present for students with memory. */
  readonly memory?: Float32Array;
  /** [T, N] 1 where the expert finds x_t right; present only for rules that declare the oracle. */
  readonly oracleRight?: Uint8Array;
}

/** M transitions in no order, of whatever policy: what is learned from off-policy. */
export interface Samples {
  /** M. */
  readonly size: number;
  /** s_t: each tensor [M, ...shape]. */
  readonly observations: Tensors;
  /** s_tp1: the final observation where the episode ended. Each tensor [M, ...shape]. */
  readonly nextObservations: Tensors;
  /** [M] keys of s_t. */
  readonly keys: Float64Array;
  /** [M] keys of s_tp1. */
  readonly nextKeys: Float64Array;
  /** [M] what was asked of the agent, which need not be what was asked of it then. */
  readonly missions: readonly string[];
  /** [M] a_t, or [M, ...shape] where actions are floats. */
  readonly actions: Actions;
  /** [M] r_tp1. */
  readonly rewards: Float32Array;
  /** [M] 1 where the task ended the episode: no value follows. */
  readonly terminated: Uint8Array;
}

/** M past steps with the return that followed each, of whatever policy and whatever mission. */
export interface ReplayBatch {
  /** M. */
  readonly size: number;
  /** s_t: each tensor [M, ...shape]. */
  readonly observations: Tensors;
  /** [M] what is asked of the agent, which need not be what was asked of it then. */
  readonly missions: readonly string[];
  /** [M] keys of s_t as the env gave them, with the mission of then. */
  readonly keys: Float64Array;
  /** [M] a_t, or [M, ...shape] where actions are floats. */
  readonly actions: Actions;
  /** [M] R_t: the discounted return that followed, under the mission that stands here. */
  readonly returns: Float32Array;
  /** [M, A] 1 where an action was legal in s_t; present where the env says so. */
  readonly legal?: Uint8Array;
  /** [M, W] what the student remembered before s_t when the step was taken, if it has memory. */
  readonly memory?: Float32Array;
}

/** Past steps that a student may learn from again, kept by an extra stage. */
export interface Replay {
  /** Steps held. */
  readonly size: number;
  /**
   * Steps drawn evenly and with replacement, by a seeded stream of the owner's. The arrays are the
   * owner's: valid until it is asked again.
   *
   * @param count How many, where {@linkcode Replay.size} is above 0.
   */
  draw(count: number): ReplayBatch;
}

/** What an estimator makes of a rollout. */
export interface Estimate {
  /** [T, N] A_t: what verdicts compare. */
  readonly advantages: Float32Array;
  /** [T, N] G_t: what Q and V learn. */
  readonly targets: Float32Array;
}
