/** Controls at every grain: what knows nothing, and what is always wrong. */
import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import type { Oracle, Teacher } from "../../../core/stages/mod.ts";
import { constant } from "../../../plugins/teacher/constant.ts";
import { misleading } from "../../../plugins/teacher/misleading.ts";
import { random } from "../../../plugins/teacher/random.ts";
import { Ticks } from "../../core/stubs.ts";
import { spec } from "../moments.ts";

const guidance = { subgoal: ["fetch it", "open it"], reference: ["here", "left", "right"] };
const env = { ...spec, guidance };
const oracle: Oracle = {
  action: (i) => i === 2 ? -1 : 0,
  isRight: () => true,
  subgoal: (i) => i === 0 ? "fetch it" : "",
  references: (i) => i === 0 ? ["left", "here"] : [],
};
const context = () => createContext({ seed: 0 });

const said = async (teacher: Teacher, envs = 3) =>
  Array.from((await teacher.advise(new Ticks(envs), "train", oracle)).choices);

Deno.test("controls name what their grain names, and fit whoever hears that", async () => {
  for (const grain of ["subgoal", "reference"] as const) {
    for (const plugin of [random, constant, misleading]) {
      const stage = plugin({ grain });
      const teacher = await stage.create(context(), { env });
      assert.deepEqual([teacher.grain, teacher.candidates], [grain, guidance[grain]]);
      assert.deepEqual(stage.fits, [grain]);
    }
  }
});

Deno.test("random: any place, each as likely", async () => {
  const teacher = await random({ grain: "reference" }).create(context(), { env });
  const choices = await said(teacher, 3000);
  for (const place of [0, 1, 2]) {
    const share = choices.filter((choice) => choice === place).length / 3000;
    assert.ok(Math.abs(share - 1 / 3) < 0.04, `${share}`);
  }
});

Deno.test("constant: one candidate of its grain, and no other words", async () => {
  const open = async (says: string) =>
    await constant({ grain: "reference", says }).create(context(), { env });
  assert.deepEqual(await said(await open("right")), [2, 2, 2]);
  const message = '"Tests-v0" has no reference "rihgt". Did you mean "right"?';
  await assert.rejects(open("rihgt"), { code: "E_OPTION", message });
});

Deno.test("misleading: never what the expert would name, and silent where it names nothing", async () => {
  const pointing = await misleading({ grain: "reference" }).create(context(), { env });
  assert.deepEqual(await said(pointing), [2, -1, -1]);
  const leading = await misleading({ grain: "subgoal" }).create(context(), { env });
  assert.deepEqual(await said(leading), [1, -1, -1]);
});
