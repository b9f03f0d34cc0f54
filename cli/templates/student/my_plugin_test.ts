import assert from "node:assert/strict";
import { createContext, type Rollout } from "@tandem/core";
import { silence, suggest } from "@tandem/core/kit";
import { checkStage } from "@tandem/core/testing";
import { corridor } from "@tandem/env";
import myPlugin from "./my_plugin.ts";

Deno.test("my-plugin moves Q towards the target, and listens to the teacher", async () => {
  const context = createContext({ seed: 0 });
  const world = await corridor().create(context, { envs: 1 });
  const { spec } = world;
  const wiring = { env: spec, grain: "action" as const, candidates: spec.actions };
  const student = await myPlugin({ learningRate: 0.5 }).create(context, wiring);
  const observations = world.reset([0]);
  const keys = Float64Array.of(observations.key(0));
  const rollout = { keys, actions: Int32Array.of(2) } as unknown as Rollout;
  const targets = Float32Array.of(0.5);
  await student.learn(rollout, { advantages: targets, targets });
  const guidance = silence(1, spec.actions);
  const alone = await student.act(observations, guidance, "evaluate");
  assert.deepEqual([alone.actions[0], alone.qValues[0]], [2, 0.25]);
  suggest(guidance, 0, 1);
  const before = await student.policy!(observations, silence(1, spec.actions));
  const after = await student.policy!(observations, guidance);
  assert.ok(after.probabilities[1]! > before.probabilities[1]!);
});

Deno.test("my-plugin keeps the contract of its kind", async () => {
  assert.deepEqual(await checkStage(myPlugin(), { world: corridor() }), []);
});
