import assert from "node:assert/strict";
import type { Rollout } from "../../../core/stages/mod.ts";
import { vTrace } from "../../../plugins/advantage/v_trace.ts";
import { assertEstimate, estimate, rollout, terminating } from "./table.ts";

/** The rollout as if a policy were learned about that gives the actions these times the chance. */
function offPolicy(ratios: readonly number[]): Rollout {
  return {
    ...rollout,
    logProbs: new Float32Array(5).fill(-2),
    targetLogProbs: Float32Array.from(ratios, (ratio) => Math.log(ratio) - 2),
  };
}

Deno.test("v-trace: on-policy it is Monte Carlo", async () => {
  await assertEstimate(vTrace({ gamma: 0.5 }), rollout, [3, 2, 3, 6, 4]);
  await assertEstimate(vTrace({ gamma: 0.5 }), terminating, [2, 0, 3, 6, 4]);
  await assertEstimate(vTrace({ gamma: 0.5 }), offPolicy([1, 1, 1, 1, 1]), [3, 2, 3, 6, 4]);
});

Deno.test("v-trace: TD errors and traces are weighed by clipped ratios", async () => {
  // delta = 2, 0, -2, 2.5, 3; rho = c = 1, 1/2, 1/2, 1, 1/4 (2 and 4 are clipped).
  // v_4 = 1 + 3/4 = 1.75; v_3 = 2 + 2.5 + (1.75 - 1)/2 = 4.875;
  // v_2 = 3 - 1 + (4.875 - 2)/4 = 2.71875; v_1 = 2 + 0 (cut); v_0 = 1 + 2 + (2 - 2)/2 = 3.
  const targets = [3, 2, 2.71875, 4.875, 1.75];
  // A = rho (r + v'/2 - V): 2; (0 + 4/2 - 2)/2; (0 + 4.875/2 - 3)/2; 4 + 1.75/2 - 2; (8/2 - 1)/4.
  const advantages = [2, 0, -0.28125, 2.875, 0.75];
  const ratios = offPolicy([2, 0.5, 0.5, 4, 0.25]);
  await assertEstimate(vTrace({ gamma: 0.5 }), ratios, targets, advantages);
});

Deno.test("v-trace: rho-bar and c-bar clip apart, lambda shortens the traces", async () => {
  // rho = 2, 1/2, 1/2, 2, 1/4; c = (1, 1/2, 1/2, 1, 1/4) / 2.
  // v_4 = 1.75; v_3 = 2 + 5 + 0.75/4 = 7.1875; v_2 = 2 + 5.1875/8 = 2.6484375; v_1 = 2; v_0 = 5.
  const targets = [5, 2, 2.6484375, 7.1875, 1.75];
  const stage = vTrace({ gamma: 0.5, lambda: 0.5, rhoBar: 2, cBar: 1 });
  const { targets: found } = await estimate(stage, offPolicy([2, 0.5, 0.5, 4, 0.25]));
  for (const [k, target] of targets.entries()) assert.ok(Math.abs(found[k]! - target) < 1e-5);
});

Deno.test("v-trace: an action that the policy would never take teaches nothing", async () => {
  const { targets, advantages } = await estimate(
    vTrace({ gamma: 0.5 }),
    offPolicy([0, 0, 0, 0, 0]),
  );
  assert.deepEqual(targets, rollout.values);
  assert.deepEqual([...advantages], [0, 0, -0, 0, 0]);
});
