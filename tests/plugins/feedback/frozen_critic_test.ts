import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { frozenCritic } from "../../../plugins/feedback/frozen_critic.ts";
import { judgedStepOf, spec } from "../moments.ts";

Deno.test("frozen-critic: judges by the sign of the frozen critic's advantage alone", async () => {
  const wiring = { env: spec, candidates: spec.actions };
  const stage = frozenCritic({ every: 5, margin: 0.25 });
  const rule = await stage.create(createContext({ seed: 0 }), wiring);
  assert.deepEqual(rule.needs, { frozenCritic: { every: 5 } });
  const frozenAdvantages = Float32Array.of(0.5, 0.25, -0.5, 0);
  const now = { ...judgedStepOf([-9, -9, 9, 9]), frozenAdvantages };
  const { signs, strengths, words } = rule.judge(now, judgedStepOf([0, 0, 0, 0]));
  assert.deepEqual([...signs], [1, 0, -1, 0]);
  assert.deepEqual([...strengths], [0.5, 0, 0.5, 0]);
  assert.equal(words(0), "This token is better than what was expected here.");
  assert.equal(words(2), "This token is worse than what was expected here.");
});
