import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { counterfactual } from "../../../plugins/feedback/counterfactual.ts";
import { judgedStepOf, spec } from "../moments.ts";

Deno.test("counterfactual: judges by what the token changed, and abstains where nothing", async () => {
  const wiring = { env: spec, candidates: spec.actions };
  const stage = counterfactual({ horizon: 3, gamma: 0.5 });
  const rule = await stage.create(createContext({ seed: 0 }), wiring);
  assert.deepEqual(rule.needs, { counterfactual: { horizon: 3, discount: 0.5 } });
  const now = { ...judgedStepOf([9, 9, -9]), effects: Float32Array.of(-0.5, 0, 0.25) };
  const { signs, strengths, words } = rule.judge(now, judgedStepOf([0, 0, 0]));
  assert.deepEqual([...signs], [-1, 0, 1]);
  assert.deepEqual([...strengths], [0.5, 0, 0.25]);
  assert.equal(words(0), "This token did worse than silence would have.");
  assert.equal(words(1), "");
  assert.equal(words(2), "This token did better than silence would have.");
});
