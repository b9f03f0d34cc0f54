import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import type { FeedbackRule } from "../../../core/stages/mod.ts";
import { significance } from "../../../plugins/feedback/significance.ts";
import { judgedStepOf, spec } from "../moments.ts";

const wiring = { env: spec, candidates: spec.actions };
const open = async (options: Parameters<typeof significance>[0]) =>
  await significance(options).create(createContext({ seed: 0 }), wiring);
const before = judgedStepOf([0, 0]);

/** Judges changes of the advantage while the critic is wrong by `errors` (r = e, Q = V' = 0). */
function judge(rule: FeedbackRule, changes: number[], errors: number[]): number[] {
  return [
    ...rule.judge(judgedStepOf(changes, { rewards: Float32Array.from(errors) }), before).signs,
  ];
}

Deno.test("significance: a verdict needs a change beyond z sqrt(2) sigma", async () => {
  const rule = await open({ threshold: 1 });
  // Mean squared error 1: the gate stands at sqrt(2) = 1.414.
  assert.deepEqual(judge(rule, [1.41, 1.42], [1, -1]), [0, 1]);
  assert.deepEqual(judge(rule, [-1.41, -1.42], [1, 1]), [0, -1]);
  const strict = await open({ threshold: 2 });
  assert.deepEqual(judge(strict, [2.82, 2.83], [1, 1]), [0, 1]);
});

Deno.test("significance: the critic's error is that of Q, with the discounted next value", async () => {
  const rule = await open({ threshold: 1, gamma: 0.5 });
  const fields = {
    rewards: Float32Array.of(1, 0),
    nextValues: Float32Array.of(4, 2),
    qValues: Float32Array.of(3, 1),
  };
  // 1 + 2 - 3 = 0 and 0 + 1 - 1 = 0: a critic without error lets every change pass.
  const { signs } = rule.judge(judgedStepOf([1e-3, -1e-3], fields), before);
  assert.deepEqual([...signs], [1, -1]);
});

Deno.test("significance: the error is a mean at first, then forgets at its rate", async () => {
  const rule = await open({ threshold: 1, rate: 0.5 });
  judge(rule, [0, 0], [2, 2]); // 4
  judge(rule, [0, 0], [0, 0]); // 4 + (0 - 4) / 2 = 2
  // 2 + (0 - 2) / 2 = 1, gate sqrt(2): the third step weighs a half, not a third.
  assert.deepEqual(judge(rule, [1.41, 1.42], [0, 0]), [0, 1]);
});

Deno.test("significance: goes on exactly from a saved state", async () => {
  const [one, other] = [await open({ threshold: 1 }), await open({ threshold: 1 })];
  judge(one, [0, 0], [1, 1]);
  await other.load!(structuredClone(await one.save!()));
  for (const rule of [one, other]) {
    // (1 + 9) / 2 = 5, gate sqrt(10) = 3.162.
    assert.deepEqual(judge(rule, [3.16, 3.17], [3, 3]), [0, 1]);
  }
});

Deno.test("significance: abstains on the first token of an episode, without words", async () => {
  const rule = await significance({ threshold: 1 }).create(createContext({ seed: 0 }), {
    env: spec,
    candidates: spec.actions,
  });
  const now = judgedStepOf([0, 0, 5], {}, [1, 1, 0]);
  const { signs, strengths, words } = rule.judge(now, judgedStepOf([5, -5, 0]));
  assert.deepEqual([...signs], [0, 0, 1]);
  assert.deepEqual([...strengths], [0, 0, 5]);
  assert.deepEqual([words(0), words(1)], ["", ""]);
});
