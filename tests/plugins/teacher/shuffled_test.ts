import assert from "node:assert/strict";
import { suggestionOf, tokensOf } from "../../../core/kit/guidance.ts";
import { createContext } from "../../../core/kit/context.ts";
import { bot } from "../../../plugins/teacher/bot.ts";
import { none } from "../../../plugins/teacher/none.ts";
import { shuffled } from "../../../plugins/teacher/shuffled.ts";
import { Ticks } from "../../core/stubs.ts";
import { judgedStepOf, spec } from "../moments.ts";
import { speaker } from "./speakers.ts";

const ENVS = 6;
const env = { ...spec, envs: ENVS, actions: Array.from({ length: ENVS }, (_, k) => `a${k}`) };
const open = async (of = speaker({ say: (i) => [i, 0.5] }), seed = 0) =>
  await shuffled({ of }).create(createContext({ seed }), { env });

Deno.test("shuffled: every suggestion goes to another environment, whole", async () => {
  const teacher = await open();
  for (let t = 0; t < 20; t++) {
    const guidance = await teacher.advise(new Ticks(ENVS), "train");
    const { choices, distribution } = guidance;
    assert.deepEqual([...choices].sort(), [0, 1, 2, 3, 4, 5]);
    for (let i = 0; i < ENVS; i++) {
      assert.notEqual(choices[i], i);
      assert.equal(suggestionOf(guidance, i), `a${choices[i]}`);
      assert.deepEqual(tokensOf(guidance, i), [choices[i], 7]);
      assert.equal(distribution[i * ENVS + choices[i]!], 0.5);
      assert.equal(guidance.logProbs[i], Math.fround(Math.log(0.5)));
    }
  }
});

Deno.test("shuffled: deals anew each time, the same for the same seed, measured or not", async () => {
  const deal = async (seed: number, measured = false) => {
    const teacher = await open(undefined, seed);
    if (measured) await teacher.advise(new Ticks(ENVS), "evaluate");
    const deals = [await teacher.advise(new Ticks(ENVS), "train")];
    deals.push(await teacher.advise(new Ticks(ENVS), "train"));
    return deals.map(({ choices }) => [...choices]);
  };
  const [first, second] = await deal(0);
  assert.notDeepEqual(first, second);
  assert.deepEqual(await deal(0, true), [first, second]);
  assert.notDeepEqual(await deal(1), [first, second]);
});

Deno.test("shuffled: is an oracle if its teacher is, and hears nothing", async () => {
  assert.equal(shuffled({ of: bot() }).usesOracle, true);
  assert.equal(shuffled({ of: none() }).usesOracle, false);
  const heard: never[] = [];
  const teacher = await open(speaker({ say: () => [0, 1], heard }));
  const { rollout } = judgedStepOf([0]);
  await teacher.receive({ rollout, verdicts: [] });
  assert.deepEqual(heard, []);
  assert.deepEqual(teacher.learnsBy, []);
});

Deno.test("shuffled: passes usage, state and disposal on", async () => {
  const log: string[] = [];
  const of = speaker({ say: (i) => [i, 1], log });
  const [one, other] = [await open(of), await open(of)];
  await one.advise(new Ticks(ENVS), "train");
  assert.deepEqual(one.usage(), { calls: 1, cacheHits: 1, tokens: 10 });
  await other.load!(structuredClone(await one.save!()));
  assert.deepEqual(other.usage(), one.usage());
  const next = async (
    teacher: typeof one,
  ) => [...(await teacher.advise(new Ticks(ENVS), "train")).choices];
  assert.deepEqual(await next(one), await next(other));
  await one.dispose!();
  assert.equal(log.at(-1), "speaker is disposed of");
});

Deno.test("shuffled: needs two environments to shuffle between", async () => {
  const of = speaker({ say: () => [0, 1] });
  const opening = shuffled({ of }).create(createContext({ seed: 0 }), { env: { ...env, envs: 1 } });
  await assert.rejects(Promise.resolve(opening), {
    code: "E_WIRING",
    message:
      'The teacher "shuffled" needs "2" environments or more to shuffle between; schedule.envs is "1".',
  });
});
