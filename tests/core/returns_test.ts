import assert from "node:assert/strict";
import {
  gaeAdvantages,
  importanceRatios,
  lambdaReturns,
  nStepReturns,
  tdErrors,
} from "../../core/kit/returns.ts";

/**
 * Two environments over four steps, time-major; gamma 1/2 and lambda 1/2 make every value exact.
 * Environment 0 goes on over the end of the rollout; environment 1 is truncated after step 1 (its
 * final observation is worth 8) and terminates at step 3.
 */
const rollout = {
  steps: 4,
  envs: 2,
  rewards: Float32Array.of(0, 1, 0, 0, 4, 0, 0, 2),
  values: Float32Array.of(1, 2, 2, 4, 1, 2, 2, 1),
  nextValues: Float32Array.of(2, 4, 1, 8, 2, 1, 4, 0),
  terminated: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1),
  truncated: Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 0),
};

Deno.test("tdErrors() are reward and discounted next value less the value", () => {
  // 0: 0 + 2/2 - 1, 0 + 1/2 - 2, 4 + 2/2 - 1, 0 + 4/2 - 2. 1: 1 + 2 - 2, 0 + 4 - 4, 0.5 - 2, 2 - 1.
  assert.deepEqual([...tdErrors(rollout, 0.5)], [0, 1, -1.5, 0, 4, -1.5, 0, 1]);
});

Deno.test("gaeAdvantages() sum TD errors within an episode", () => {
  // With gamma lambda = 1/4. 0, from the end: 0, 4, -1.5 + 1 = -0.5, 0 - 0.125.
  // 1: the last two -1.5 + 1/4 and 1; the truncated episode 0 and 1 + 0.
  const expected = [-0.125, 1, -0.5, 0, 4, -1.25, 0, 1];
  assert.deepEqual([...gaeAdvantages(rollout, 0.5, 0.5)], expected);
});

Deno.test("gaeAdvantages() with lambda 0 are the TD errors", () => {
  assert.deepEqual(gaeAdvantages(rollout, 0.5, 0), tdErrors(rollout, 0.5));
});

Deno.test("lambdaReturns() with lambda 1 are discounted rewards up to a bootstrapped end", () => {
  // 0, from the end: 0 + 4/2, 4 + 2/2, 0 + 5/2, 0 + 2.5/2. 1: 2, 0 + 2/2; 0 + 8/2, 1 + 4/2.
  const expected = [1.25, 3, 2.5, 4, 5, 1, 2, 2];
  assert.deepEqual([...lambdaReturns(rollout, 0.5, 1)], expected);
});

Deno.test("lambdaReturns() with lambda 0 are one-step targets", () => {
  assert.deepEqual([...lambdaReturns(rollout, 0.5, 0)], [1, 3, 0.5, 4, 5, 0.5, 2, 2]);
});

Deno.test("nStepReturns() take n rewards, fewer where an episode or the rollout ends", () => {
  assert.deepEqual(nStepReturns(rollout, 0.5, 1), lambdaReturns(rollout, 0.5, 0));
  assert.deepEqual(nStepReturns(rollout, 0.5, 4), lambdaReturns(rollout, 0.5, 1));
  // 0: 0 + 0/2 + 1/4, 0 + 4/2 + 2/4, 4 + 0/2 + 4/4, 0 + 4/2. 1: 1 + 0/2 + 8/4, 4; 0 + 2/2, 2.
  const expected = [0.25, 3, 2.5, 4, 5, 1, 2, 2];
  assert.deepEqual([...nStepReturns(rollout, 0.5, 2)], expected);
});

Deno.test("importanceRatios() are 1 where the policy that acts is the one learned about", () => {
  const logProbs = Float32Array.of(-1, -2);
  assert.deepEqual([...importanceRatios({ logProbs })], [1, 1]);
  const targetLogProbs = Float32Array.of(-1, -Infinity);
  assert.deepEqual([...importanceRatios({ logProbs, targetLogProbs })], [1, 0]);
});
