import assert from "node:assert/strict";
import { BabyAIVector } from "../../../../plugins/env/babyai/vector.ts";
import { Pcg64 } from "../../../../core/kit/random.ts";

/** Random actions that favour moving, for N worlds. */
function actionsFor(envs: number, random: Pcg64): Int32Array {
  const choices = [0, 1, 2, 2, 2, 3, 4, 5, 6];
  return Int32Array.from({ length: envs }, () => random.choice(choices));
}

function code(expected: string, message?: RegExp) {
  return (error: unknown) => {
    assert.equal((error as { code: string }).code, expected);
    if (message) assert.match(String(error), message);
    return true;
  };
}

Deno.test("BabyAIVector starts worlds of different seeds side by side", () => {
  const many = new BabyAIVector({ level: "BabyAI-BossLevel-v0", envs: 3 });
  const one = new BabyAIVector({ level: "BabyAI-BossLevel-v0" });
  many.reset([4, 7, 4]);
  for (const [i, seed] of [4, 7, 4].entries()) {
    one.reset([seed]);
    assert.deepEqual(many.observations.subarray(148 * i, 148 * (i + 1)), one.observations);
    assert.equal(many.mission(i), one.mission(0));
    assert.equal(many.key(i), one.key(0));
  }
  assert.notEqual(many.key(0), many.key(1));
});

Deno.test("BabyAIVector takes worlds 0, 1, 2, ... where no seed was ever given", () => {
  const options = { level: "BabyAI-GoToLocal-v0", envs: 3 };
  const fresh = new BabyAIVector(options), seeded = new BabyAIVector(options);
  fresh.reset();
  seeded.reset([0, 1, 2]);
  assert.deepEqual(fresh.observations, seeded.observations);
});

Deno.test("BabyAIVector gives rewards of 1 - 0.9 t / T", () => {
  const worlds = new BabyAIVector({ level: "BabyAI-GoToRedBallNoDists-v0" });
  worlds.reset([0]);
  const random = new Pcg64(1);
  const seen = new Set<boolean>();
  for (let t = 1, ends = 0; ends < 30; t++) {
    worlds.step(Int32Array.of(random.integers(0, 3)));
    if (worlds.terminated[0] === 1) assert.equal(worlds.rewards[0], 1 - 0.9 * (t / 64));
    else assert.equal(worlds.rewards[0], 0);
    assert.equal(worlds.truncated[0], t === 64 ? 1 : 0);
    if (worlds.terminated[0] === 0 && worlds.truncated[0] === 0) continue;
    seen.add(worlds.terminated[0] === 1);
    t = 0;
    ends++;
  }
  assert.equal(seen.size, 2, "both kinds of end were seen");
});

Deno.test("BabyAIVector resets in the step that ends an episode, and keeps its end aside", () => {
  const options = { level: "BabyAI-GoToLocalS5N2-v0", envs: 4 };
  const auto = new BabyAIVector(options);
  const manual = new BabyAIVector({ ...options, autoreset: false });
  const random = new Pcg64(2);
  auto.reset([0, 1, 2, 3]);
  manual.reset([0, 1, 2, 3]);
  let ends = 0;
  for (let t = 0; t < 200; t++) {
    const actions = actionsFor(4, random);
    auto.step(actions);
    manual.step(actions);
    assert.deepEqual(auto.rewards, manual.rewards);
    for (let i = 0; i < 4; i++) {
      if (manual.terminated[i] === 0 && manual.truncated[i] === 0) continue;
      const row = [148 * i, 148 * (i + 1)] as const;
      assert.deepEqual(auto.finals.subarray(...row), manual.observations.subarray(...row));
      assert.deepEqual(auto.finalText(i), manual.text(i));
      assert.equal(auto.finalMission(i), manual.mission(i));
      assert.equal(auto.finalKey(i), manual.key(i));
      manual.resetOne(i);
      ends++;
    }
    assert.deepEqual(auto.observations, manual.observations);
  }
  assert.ok(ends > 10);
});

Deno.test("BabyAIVector goes on exactly where it was saved", () => {
  for (const level of ["BabyAI-BossLevel-v0", "BabyAI-PutNextS5N2Carrying-v0"]) {
    const first = new BabyAIVector({ level, envs: 3 });
    const random = new Pcg64(3);
    first.reset([5, 6, 7]);
    for (let t = 0; t < 57; t++) first.step(actionsFor(3, random));
    const saved = structuredClone(first.save());
    const json = JSON.parse(JSON.stringify(saved.json));
    const second = new BabyAIVector({ level, envs: 3 });
    second.load({ json, arrays: saved.arrays });
    assert.deepEqual(second.observations, first.observations);
    for (let t = 0; t < 300; t++) {
      const actions = actionsFor(3, random);
      first.step(actions);
      second.step(actions);
      assert.deepEqual(second.observations, first.observations);
      assert.deepEqual(second.rewards, first.rewards);
    }
    assert.deepEqual(second.save(), first.save());
  }
});

