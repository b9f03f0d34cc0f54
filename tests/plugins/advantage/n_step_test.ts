import { nStep } from "../../../plugins/advantage/n_step.ts";
import { assertEstimate, rollout, terminating } from "./table.ts";

Deno.test("n-step: one step is reward and discounted value", async () => {
  await assertEstimate(nStep({ gamma: 0.5, n: 1 }), rollout, [3, 2, 1, 4.5, 4]);
});

Deno.test("n-step: two steps stop at the end of an episode and of the rollout", async () => {
  // 2 + 0/2 + 4/4; 0 + 4/2 (cut); 0 + 4/2 + 1/4; 4 + 0/2 + 8/4; 0 + 8/2 (cut).
  await assertEstimate(nStep({ gamma: 0.5, n: 2 }), rollout, [3, 2, 2.25, 6, 4]);
});

Deno.test("n-step: nothing follows a termination", async () => {
  await assertEstimate(nStep({ gamma: 0.5, n: 2 }), terminating, [2, 0, 2.25, 6, 4]);
});

Deno.test("n-step: more steps than there are reach to the end", async () => {
  // 0 + 4/2 + 0/4 + 8/8; 4 + 0/2 + 8/4.
  await assertEstimate(nStep({ gamma: 0.5, n: 99 }), rollout, [3, 2, 3, 6, 4]);
});
