import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { checkStage } from "../../../core/testing/mod.ts";
import { pendulum } from "../../../plugins/mod.ts";
import golden from "../../fixtures/pendulum.json" with { type: "json" };

async function pendulums(envs: number) {
  return await pendulum().create(createContext({ seed: 0 }), { envs });
}

Deno.test("pendulum keeps its contract", async () => {
  assert.deepEqual(await checkStage(pendulum(), { world: pendulum() as never }), []);
});

for (const [k, { start, torques, rows }] of golden.entries()) {
  Deno.test(`pendulum moves as the equations of Pendulum-v1 say, episode ${k}`, async () => {
    const env = await pendulums(1);
    env.reset([1]);
    const { json, arrays } = await env.save!();
    await env.load!({ json: { ...json as object, worlds: [start] }, arrays });
    for (const [t, torque] of torques.entries()) {
      const { observations, rewards } = env.step(Float32Array.of(torque));
      const found = [...observations.tensors.state!.data, rewards[0]!];
      const right = rows[t]!;
      found.forEach((value, d) => {
        assert.ok(Math.abs(value - right[d]!) < 2e-6 * (1 + Math.abs(right[d]!)), `${t}: ${found}`);
      });
    }
  });
}

Deno.test("pendulum is cut after 200 steps, and never ends by itself", async () => {
  const env = await pendulums(2);
  env.reset([1, 2]);
  for (let t = 1; t <= 400; t++) {
    const { truncated, terminated, finals, observations } = env.step(new Float32Array(2));
    assert.deepEqual([...truncated, ...terminated], t % 200 === 0 ? [1, 1, 0, 0] : [0, 0, 0, 0]);
    if (t === 200) {
      assert.notDeepEqual(finals.tensors.state!.data, observations.tensors.state!.data);
    }
  }
});

Deno.test("pendulum refuses a torque that is no number", async () => {
  const env = await pendulums(1);
  env.reset([1]);
  assert.throws(() => env.step(Float32Array.of(NaN)), { code: "E_ACTION", message: /"NaN"/ });
});
