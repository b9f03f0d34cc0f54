import { gae } from "../../../plugins/advantage/gae.ts";
import { assertEstimate, rollout, terminating } from "./table.ts";

Deno.test("gae: TD errors decay within an episode", async () => {
  // delta = 2, 0, -2, 2.5, 3; gamma lambda = 1/4: 3, 2.5 + 0.75, -2 + 0.8125; 0, 2 + 0.
  const advantages = [2, 0, -1.1875, 3.25, 3];
  const targets = advantages.map((a, k) => a + rollout.values[k]!);
  await assertEstimate(gae({ gamma: 0.5, lambda: 0.5 }), rollout, targets);
});

Deno.test("gae: a termination leaves no value behind", async () => {
  // delta_1 = 0 + 0 - 2.
  await assertEstimate(gae({ gamma: 0.5, lambda: 0.5 }), terminating, [
    2.5,
    0,
    1.8125,
    5.25,
    4,
  ]);
});

Deno.test("gae: lambda 0 is the TD error, lambda 1 Monte Carlo", async () => {
  await assertEstimate(gae({ gamma: 0.5, lambda: 0 }), rollout, [3, 2, 1, 4.5, 4]);
  await assertEstimate(gae({ gamma: 0.5, lambda: 1 }), rollout, [3, 2, 3, 6, 4]);
});

Deno.test("gae: a truncation may be taken for a termination, the mistake to compare with", async () => {
  const mistaken = gae({ gamma: 0.5, lambda: 0.5, truncation: "termination" });
  await assertEstimate(mistaken, rollout, [2.5, 0, 1.8125, 5.25, 4]);
});