Deno.test("BabyAIVector refuses the state of other worlds", () => {
  const three = new BabyAIVector({ level: "BabyAI-GoToObj-v0", envs: 3 });
  const two = new BabyAIVector({ level: "BabyAI-GoToObj-v0", envs: 2 });
  const other = new BabyAIVector({ level: "BabyAI-GoToObjS4-v0", envs: 3 });
  assert.throws(() => two.load(three.save()), code("E_SHAPE", /3 worlds .* 2 worlds/));
  assert.throws(() => other.load(three.save()), code("E_SHAPE"));
  const { json, arrays } = three.save();
  const cut = { ...arrays, agent: { shape: [1], data: new Int32Array(1) } };
  assert.throws(() => three.load({ json, arrays: cut }), code("E_SHAPE", /"agent" has 1 entries/));
});

Deno.test("BabyAIVector refuses actions that are none, before any world acts", () => {
  const worlds = new BabyAIVector({ level: "BabyAI-GoToObj-v0", envs: 2 });
  worlds.reset([0, 1]);
  const before = worlds.save();
  for (const action of [7, -1, 0.5, NaN]) {
    assert.throws(() => worlds.step([2, action]), code("E_ACTION", /world 1/));
  }
  assert.throws(() => worlds.step([2]), code("E_ACTION", /1 actions for 2 worlds/));
  assert.deepEqual(worlds.save(), before);
});

Deno.test("BabyAIVector refuses steps before the start and after the end", () => {
  const worlds = new BabyAIVector({ level: "BabyAI-OpenRedDoor-v0", autoreset: false });
  assert.throws(() => worlds.step([0]), code("E_ACTION", /not begun/));
  worlds.reset([0]);
  while (worlds.truncated[0] === 0) worlds.step([6]);
  assert.throws(() => worlds.step([0]), code("E_ACTION", /must be reset/));
  worlds.resetOne(0);
  worlds.step([0]);
});

Deno.test("BabyAIVector refuses impossible options", () => {
  const level = "BabyAI-GoToObj-v0";
  assert.throws(() => new BabyAIVector({ level: "BabyAI-GoTo" }), code("E_LEVEL", /GoTo-v0/));
  assert.throws(() => new BabyAIVector({ level: "toString" }), code("E_LEVEL"));
  assert.throws(() => new BabyAIVector({ level, envs: 0 }), code("E_OPTION", /envs is "0"/));
  assert.throws(() => new BabyAIVector({ level, viewSize: 4 }), code("E_OPTION", /viewSize/));
  assert.throws(() => new BabyAIVector({ level, viewSize: 17 }), code("E_OPTION", /viewSize/));
  const worlds = new BabyAIVector({ level, envs: 2 });
  assert.throws(() => worlds.reset([1]), code("E_OPTION", /1 seeds for 2 worlds/));
  assert.throws(() => worlds.reset([1, -1]), code("E_OPTION", /seed is "-1"/));
});

Deno.test("BabyAIVector masks the actions that would change nothing", () => {
  const worlds = new BabyAIVector({ level: "BabyAI-GoToRedBallNoDists-v0" });
  worlds.reset([0]);
  const masks = new Uint8Array(7);
  const turns = new BabyAIVector({ level: "BabyAI-GoToRedBallNoDists-v0" });
  turns.reset([0]);
  for (let t = 0; t < 40; t++) {
    worlds.writeActionMasks(masks);
    assert.deepEqual([masks[0], masks[1], masks[4], masks[6]], [1, 1, 0, 0]);
    const { frontX, frontY } = worlds.world(0);
    assert.equal(masks[2], worlds.world(0).typeAt(frontX, frontY) === 1 ? 1 : 0);
    worlds.step([t % 5 === 0 ? 1 : 2]);
  }
});

Deno.test("every final mission can be read, also where no episode has ended yet", () => {
  const worlds = new BabyAIVector({ level: "BabyAI-GoToSeqS5R2-v0", envs: 3 });
  worlds.reset([1, 2, 3]);
  const missions = [0, 1, 2].map((i) => worlds.mission(i));
  assert.deepEqual([0, 1, 2].map((i) => worlds.finalMission(i)), missions);
  const random = new Pcg64(1);
  while (!worlds.truncated.includes(1)) worlds.step(actionsFor(3, random));
  const going = [0, 1, 2].filter((i) => !worlds.truncated[i] && worlds.mission(i) === missions[i]);
  assert.ok(going.length > 0, "limits differ from mission to mission");
  for (const i of [0, 1, 2]) assert.equal(worlds.finalMission(i), missions[i]);
});
