import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import type { Rollout } from "../../../core/stages/mod.ts";
import { verbal } from "../../../plugins/feedback/verbal.ts";
import { judgedStepOf, said, spec } from "../moments.ts";

const wiring = { env: spec, candidates: spec.actions };

async function wordsFor(before: number, now: number, fields: Partial<Rollout>, margin = 0) {
  const rule = await verbal({ margin }).create(createContext({ seed: 0 }), wiring);
  return rule.judge(judgedStepOf([now], fields), judgedStepOf([before])).words(0);
}

const followed = { guidance: [said([0])], actions: Int32Array.of(0) };
const one = Uint8Array.of(1);

Deno.test("verbal: says what was said, how it compares and what the advantage did", async () => {
  const rose = '"left" is better than the last token: the advantage rose by 0.75.';
  assert.equal(await wordsFor(0.25, 1, followed), rose);
  const fell = '"left" is worse than the last token: the advantage fell by 0.50.';
  assert.equal(await wordsFor(0, -0.5, followed), fell);
});

Deno.test("verbal: an episode's end is the better reason", async () => {
  const words = (fields: Partial<Rollout>) => wordsFor(0, 1, { ...followed, ...fields });
  const reason = (text: string) => `"left" is better than the last token: ${text}.`;
  const rewards = Float32Array.of(0.9);
  assert.equal(await words({ terminated: one, rewards }), reason("the task was solved"));
  assert.equal(await words({ terminated: one }), reason("the task has failed"));
  assert.equal(await words({ truncated: one }), reason("the time ran out"));
});

Deno.test("verbal: says so where the student did something else", async () => {
  const fields = { guidance: [said([0])], actions: Int32Array.of(1) };
  assert.equal(
    await wordsFor(1, 0, fields),
    '"left" is worse than the last token: the advantage fell by 1.00; the student did "right" instead.',
  );
});

Deno.test("verbal: holds no action against guidance that is not one", async () => {
  const guidance = { ...said([0]), texts: ["find the key"] };
  assert.equal(
    await wordsFor(0, 1, { guidance: [guidance], actions: Int32Array.of(1) }),
    '"find the key" is better than the last token: the advantage rose by 1.00.',
  );
});

Deno.test("verbal: has no words for silence, nor within the margin", async () => {
  assert.equal(await wordsFor(0, 1, { guidance: [said([-1])] }), "");
  assert.equal(await wordsFor(0, 0, followed), "");
  assert.equal(await wordsFor(0, 0.5, followed, 0.5), "");
});

Deno.test("verbal: judges as the paper's rule with a margin", async () => {
  const rule = await verbal({ margin: 0.5 }).create(createContext({ seed: 0 }), wiring);
  const { signs, strengths } = rule.judge(judgedStepOf([1, 0.25, -1]), judgedStepOf([0, 0, 0]));
  assert.deepEqual([...signs], [1, 0, -1]);
  assert.deepEqual([...strengths], [1, 0, 1]);
});

Deno.test("verbal: abstains on the first token of an episode, without words", async () => {
  const rule = await verbal({ margin: 0.25 }).create(createContext({ seed: 0 }), {
    env: spec,
    candidates: spec.actions,
  });
  const now = judgedStepOf([0, 0, 5], {}, [1, 1, 0]);
  const { signs, strengths, words } = rule.judge(now, judgedStepOf([5, -5, 0]));
  assert.deepEqual([...signs], [0, 0, 1]);
  assert.deepEqual([...strengths], [0, 0, 5]);
  assert.deepEqual([words(0), words(1)], ["", ""]);
});
