/** One rollout on which estimators are worked out by hand; gamma 1/2 keeps the numbers exact. */
import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import type { StageSpec } from "../../../core/pipeline/plugin.ts";
import type { Estimate, Rollout } from "../../../core/stages/mod.ts";
import { rolloutOf, spec } from "../moments.ts";

/**
 * Five steps of one environment: an episode that is truncated after step 1 (its final observation is
 * worth 4), then one that goes on over the end of the rollout.
 */
export const rollout: Rollout = rolloutOf({
  envs: 1,
  rewards: Float32Array.of(2, 0, 0, 4, 0),
  values: Float32Array.of(1, 2, 3, 2, 1),
  nextValues: Float32Array.of(2, 4, 2, 1, 8),
  qValues: Float32Array.of(2, 1, 2, 4, 3),
  truncated: Uint8Array.of(0, 1, 0, 0, 0),
});

/** The same, where the episode terminates instead. */
export const terminating: Rollout = {
  ...rollout,
  nextValues: Float32Array.of(2, 0, 2, 1, 8),
  terminated: rollout.truncated,
  truncated: new Uint8Array(5),
};

/** What an estimator makes of a rollout. */
export async function estimate(stage: StageSpec<"advantage">, rollout: Rollout): Promise<Estimate> {
  const estimator = await stage.create(createContext({ seed: 0 }), { env: spec });
  return estimator.estimate(rollout);
}

/** Asserts targets to 1e-5, and advantages as these targets less V unless told. */
export async function assertEstimate(
  stage: StageSpec<"advantage">,
  rollout: Rollout,
  targets: readonly number[],
  advantages = targets.map((target, k) => target - rollout.values[k]!),
): Promise<void> {
  const found = await estimate(stage, rollout);
  assertClose(found.targets, targets, "targets");
  assertClose(found.advantages, advantages, "advantages");
}

function assertClose(found: Float32Array, expected: readonly number[], what: string): void {
  assert.equal(found.length, expected.length);
  for (const [k, value] of expected.entries()) {
    assert.ok(Math.abs(found[k]! - value) < 1e-5, `${what}: [${found}], not [${expected}]`);
  }
}
