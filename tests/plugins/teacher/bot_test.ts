import assert from "node:assert/strict";
import { suggestionOf } from "../../../core/kit/guidance.ts";
import { createContext } from "../../../core/kit/context.ts";
import type { Oracle } from "../../../core/stages/mod.ts";
import { bot } from "../../../plugins/teacher/bot.ts";
import { Ticks } from "../../core/stubs.ts";
import { spec } from "../moments.ts";

const env = { ...spec, actions: ["left", "right", "stay"] };
const open = async (accuracy: number, seed = 0) =>
  await bot({ accuracy }).create(createContext({ seed }), { env });
/** The expert knows environments of even number only. */
const oracle: Oracle = { action: (i) => i % 2 ? -1 : 2, isRight: (_, action) => action === 2 };

Deno.test("bot: suggests the expert's action with certainty, and nothing where there is none", async () => {
  const teacher = await open(1);
  const guidance = await teacher.advise(new Ticks(2), "train", oracle);
  assert.deepEqual([...guidance.choices], [2, -1]);
  assert.deepEqual([...guidance.distribution], [0, 0, 1, 0, 0, 0]);
  assert.deepEqual([...guidance.logProbs], [0, 0]);
  assert.equal(suggestionOf(guidance, 0), "stay");
  assert.equal(teacher.usage().calls, 1);
  assert.equal(bot().usesOracle, true);
});

Deno.test("bot: is silent without the expert", async () => {
  const guidance = await (await open(1)).advise(new Ticks(2), "train");
  assert.deepEqual([...guidance.choices], [-1, -1]);
});

Deno.test("bot: is as accurate as it is told, errs evenly, and says how sure it may be", async () => {
  const always: Oracle = { action: () => 0, isRight: () => true };
  const guidance = await (await open(0.7)).advise(new Ticks(6000), "train", always);
  const share = (action: number) =>
    guidance.choices.filter((choice) => choice === action).length / 6000;
  assert.ok(Math.abs(share(0) - 0.7) < 0.02, `${share(0)}`);
  assert.ok(Math.abs(share(1) - 0.15) < 0.02, `${share(1)}`);
  assert.ok(Math.abs(share(2) - 0.15) < 0.02, `${share(2)}`);
  for (let i = 0; i < 6; i++) {
    const row = guidance.distribution.subarray(3 * i, 3 * i + 3);
    assert.ok(Math.abs(row.reduce((sum, p) => sum + p) - 1) < 1e-6);
    assert.ok(Math.abs(row[guidance.choices[i]!]! - 0.7) < 1e-6);
  }
});

Deno.test("bot: gives the log-probability with which the choice was made", async () => {
  const guidance = await (await open(0.5)).advise(new Ticks(50), "train", oracle);
  for (let i = 0; i < 50; i += 2) {
    const expected = guidance.choices[i] === 2 ? 0.5 : 0.25;
    assert.ok(Math.abs(Math.exp(guidance.logProbs[i]!) - expected) < 1e-6);
  }
});

Deno.test("bot: being measured leaves its training draws as they were", async () => {
  const draw = async (measured: boolean) => {
    const teacher = await open(0.5);
    if (measured) await teacher.advise(new Ticks(64), "evaluate", oracle);
    return [...(await teacher.advise(new Ticks(64), "train", oracle)).choices];
  };
  assert.deepEqual(await draw(true), await draw(false));
});

Deno.test("bot: goes on exactly from a saved state", async () => {
  const [one, other] = [await open(0.5), await open(0.5)];
  await one.advise(new Ticks(10), "train", oracle);
  await other.load!(await one.save!());
  const next = async (
    teacher: typeof one,
  ) => [...(await teacher.advise(new Ticks(64), "train", oracle)).choices];
  assert.deepEqual(await next(other), await next(one));
});

Deno.test("bot: says what the expert is about at the coarser grains, and nothing that has no words", async () => {
  const guidance = {
    subgoal: ["fetch it", "open it"],
    plan: ["fetch it, then open it", "give up"],
  };
  const expert: Oracle = {
    ...oracle,
    subgoal: (i) => i === 0 ? "open it" : "sing",
    plan: (i) => i === 0 ? "give up" : "",
  };
  for (const [grain, words] of [["subgoal", "open it"], ["plan", "give up"]] as const) {
    const teacher = await bot({ grain }).create(createContext({ seed: 0 }), {
      env: { ...env, guidance },
    });
    assert.deepEqual([teacher.grain, teacher.candidates], [grain, guidance[grain]]);
    const said = await teacher.advise(new Ticks(2), "train", expert);
    assert.deepEqual([...said.choices], [1, -1]);
    assert.equal(suggestionOf(said, 0), words);
    const silent = await teacher.advise(new Ticks(2), "train", oracle);
    assert.deepEqual([...silent.choices], [-1, -1]);
  }
  assert.deepEqual(bot({ grain: "plan" }).fits, ["plan"]);
});

Deno.test("bot: refuses a grain that the environment has no words for", async () => {
  const message =
    'The teacher guides at the grain "subgoal", for which "Tests-v0" has no words; it ' +
    'has them for "action" and "plan".';
  const create = async () =>
    await bot({ grain: "subgoal" }).create(createContext({ seed: 0 }), {
      env: { ...env, guidance: { plan: ["give up"] } },
    });
  await assert.rejects(create, { code: "E_WIRING", message });
});
