import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import type { Oracle } from "../../../core/stages/mod.ts";
import { misleading } from "../../../plugins/teacher/misleading.ts";
import { Ticks } from "../../core/stubs.ts";
import { spec } from "../moments.ts";

const env = { ...spec, actions: ["left", "right", "stay", "jump"] };
const open = async () => await misleading().create(createContext({ seed: 0 }), { env });

Deno.test("misleading: suggests nothing but wrong actions, each as likely, and is sure of it", async () => {
  const oracle: Oracle = { action: () => 0, isRight: (_, action) => action < 2 };
  const guidance = await (await open()).advise(new Ticks(2000), "train", oracle);
  const stay = guidance.choices.filter((choice) => choice === 2).length;
  assert.ok(Math.abs(stay - 1000) < 90, `${stay}`);
  assert.equal(guidance.choices.filter((choice) => choice === 3).length, 2000 - stay);
  assert.equal(guidance.distribution[guidance.choices[0]!], 1);
  assert.equal(guidance.logProbs[0], Math.fround(-Math.log(2)));
  assert.equal(misleading().usesOracle, true);
});

Deno.test("misleading: suggests what is wrong and legal", async () => {
  const oracle: Oracle = { action: () => 0, isRight: (_, action) => action === 0 };
  const seen = Object.assign(new Ticks(50), {
    legal: Uint8Array.from({ length: 200 }, (_, k) => +(k % 4 < 2)),
  });
  const { choices } = await (await open()).advise(seen, "train", oracle);
  assert.deepEqual(new Set(choices), new Set([1]));
});

Deno.test("misleading: is silent without an expert, where it gives up, and where nothing is wrong", async () => {
  const teacher = await open();
  const advise = async (
    oracle?: Oracle,
  ) => [...(await teacher.advise(new Ticks(1), "train", oracle)).choices];
  assert.deepEqual(await advise(), [-1]);
  assert.deepEqual(await advise({ action: () => -1, isRight: () => false }), [-1]);
  assert.deepEqual(await advise({ action: () => 0, isRight: () => true }), [-1]);
  assert.equal(teacher.usage().calls, 0);
});
