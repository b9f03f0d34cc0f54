import assert from "node:assert/strict";
import { createContext } from "@tandem/core";
import { checkStage } from "@tandem/core/testing";
import { corridor } from "@tandem/env";
import myPlugin from "./my_plugin.ts";

Deno.test("my-plugin pays for the right name and cuts episodes that take too long", async () => {
  const env = await myPlugin({ limit: 2 }).create(createContext({ seed: 0 }), { envs: 1 });
  const { data } = env.reset([0]).tensors.colour!;
  const right = env.step(Int32Array.of(data[0]!));
  assert.deepEqual([right.terminated[0], right.truncated[0]], [1, 0]);
  assert.ok(Math.abs(right.rewards[0]! - 0.55) < 1e-6); // 1 - 0.9 x 1 / 2
  const wrong = () => env.step(Int32Array.of((data[0]! + 1) % 3));
  assert.equal(wrong().truncated[0], 0);
  assert.deepEqual([wrong().truncated[0], right.rewards[0]], [1, 0]);
});

Deno.test("my-plugin keeps the contract of its kind", async () => {
  assert.deepEqual(await checkStage(myPlugin(), { world: corridor() }), []);
});
