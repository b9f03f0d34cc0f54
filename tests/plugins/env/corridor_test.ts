import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import type { Env, Observations } from "../../../core/stages/mod.ts";
import { corridor } from "../../../plugins/env/corridor.ts";
import { bytesIn } from "../../core/tensors.ts";
import { multiDiscrete } from "../../../core/kit/spaces.ts";

const open = async (envs: number, length = 7): Promise<Env> =>
  await corridor({ length }).create(createContext({ seed: 0 }), { envs });
const seeds = (envs: number) => Array.from({ length: envs }, (_, i) => i);
const cellsOf = ({ tensors }: Observations) => bytesIn(tensors);
const act = (...actions: number[]) => Int32Array.from(actions);

Deno.test("corridor: says what it looks like from outside", async () => {
  const { spec } = await open(3, 5);
  assert.equal(spec.id, "Corridor-5");
  assert.equal(spec.envs, 3);
  assert.deepEqual(spec.observation, { cells: multiDiscrete([5, 5]) });
  assert.deepEqual(spec.actions, ["go left", "go right", "stay"]);
  assert.equal(spec.maxSteps, 15);
});

Deno.test("corridor: the same seed gives the same world, and agent and flag are apart", async () => {
  const env = await open(100);
  const first = cellsOf(env.reset(seeds(100))).slice();
  assert.deepEqual(cellsOf(env.reset(seeds(100))), first);
  assert.notDeepEqual(cellsOf(env.reset(seeds(100).map((seed) => seed + 1))), first);
  for (let i = 0; i < 100; i++) {
    assert.notEqual(first[2 * i], first[2 * i + 1]);
    assert.ok(first[2 * i]! < 7 && first[2 * i + 1]! < 7);
  }
});

Deno.test("corridor: the agent moves, stays, and does not leave", async () => {
  const env = await open(1);
  const cells = cellsOf(env.reset([0]));
  cells.set([1, 6]);
  const cell = (action: number) => cellsOf(env.step(act(action)).observations)[0];
  assert.deepEqual([0, 0, 2, 1, 1].map(cell), [0, 0, 0, 1, 2]);
});

Deno.test("corridor: reaching the flag terminates with a reward that falls with time", async () => {
  const env = await open(1, 5);
  cellsOf(env.reset([0])).set([1, 3]);
  assert.deepEqual([...env.step(act(1)).rewards], [0]);
  const { rewards, terminated, truncated, finals, observations } = env.step(act(1));
  assert.equal(rewards[0], Math.fround(1 - 0.9 * 2 / 15));
  assert.deepEqual([terminated[0], truncated[0]], [1, 0]);
  assert.deepEqual([...cellsOf(finals)], [3, 3]);
  assert.notDeepEqual([...cellsOf(observations)], [3, 3]);
});

Deno.test("corridor: the step limit truncates, and the next episode has the whole limit again", async () => {
  const env = await open(1, 2);
  for (let episode = 0; episode < 2; episode++) {
    if (episode === 0) env.reset([0]);
    for (let t = 1; t <= 6; t++) {
      const { terminated, truncated, rewards } = env.step(act(2));
      assert.deepEqual([terminated[0], truncated[0], rewards[0]], [0, t === 6 ? 1 : 0, 0]);
    }
  }
});

Deno.test("corridor: reaching the flag at the last step is a termination, not a truncation", async () => {
  const env = await open(1, 2);
  const cells = cellsOf(env.reset([0]));
  for (let t = 0; t < 5; t++) env.step(act(2));
  const { terminated, truncated } = env.step(act(cells[0]! > cells[1]! ? 0 : 1));
  assert.deepEqual([terminated[0], truncated[0]], [1, 0]);
});

Deno.test("corridor: environments do not touch each other", async () => {
  const [both, alone] = [await open(2), await open(1)];
  both.reset([5, 6]);
  alone.reset([6]);
  for (let t = 0; t < 50; t++) {
    const two = both.step(act(t % 2, 1));
    const one = alone.step(act(1));
    assert.deepEqual([...cellsOf(two.observations).subarray(2)], [...cellsOf(one.observations)]);
    assert.equal(two.rewards[1], one.rewards[0]);
  }
});

Deno.test("corridor: the expert walks to the flag", async () => {
  const env = await open(2);
  const cells = cellsOf(env.reset([0, 1]));
  cells.set([4, 2, 2, 4]);
  assert.deepEqual([env.oracle!.action(0), env.oracle!.action(1)], [0, 1]);
  assert.deepEqual([0, 1, 2].map((action) => env.oracle!.isRight(0, action)), [true, false, false]);
});

Deno.test("corridor: says what it sees in words, and gives equal states equal keys", async () => {
  const env = await open(2);
  const observations = env.reset([0, 1]);
  cellsOf(observations).set([4, 2, 2, 3]);
  assert.deepEqual(observations.text(0), ["You see a flag 2 steps left"]);
  assert.deepEqual(observations.text(1), ["You see a flag 1 step right"]);
  assert.equal(observations.mission(0), "go to the flag");
  const [a, b] = [observations.key(0), observations.key(1)];
  assert.notEqual(a, b);
  cellsOf(observations).set([2, 3, 4, 2]);
  assert.deepEqual([observations.key(0), observations.key(1)], [b, a]);
});

Deno.test("corridor: refuses what is no action and impossible lengths", async () => {
  const env = await open(1);
  env.reset([0]);
  for (const action of [3, -1]) {
    assert.throws(() => env.step(act(action)), {
      code: "E_ACTION",
      message:
        `"${action}" is no action of "Corridor-7": it has 0 (go left), 1 (go right), 2 (stay).`,
    });
  }
  for (const length of [1, 256, 2.5]) {
    assert.throws(() => corridor({ length }), { code: "E_OPTION" });
  }
});
