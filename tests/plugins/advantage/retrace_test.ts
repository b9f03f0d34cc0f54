import type { Rollout } from "../../../core/stages/mod.ts";
import { retrace } from "../../../plugins/advantage/retrace.ts";
import { assertEstimate, rollout, terminating } from "./table.ts";

// One-step targets y = r + V'/2: 3, 2, 1, 4.5, 4; Q = 2, 1, 2, 4, 3.

Deno.test("retrace: on-policy, what followed is added in full", async () => {
  // q_4 = 4; q_3 = 4.5 + (4 - 3)/2 = 5; q_2 = 1 + (5 - 4)/2 = 1.5; q_1 = 2; q_0 = 3 + (2 - 1)/2.
  await assertEstimate(retrace({ gamma: 0.5 }), rollout, [3.5, 2, 1.5, 5, 4]);
});

Deno.test("retrace: a termination is worth its reward alone", async () => {
  // q_1 = 0; q_0 = 3 + (0 - 1)/2.
  await assertEstimate(retrace({ gamma: 0.5 }), terminating, [2.5, 0, 1.5, 5, 4]);
});

Deno.test("retrace: the next action's ratio cuts the trace, and is clipped at 1", async () => {
  const ratios = [9, 0.5, 9, 0.25, 4];
  const offPolicy: Rollout = {
    ...rollout,
    logProbs: new Float32Array(5).fill(-3),
    targetLogProbs: Float32Array.from(ratios, (ratio) => Math.log(ratio) - 3),
  };
  // q_4 = 4; q_3 = 4.5 + 1/2 = 5; q_2 = 1 + (1/4) (5 - 4)/2 = 1.125; q_1 = 2; q_0 = 3 + (1/2)/2.
  await assertEstimate(retrace({ gamma: 0.5 }), offPolicy, [3.25, 2, 1.125, 5, 4]);
  // lambda 1/2 halves each trace: q_3 = 4.75; q_2 = 1 + (1/8)(0.75)/2; q_0 = 3 + 1/8.
  await assertEstimate(retrace({ gamma: 0.5, lambda: 0.5 }), offPolicy, [
    3.125,
    2,
    1.046875,
    4.75,
    4,
  ]);
});
