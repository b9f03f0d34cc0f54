import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { margin } from "../../../plugins/feedback/margin.ts";
import { judgedStepOf, spec } from "../moments.ts";

Deno.test("margin: small changes of the advantage are passed over", async () => {
  const wiring = { env: spec, candidates: spec.actions };
  const rule = await margin({ margin: 0.25 }).create(createContext({ seed: 0 }), wiring);
  const table: [before: number, now: number, sign: number, strength: number][] = [
    [0, 0.5, 1, 0.5],
    [0.5, 0, -1, 0.5],
    [0, 0.25, 0, 0],
    [0.25, 0, 0, 0],
    [1, 1, 0, 0],
    [-1, 1, 1, 2],
  ];
  const before = judgedStepOf(table.map(([a]) => a));
  const { signs, strengths, words } = rule.judge(judgedStepOf(table.map(([, a]) => a)), before);
  assert.deepEqual([...signs], table.map(([, , sign]) => sign));
  assert.deepEqual([...strengths], table.map(([, , , strength]) => strength));
  assert.equal(words(0), "This token is better than the last one.");
  assert.equal(words(1), "This token is worse than the last one.");
  assert.equal(words(2), "");
});

Deno.test("margin: abstains on the first token of an episode, without words", async () => {
  const rule = await margin({ margin: 0.25 }).create(createContext({ seed: 0 }), {
    env: spec,
    candidates: spec.actions,
  });
  const now = judgedStepOf([0, 0, 5], {}, [1, 1, 0]);
  const { signs, strengths, words } = rule.judge(now, judgedStepOf([5, -5, 0]));
  assert.deepEqual([...signs], [0, 0, 1]);
  assert.deepEqual([...strengths], [0, 0, 5]);
  assert.deepEqual([words(0), words(1)], ["", ""]);
});
