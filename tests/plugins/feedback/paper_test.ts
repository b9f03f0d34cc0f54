import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { paper } from "../../../plugins/feedback/paper.ts";
import { judgedStepOf, spec } from "../moments.ts";

Deno.test("paper: A > A' is negative, anything else positive, as strong as the change", async () => {
  const wiring = { env: spec, candidates: spec.actions };
  const rule = await paper().create(createContext({ seed: 0 }), wiring);
  const table: [before: number, now: number, sign: number, strength: number][] = [
    [0, 1, 1, 1],
    [1, 0.5, -1, 0.5],
    [0.5, 0.5, 1, 0],
    [-1, -2, -1, 1],
    [-2, 2, 1, 4],
  ];
  const before = judgedStepOf(table.map(([a]) => a));
  const { signs, strengths, words } = rule.judge(judgedStepOf(table.map(([, a]) => a)), before);
  assert.deepEqual([...signs], table.map(([, , sign]) => sign));
  assert.deepEqual([...strengths], table.map(([, , , strength]) => strength));
  assert.equal(words(0), "This token is better than the last one.");
  assert.equal(words(1), "This token is worse than the last one.");
  assert.equal(words(2), "This token is better than the last one.");
});

Deno.test("paper: the first token of an episode is compared with none of another", async () => {
  const wiring = { env: spec, candidates: spec.actions };
  const rule = await paper().create(createContext({ seed: 0 }), wiring);
  const table: [before: number, now: number, first: number, sign: number, strength: number][] = [
    [0.9, 0, 1, 0, 0], // the episode before was solved
    [-0.9, 0, 1, 0, 0], // it was lost
    [0, 0, 1, 0, 0],
    [0.5, 0, 0, -1, 0.5],
    [0, 0.5, 0, 1, 0.5],
  ];
  const now = judgedStepOf(table.map(([, a]) => a), {}, table.map(([, , first]) => first));
  // What counts is where the episode of now began, not that of the step before.
  const before = judgedStepOf(table.map(([a]) => a), {}, [0, 0, 0, 1, 1]);
  const { signs, strengths, words } = rule.judge(now, before);
  assert.deepEqual([...signs], table.map(([, , , sign]) => sign));
  assert.deepEqual([...strengths], table.map(([, , , , strength]) => strength));
  assert.deepEqual([0, 1, 2].map(words), ["", "", ""]);
});
