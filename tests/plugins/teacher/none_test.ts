import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { none } from "../../../plugins/teacher/none.ts";
import { Ticks } from "../../core/stubs.ts";
import { spec } from "../moments.ts";

Deno.test("none: is silent for any number of environments and costs nothing", async () => {
  const teacher = await none().create(createContext({ seed: 0 }), { env: spec });
  assert.deepEqual(teacher.candidates, spec.actions);
  assert.deepEqual(teacher.learnsBy, []);
  for (const envs of [2, 3, 2]) {
    const silence = await teacher.advise(new Ticks(envs), "train");
    assert.deepEqual([...silence.choices], new Array(envs).fill(-1));
    assert.equal(silence.distribution.length, 2 * envs);
  }
  assert.deepEqual(teacher.usage(), { calls: 0, cacheHits: 0, tokens: 0 });
});
