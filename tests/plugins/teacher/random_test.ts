import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { random } from "../../../plugins/teacher/random.ts";
import { Ticks } from "../../core/stubs.ts";
import { spec } from "../moments.ts";

const open = async (seed = 0) => await random().create(createContext({ seed }), { env: spec });

Deno.test("random: any action, each as likely, and it says so", async () => {
  const teacher = await open();
  const { choices, distribution, logProbs } = await teacher.advise(new Ticks(4000), "train");
  const right = choices.filter((choice) => choice === 1).length;
  assert.ok(Math.abs(right - 2000) < 120, `${right}`);
  assert.ok(distribution.every((p) => p === 0.5));
  assert.ok(logProbs.every((p) => p === Math.fround(Math.log(0.5))));
  assert.equal(teacher.usage().calls, 4000);
  assert.equal(random().usesOracle, false);
});

Deno.test("random: the same for the same seed, whether it is measured or not", async () => {
  const draw = async (seed: number, measured: boolean) => {
    const teacher = await open(seed);
    if (measured) await teacher.advise(new Ticks(64), "evaluate");
    return [...(await teacher.advise(new Ticks(64), "train")).choices];
  };
  assert.deepEqual(await draw(0, true), await draw(0, false));
  assert.notDeepEqual(await draw(0, false), await draw(1, false));
});
