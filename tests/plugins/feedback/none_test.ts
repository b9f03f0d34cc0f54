import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { none } from "../../../plugins/feedback/none.ts";
import { judgedStepOf, spec } from "../moments.ts";

Deno.test("none: abstains without a word", async () => {
  const wiring = { env: spec, candidates: spec.actions };
  const rule = await none().create(createContext({ seed: 0 }), wiring);
  const { signs, strengths, words } = rule.judge(judgedStepOf([1, -1]), judgedStepOf([0, 0]));
  assert.deepEqual([...signs], [0, 0]);
  assert.deepEqual([...strengths], [0, 0]);
  assert.equal(words(1), "");
});
