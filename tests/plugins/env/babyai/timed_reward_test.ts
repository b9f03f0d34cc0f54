import assert from "node:assert/strict";
import { createContext } from "../../../../core/kit/context.ts";
import type { Env } from "../../../../core/stages/mod.ts";
import { babyai } from "../../../../plugins/env/babyai/mod.ts";

/** All rewards of the expert on three worlds in 40 steps. */
async function rewardsOf(options: Parameters<typeof babyai>[0]): Promise<number[]> {
  const env: Env = await babyai({ level: "GoToLocal", ...options })
    .create(createContext({ seed: 0 }), { envs: 3 });
  env.reset([1, 2, 3]);
  const rewards: number[] = [];
  for (let t = 0; t < 40; t++) {
    const actions = Int32Array.from({ length: 3 }, (_, i) => env.oracle!.action(i));
    rewards.push(...env.step(actions).rewards);
  }
  return rewards;
}

Deno.test("without timedReward success is worth 1, in the same worlds", async () => {
  const [timed, untimed] = [await rewardsOf({}), await rewardsOf({ timedReward: false })];
  assert.ok(timed.some((reward) => reward > 0 && reward < 1));
  assert.deepEqual(untimed, timed.map((reward) => reward > 0 ? 1 : 0));
});
