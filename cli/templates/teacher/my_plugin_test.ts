import assert from "node:assert/strict";
import { createContext, type Feedback } from "@tandem/core";
import { checkStage } from "@tandem/core/testing";
import { corridor } from "@tandem/env";
import myPlugin from "./my_plugin.ts";

Deno.test("my-plugin suggests what was praised", async () => {
  const context = createContext({ seed: 0 });
  const world = await corridor().create(context, { envs: 1 });
  const teacher = await myPlugin({ learningRate: 1 }).create(context, { env: world.spec });
  const observations = world.reset([0]);
  const guidance = await teacher.advise(observations, "train");
  const praise = { signs: Int8Array.of(1), strengths: Float32Array.of(1), words: () => "good" };
  const rollout = { guidance: [guidance] } as unknown as Feedback["rollout"];
  await teacher.receive({ rollout, verdicts: [praise] });
  const next = await teacher.advise(observations, "evaluate");
  assert.equal(next.choices[0], guidance.choices[0]);
  const weight = Math.E / (Math.E + world.spec.actions.length - 1);
  assert.ok(Math.abs(Math.exp(next.logProbs[0]!) - weight) < 1e-6);
});

Deno.test("my-plugin keeps the contract of its kind", async () => {
  assert.deepEqual(await checkStage(myPlugin(), { world: corridor() }), []);
});
