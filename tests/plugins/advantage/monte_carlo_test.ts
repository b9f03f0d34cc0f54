import { monteCarlo } from "../../../plugins/advantage/monte_carlo.ts";
import { assertEstimate, rollout, terminating } from "./table.ts";

Deno.test("monte-carlo: discounted rewards, and the value where the episode is cut", async () => {
  await assertEstimate(monteCarlo({ gamma: 0.5 }), rollout, [3, 2, 3, 6, 4]);
});

Deno.test("monte-carlo: rewards alone up to a termination", async () => {
  await assertEstimate(monteCarlo({ gamma: 0.5 }), terminating, [2, 0, 3, 6, 4]);
});
