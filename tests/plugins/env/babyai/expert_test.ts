import assert from "node:assert/strict";
import { Pcg64 } from "../../../../core/kit/random.ts";
import { cloneWorld } from "../../../../plugins/env/babyai/copy.ts";
import { Expert } from "../../../../plugins/env/babyai/expert.ts";
import { BabyAIVector } from "../../../../plugins/env/babyai/vector.ts";

function begin(level: string, seed: number) {
  const vector = new BabyAIVector({ level, autoreset: false });
  vector.resetOne(0, seed);
  return { vector, expert: new Expert(vector.world(0)) };
}

const levels = ["GoToLocal", "PickupLoc", "PutNextLocal", "UnlockPickup", "GoToSeqS5R2"];

Deno.test("Expert.planLength() is the number of steps that following it takes", () => {
  for (const level of levels.map((name) => `BabyAI-${name}-v0`)) {
    for (let seed = 0; seed < 5; seed++) {
      const { vector, expert } = begin(level, seed);
      for (let left = expert.planLength(); left > 0; left--) {
        assert.equal(expert.planLength(), left, `${level} seed ${seed}`);
        const action = expert.action();
        vector.step([action]);
        expert.record(action);
      }
      assert.equal(vector.terminated[0], 1, `${level} seed ${seed}`);
      assert.ok(vector.rewards[0]! > 0, `${level} seed ${seed}`);
    }
  }
});

Deno.test("Expert.isRight() holds for actions after which its plan is no longer", () => {
  const random = new Pcg64(1);
  let right = 0, others = 0;
  for (const level of levels.map((name) => `BabyAI-${name}-v0`)) {
    for (let seed = 0; seed < 5; seed++) {
      const { vector, expert } = begin(level, seed);
      for (let step = 0; step < 12 && expert.action() >= 0; step++) {
        const before = expert.planLength();
        const action = random.integers(0, 6);
        const isRight = expert.isRight(action);
        const advised = expert.action();
        vector.step([action]);
        expert.record(action);
        if (vector.terminated[0] === 1) {
          assert.equal(isRight, action === advised || vector.rewards[0]! > 0);
          break;
        }
        if (action === advised) assert.ok(isRight);
        else assert.equal(isRight, expert.planLength() <= before - 1, `${level} seed ${seed}`);
        if (isRight) right++;
        else others++;
      }
    }
  }
  assert.ok(right > 20 && others > 20, `${right} right, ${others} others`);
});

Deno.test("Expert plans the same whether it is asked at every step or at the end", () => {
  const random = new Pcg64(2);
  const vector = new BabyAIVector({ level: "BabyAI-GoToSeqS5R2-v0", autoreset: false });
  vector.resetOne(0, 0);
  const asked = new Expert(vector.world(0)), late = new Expert(vector.world(0));
  for (let seed = 0; seed < 10; seed++) {
    vector.resetOne(0, seed);
    asked.begin();
    late.begin();
    for (let step = 0; step < 15 && vector.terminated[0] === 0; step++) {
      const action = random.integers(0, 4);
      vector.step([action]);
      asked.record(action);
      late.record(action);
      asked.action();
    }
    assert.equal(late.action(), asked.action());
    assert.deepEqual(late.plan(), asked.plan());
    assert.equal(late.planLength(), asked.planLength());
    vector.terminated[0] = 0;
  }
});

Deno.test("Expert leaves the world as it is", () => {
  const { vector, expert } = begin("BabyAI-PutNextLocal-v0", 0);
  const before = structuredClone({ ...vector.worlds });
  for (let action = 0; action < 7; action++) expert.isRight(action);
  assert.deepEqual({ ...vector.worlds }, before);
});

Deno.test("Expert has no action and calls none right where it is stuck", () => {
  const { expert } = begin("BabyAI-KeyInBox-v0", 0);
  let steps = 0;
  const { vector } = begin("BabyAI-KeyInBox-v0", 0);
  for (; expert.action() >= 0; steps++) {
    const action = expert.action();
    vector.step([action]);
    expert.record(action);
  }
  assert.ok(steps < 50);
  assert.equal(expert.planLength(), Infinity);
  for (let action = 0; action < 7; action++) assert.equal(expert.isRight(action), false);
});

Deno.test("cloneWorld() copies all of a world and nothing of its neighbours", () => {
  const vector = new BabyAIVector({ level: "BabyAI-BossLevel-v0", envs: 3 });
  vector.reset([5, 6, 7]);
  const clone = cloneWorld(vector.world(1));
  const alone = new BabyAIVector({ level: "BabyAI-BossLevel-v0", autoreset: false });
  alone.resetOne(0, 6);
  assert.deepEqual({ ...clone.worlds }, { ...alone.worlds });
  assert.equal(clone.mission, vector.mission(1));
});
