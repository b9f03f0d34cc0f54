import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import type { FeedbackRule } from "../../../core/stages/mod.ts";
import { perState } from "../../../plugins/feedback/per_state.ts";
import { judgedStepOf, spec } from "../moments.ts";

const wiring = { env: spec, candidates: spec.actions };
const open = async (options: Parameters<typeof perState>[0] = {}) =>
  await perState(options).create(createContext({ seed: 0 }), wiring);

/** Signed strengths of the verdicts on these advantages in these states. */
function judge(rule: FeedbackRule, states: number[], advantages: number[]): number[] {
  const now = judgedStepOf(advantages, { keys: Float64Array.from(states) });
  const { signs, strengths } = rule.judge(now, judgedStepOf(advantages));
  return [...signs].map((sign, i) => sign === 0 ? 0 : sign * strengths[i]!);
}

Deno.test("per-state: compares with the running mean of the state", async () => {
  const rule = await open();
  assert.deepEqual(judge(rule, [7], [4]), [0]); // the first of its state: b = 4
  assert.deepEqual(judge(rule, [7], [2]), [-2]); // b = 3
  assert.deepEqual(judge(rule, [7], [6]), [3]); // b = 4
  assert.deepEqual(judge(rule, [7], [4]), [0]);
});

Deno.test("per-state: states do not touch each other, environments in one state do", async () => {
  const rule = await open();
  assert.deepEqual(judge(rule, [1, 2], [10, -10]), [0, 0]);
  assert.deepEqual(judge(rule, [2, 1], [-8, 8]), [2, -2]);
  assert.deepEqual(judge(rule, [3, 3, 3], [1, 2, 3]), [0, 1, 1.5]);
});

Deno.test("per-state: forgets over the window", async () => {
  const rule = await open({ window: 2 });
  judge(rule, [1], [0]);
  judge(rule, [1], [8]); // b = 4
  assert.deepEqual(judge(rule, [1], [8]), [4]); // b = 4 + 4 / 2 = 6
  assert.deepEqual(judge(rule, [1], [8]), [2]);
});

Deno.test("per-state: remembers as many states as it may, those met last", async () => {
  const rule = await open({ capacity: 2 });
  judge(rule, [1, 2], [5, 5]);
  judge(rule, [1], [5]);
  judge(rule, [3], [5]); // 2 is forgotten
  assert.deepEqual(judge(rule, [1], [6]), [1]);
  assert.deepEqual(judge(rule, [2], [6]), [0]);
});

Deno.test("per-state: has words for its comparison", async () => {
  const rule = await open();
  judge(rule, [1], [0]);
  const now = (advantage: number) => judgedStepOf([advantage], { keys: Float64Array.of(1) });
  const words = (advantage: number) => rule.judge(now(advantage), now(0)).words(0);
  assert.equal(words(1), "This token is better than what was said here before.");
  assert.equal(words(-1), "This token is worse than what was said here before.");
});

Deno.test("per-state: goes on exactly from a saved state", async () => {
  const [one, other] = [await open({ capacity: 2 }), await open({ capacity: 2 })];
  judge(one, [1, 2, 1], [1, 2, 3]);
  judge(other, [9], [9]);
  await other.load!(JSON.parse(JSON.stringify(await one.save!())));
  for (const rule of [one, other]) {
    assert.deepEqual(judge(rule, [1, 2, 3, 2, 1], [0, 0, 0, 0, 0]), [-2, -2, 0, -1, 0]);
  }
});
