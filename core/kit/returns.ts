/** Equations over a rollout that several stages share. One function, one equation. */
import type { Rollout } from "../stages/mod.ts";

/** What the equations read of a rollout. */
export type RewardsAndValues = Pick<
  Rollout,
  "steps" | "envs" | "rewards" | "values" | "nextValues" | "terminated" | "truncated"
>;

/**
 * delta_t = r_tp1 + gamma V(s_tp1) - V(s_t) (Sutton & Barto, equation 6.5). V(s_tp1) is 0 after a
 * termination and the final observation's value after a truncation: `nextValues` holds it so.
 *
 * @returns [T, N] delta_t.
 * @example Two steps of one episode, gamma 0.5: 0 + 0.5 x 2 - 1, and 4 + 0 - 2.
 * ```ts
 * import { tdErrors } from "@tandem/core/kit";
 * import assert from "node:assert/strict";
 * const rollout = {
 *   steps: 2, envs: 1,
 *   rewards: Float32Array.of(0, 4), values: Float32Array.of(1, 2),
 *   nextValues: Float32Array.of(2, 0),
 *   terminated: Uint8Array.of(0, 1), truncated: Uint8Array.of(0, 0),
 * };
 * assert.deepEqual([...tdErrors(rollout, 0.5)], [0, 2]);
 * ```
 */
export function tdErrors(rollout: RewardsAndValues, gamma: number): Float32Array {
  const { rewards, values, nextValues } = rollout;
  const errors = new Float32Array(rewards.length);
  for (let k = 0; k < errors.length; k++) {
    errors[k] = rewards[k]! + gamma * nextValues[k]! - values[k]!;
  }
  return errors;
}

/**
 * Generalised advantage estimates, A_t = sum_l (gamma lambda)^l delta_tpl within the episode
 * (Schulman et al., arXiv 1506.02438, equation 16).
 *
 * @returns [T, N] A_t.
 */
export function gaeAdvantages(
  rollout: RewardsAndValues,
  gamma: number,
  lambda: number,
): Float32Array {
  const { steps, envs, terminated, truncated } = rollout;
  const advantages = tdErrors(rollout, gamma);
  for (let k = (steps - 1) * envs - 1; k >= 0; k--) {
    if (terminated[k] === 1 || truncated[k] === 1) continue;
    advantages[k]! += gamma * lambda * advantages[k + envs]!;
  }
  return advantages;
}

/**
 * lambda-returns, G_t = A_t(GAE) + V(s_t) (Sutton & Barto, section 12.1): lambda 0 gives one-step
 * targets, lambda 1 Monte Carlo returns bootstrapped where the rollout or a truncated episode ends.
 *
 * @returns [T, N] G_t.
 */
export function lambdaReturns(
  rollout: RewardsAndValues,
  gamma: number,
  lambda: number,
): Float32Array {
  const { values } = rollout;
  const returns = gaeAdvantages(rollout, gamma, lambda);
  for (let k = 0; k < returns.length; k++) returns[k]! += values[k]!;
  return returns;
}

/**
 * G_t = r_tp1 + gamma r_tp2 + ... + gamma^(n-1) r_tpn + gamma^n V(s_tpn) (Sutton & Barto, equation
 * 7.1). At the end of an episode or of the rollout the sum is shorter, and what `nextValues` holds
 * stands for the rest.
 *
 * @returns [T, N] G_t.
 */
export function nStepReturns(rollout: RewardsAndValues, gamma: number, n: number): Float32Array {
  const { steps, envs, rewards, nextValues, terminated, truncated } = rollout;
  const size = steps * envs;
  return rewards.map((_, from) => {
    let [sum, weight] = [0, 1];
    for (let k = from, taken = 1;; k += envs, taken++) {
      sum += weight * rewards[k]!;
      weight *= gamma;
      const ends = terminated[k] === 1 || truncated[k] === 1 || k + envs >= size;
      if (ends || taken === n) return sum + weight * nextValues[k]!;
    }
  });
}

/**
 * pi(a_t | x_t, s_t) / mu(a_t | x_t, s_t), of the policy learned about and the one that acted; 1
 * throughout where the student names no other policy than the one it acted by.
 *
 * @returns [T, N].
 */
export function importanceRatios(
  { logProbs, targetLogProbs }: Pick<Rollout, "logProbs" | "targetLogProbs">,
): Float32Array {
  if (!targetLogProbs) return new Float32Array(logProbs.length).fill(1);
  return targetLogProbs.map((target, k) => Math.exp(target - logProbs[k]!));
}
