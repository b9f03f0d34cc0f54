import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import type { FeedbackRule } from "../../../core/stages/mod.ts";
import { bandit } from "../../../plugins/feedback/bandit.ts";
import { judgedStepOf, said, spec } from "../moments.ts";

const wiring = { env: spec, candidates: spec.actions };
const open = async (options: Parameters<typeof bandit>[0] = {}) =>
  await bandit(options).create(createContext({ seed: 0 }), wiring);

/** The credit of one token of one state. */
function judge(rule: FeedbackRule, state: number, choice: number, advantage: number): number {
  const now = judgedStepOf([advantage], {
    keys: Float64Array.of(state),
    guidance: [said([choice])],
  });
  const { signs, strengths } = rule.judge(now, now);
  return signs[0] === 0 ? 0 : signs[0]! * strengths[0]!;
}

Deno.test("bandit: a token's mean is held against the mean of all tokens of the state", async () => {
  const rule = await open();
  assert.equal(judge(rule, 1, 0, 4), 0); // nothing to compare with
  assert.equal(judge(rule, 1, 0, 6), 0); // m(0) = 5
  assert.equal(judge(rule, 1, 1, 2), -2); // m(1) = 2, m = (4 + 6 + 2) / 3 = 4
  assert.equal(judge(rule, 1, 1, 8), 0); // m(1) = 5, m = 5
  assert.equal(judge(rule, 1, 1, 10), Math.fround(20 / 3 - 6)); // m(1) = 20/3, m = 30/5
});

Deno.test("bandit: one bad step does not undo a good record", async () => {
  const rule = await open();
  judge(rule, 1, 0, -1);
  for (let t = 0; t < 9; t++) judge(rule, 1, 1, 1);
  assert.ok(judge(rule, 1, 1, -1) > 0);
});

Deno.test("bandit: states are apart, and silence is no arm", async () => {
  const rule = await open();
  judge(rule, 1, 0, 4);
  assert.equal(judge(rule, 2, 1, 9), 0);
  assert.equal(judge(rule, 1, -1, 9), 0);
  assert.equal(judge(rule, 1, 1, 8), 2);
});

Deno.test("bandit: credit must leave the interval", async () => {
  const rule = await open({ confidence: 1 });
  judge(rule, 1, 0, 0);
  assert.equal(judge(rule, 1, 1, 1), 0); // 1/2 against 1
  assert.equal(judge(rule, 1, 1, 1), 0); // 1/3 against 0.71
  judge(rule, 1, 0, -3); // m(0) = -1.5
  assert.equal(judge(rule, 1, 1, 1), 1); // m(1) = 1, m = 0; 1 against 0.58
});

Deno.test("bandit: remembers as many states as it may, those met last", async () => {
  const rule = await open({ capacity: 2 });
  for (const state of [1, 2, 1, 3]) judge(rule, state, 0, 0);
  assert.equal(judge(rule, 1, 1, 3), 2);
  assert.equal(judge(rule, 2, 1, 3), 0);
});

Deno.test("bandit: goes on exactly from a saved state", async () => {
  const [one, other] = [await open(), await open()];
  judge(one, 1, 0, 4);
  const saved = await one.save!();
  assert.equal(judge(one, 1, 1, 8), 2);
  await other.load!(saved);
  assert.equal(judge(other, 1, 1, 8), 2);
  await other.load!(saved);
  assert.equal(judge(other, 1, 1, 8), 2, "the saved state is a copy");
});
