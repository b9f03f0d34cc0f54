import assert from "node:assert/strict";
import { createContext, type JudgedStep } from "@tandem/core";
import { checkStage } from "@tandem/core/testing";
import { corridor } from "@tandem/env";
import myPlugin from "./my_plugin.ts";

/** A step with one advantage a suggestion; the last one begins an episode. */
function judged(...advantages: number[]): JudgedStep {
  const firsts = Uint8Array.from(advantages, (_, i) => i === advantages.length - 1 ? 1 : 0);
  return { advantages: Float32Array.from(advantages), firsts } as unknown as JudgedStep;
}

Deno.test("my-plugin judges by the change of the advantage", async () => {
  const context = createContext({ seed: 0 });
  const world = await corridor().create(context, { envs: 4 });
  const wiring = { env: world.spec, candidates: world.spec.actions };
  const rule = await myPlugin({ margin: 0.5 }).create(context, wiring);
  const { signs, strengths, words } = rule.judge(judged(1, 0, 0.25, 1), judged(0, 1, 0, 0));
  assert.deepEqual([...signs], [1, -1, 0, 0]);
  assert.deepEqual([...strengths], [1, 1, 0, 0]);
  assert.equal(words(0), "This token is better than the last one.");
});

Deno.test("my-plugin keeps the contract of its kind", async () => {
  assert.deepEqual(await checkStage(myPlugin(), { world: corridor() }), []);
});
