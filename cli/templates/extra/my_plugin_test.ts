import assert from "node:assert/strict";
import { type AnsweredStep, createContext } from "@tandem/core";
import { checkStage } from "@tandem/core/testing";
import { corridor } from "@tandem/env";
import myPlugin from "./my_plugin.ts";

Deno.test("my-plugin pays less for a state each time it is met", async () => {
  const context = createContext({ seed: 0 });
  const world = await corridor().create(context, { envs: 1 });
  const wiring = { env: world.spec, candidates: world.spec.actions };
  const extra = await myPlugin({ weight: 1 }).create(context, wiring);
  world.reset([0]);
  const stay = world.spec.actions.indexOf("stay");
  const bonuses = [1, 2, 3, 4].map(() => {
    const step = world.step(Int32Array.of(stay));
    return (extra.answer!({ step } as AnsweredStep) as Float32Array)[0]!;
  });
  assert.deepEqual([bonuses[0], bonuses[3]], [1, 0.5]);
});

Deno.test("my-plugin keeps the contract of its kind", async () => {
  assert.deepEqual(await checkStage(myPlugin(), { world: corridor() }), []);
});
