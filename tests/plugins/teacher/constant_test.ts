import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { constant } from "../../../plugins/teacher/constant.ts";
import { Ticks } from "../../core/stubs.ts";
import { spec } from "../moments.ts";

const open = async (options = {}) =>
  await constant(options).create(createContext({ seed: 0 }), { env: spec });

Deno.test("constant: suggests one action everywhere, the first unless told", async () => {
  const guidance = await (await open({ says: "right" })).advise(new Ticks(2), "train");
  assert.deepEqual([...guidance.choices], [1, 1]);
  assert.deepEqual([...guidance.distribution], [0, 1, 0, 1]);
  assert.deepEqual([...(await (await open()).advise(new Ticks(2), "train")).choices], [0, 0]);
});

Deno.test("constant: refuses what is no action of the environment", async () => {
  await assert.rejects(open({ says: "rihgt" }), {
    code: "E_OPTION",
    message: '"Tests-v0" has no action "rihgt". Did you mean "right"?',
  });
  await assert.rejects(open({ says: "jump high" }), {
    message: '"Tests-v0" has no action "jump high". Its actions: left, right.',
  });
});
