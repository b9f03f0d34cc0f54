import assert from "node:assert/strict";
import { createContext } from "@tandem/core";
import { checkStage } from "@tandem/core/testing";
import { corridor } from "@tandem/env";
import myPlugin from "./my_plugin.ts";

Deno.test("my-plugin asks for either ball, and the expert gets there", async () => {
  const env = await myPlugin().create(createContext({ seed: 0 }), { envs: 8 });
  const seen = env.reset([0, 1, 2, 3, 4, 5, 6, 7]);
  const missions = new Set(Array.from({ length: 8 }, (_, i) => seen.mission(i)));
  assert.deepEqual([...missions].sort(), ["go to the blue ball", "go to the red ball"]);
  const solved = new Set<number>();
  const { oracle } = env;
  for (let step = 0; step < 25 && solved.size < 8; step++) {
    const { rewards } = env.step(Int32Array.from({ length: 8 }, (_, i) => oracle!.action(i)));
    rewards.forEach((reward, i) => reward > 0 && solved.add(i));
  }
  assert.equal(solved.size, 8);
});

Deno.test("my-plugin keeps the contract of its kind", async () => {
  assert.deepEqual(await checkStage(myPlugin(), { world: corridor() }), []);
});
