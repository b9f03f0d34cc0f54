import assert from "node:assert/strict";
import { createContext, type Rollout } from "@tandem/core";
import { checkStage } from "@tandem/core/testing";
import { corridor } from "@tandem/env";
import myPlugin from "./my_plugin.ts";

/** Two steps of one episode, which ends: V(s_0) = 1, V(s_1) = 2, rewards 0 and 4. */
const rollout = {
  ...{ steps: 2, envs: 1 },
  rewards: Float32Array.of(0, 4),
  values: Float32Array.of(1, 2),
  nextValues: Float32Array.of(2, 0),
  terminated: Uint8Array.of(0, 1),
  truncated: Uint8Array.of(0, 0),
} as unknown as Rollout;

Deno.test("my-plugin gives the values computed by hand", async () => {
  const context = createContext({ seed: 0 });
  const { spec } = await corridor().create(context, { envs: 1 });
  const options = { gamma: 0.5, lambda: 0 };
  const estimator = await myPlugin(options).create(context, { env: spec });
  const { advantages, targets } = estimator.estimate(rollout);
  assert.deepEqual([...advantages], [0, 2]); // 0 + 0.5 x 2 - 1, and 4 - 2
  assert.deepEqual([...targets], [1, 4]); // 0 + 0.5 x 2, and 4
});

Deno.test("my-plugin keeps the contract of its kind", async () => {
  assert.deepEqual(await checkStage(myPlugin(), { world: corridor() }), []);
});
