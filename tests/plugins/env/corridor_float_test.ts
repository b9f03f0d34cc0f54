import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { definePipeline } from "../../../core/pipeline/pipeline.ts";
import { checkEnv } from "../../../core/testing/mod.ts";
import { measureCeiling } from "../../../core/run/measure/evaluation.ts";
import { corridorFloat, noFeedback, noTeacher, tabularQ, tdError } from "../../../plugins/mod.ts";

const open = async (envs: number) =>
  await corridorFloat().create(createContext({ seed: 0 }), { envs });

Deno.test("corridor-float: the expert reaches the flag by the shortest way", async () => {
  const env = await open(100);
  const ceiling = await measureCeiling(env);
  assert.equal(ceiling?.rate, 1);
  assert.ok(ceiling.meanSteps <= 9);
});

Deno.test("corridor-float: nobody starts at the flag, and walls hold", async () => {
  const env = await open(500);
  const { data } = env.reset(Array.from({ length: 500 }, (_, i) => i)).tensors.places!;
  for (let i = 0; i < 500; i++) assert.ok(Math.abs(data[2 * i]! - data[2 * i + 1]!) > 0.099);
  for (let t = 0; t < 12; t++) env.step(new Int32Array(500));
  assert.ok(data.every((place) => place >= 0 && place <= 1));
});

Deno.test("corridor-float: keeps the contract of its kind", async () => {
  assert.deepEqual(await checkEnv(corridorFloat({ stride: 0.2 })), []);
});

Deno.test("a table of states is refused floats in one sentence", () => {
  const define = (student: never) =>
    definePipeline({
      name: "floats",
      env: corridorFloat(),
      teacher: noTeacher(),
      student,
      advantage: tdError(),
      feedback: noFeedback(),
    });
  assert.throws(() => define(tabularQ() as never), {
    code: "E_WIRING",
    message: 'The student "tabular-q" takes observations of the kind "vector" or "grid", and the ' +
      'env "corridor-float" gives "box".',
  });
});
