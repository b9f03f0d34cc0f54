import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { checkEnv } from "../../../core/testing/mod.ts";
import { measureCeiling, measureFloor } from "../../../core/run/measure/evaluation.ts";
import type { Env, StageState } from "../../../core/stages/mod.ts";
import { cartpole } from "../../../plugins/env/cartpole.ts";
import fixture from "../../fixtures/cartpole.json" with { type: "json" };

const context = createContext({ seed: 0 });
type Saving = Env & Required<Pick<Env, "save" | "load">>;
const open = async (envs: number) => await cartpole().create(context, { envs }) as Saving;
const seeds = (envs: number) => Array.from({ length: envs }, (_, i) => i);

interface Kept {
  readonly worlds: readonly number[][];
}

/** The env with its worlds in these states. */
async function at(...worlds: readonly number[][]): Promise<Saving> {
  const env = await open(worlds.length);
  env.reset(seeds(worlds.length));
  const { json, arrays } = await env.save();
  await env.load({ json: { ...json as Kept, worlds }, arrays } as StageState);
  return env;
}

Deno.test("cartpole: goes by Gymnasium's equations, as Python computes them", async () => {
  for (const { start, steps } of fixture) {
    const env = await at(start);
    for (const { action, state, over } of steps) {
      const answer = env.step(Int32Array.of(action));
      const seen = (over ? answer.finals : answer.observations).tensors.state!.data;
      assert.deepEqual([...answer.terminated], [over ? 1 : 0]);
      assert.deepEqual([...answer.rewards], [1]);
      const exact = over ? undefined : ((await env.save()).json as Kept).worlds[0]!;
      state.forEach((right, k) => {
        assert.ok(Math.abs(seen[k]! - right) < 1e-6 * Math.max(1, Math.abs(right)));
        if (exact) assert.ok(Math.abs(exact[k]! - right) < 1e-12, `${exact[k]} is not ${right}`);
      });
    }
  }
});

Deno.test("cartpole: starts near upright, by the seed alone", async () => {
  const env = await open(200);
  const first = env.reset(seeds(200)).tensors.state!.data.slice();
  assert.ok(first.every((value) => Math.abs(value) <= 0.05));
  assert.ok(Math.max(...first) > 0.045 && Math.min(...first) < -0.045);
  assert.deepEqual(env.reset(seeds(200)).tensors.state!.data, first);
});

Deno.test("cartpole: is cut after 500 steps, and that is no failure", async () => {
  const env = await open(1);
  env.reset([0]);
  for (let t = 1; t <= 500; t++) {
    const { terminated, truncated } = env.step(Int32Array.of(env.oracle!.action(0)));
    assert.deepEqual([terminated[0], truncated[0]], [0, t === 500 ? 1 : 0]);
  }
});

Deno.test("cartpole: chance fails soon, the expert holds on, and a return of 475 is success", async () => {
  const env = await open(50);
  const [floor, ceiling] = [await measureFloor(env, context), await measureCeiling(env)];
  assert.ok(floor.meanReward > 15 && floor.meanReward < 30, `${floor.meanReward}`);
  assert.equal(floor.rate, 0);
  assert.deepEqual([ceiling?.meanReward, ceiling?.rate], [500, 1]);
});

Deno.test("cartpole: says what it sees in words", async () => {
  const env = await at([1, -0.5, 0.1, -1], [0, 0.5, -0.1, 0]);
  const { observations } = env.step(Int32Array.of(0, 0));
  assert.deepEqual(observations.text(0), [
    "The pole leans right",
    "The pole is about to fall left",
    "The cart is on the right",
    "The cart rolls left",
  ]);
  assert.equal(observations.text(1)[2], "The cart is in the middle");
  assert.equal(observations.mission(0), "keep the pole upright");
});

Deno.test("cartpole: keeps the contract of its kind", async () => {
  assert.deepEqual(await checkEnv(cartpole()), []);
});
