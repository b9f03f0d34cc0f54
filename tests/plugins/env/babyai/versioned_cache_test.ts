import { strict as assert } from "node:assert";
import { Pcg64 } from "../../../../core/kit/random.ts";
import { BabyAIEnv } from "../../../../plugins/env/babyai/env.ts";
import { VersionedCache } from "../../../../plugins/env/babyai/versioned_cache.ts";

const ENVS = 4, STEPS = 200;

for (const level of ["GoToLocal", "UnlockPickup", "Unlock", "KeyInBox"]) {
  Deno.test(`What ${level} says of a world after each step is what one that just came says`, () => {
    const options = { level: `BabyAI-${level}-v0`, envs: ENVS };
    const env = new BabyAIEnv(options);
    const random = new Pcg64(3);
    let now = env.reset([1, 2, 3, 4]);
    for (let step = 0; step < STEPS; step++) {
      const other = new BabyAIEnv(options);
      const then = other.reset([5, 6, 7, 8]);
      for (let i = 0; i < ENVS; i++) then.key(i), then.text(i), then.mission(i), other.snapshot(i);
      other.load(env.save());
      for (let i = 0; i < ENVS; i++) {
        assert.equal(now.key(i), then.key(i));
        assert.deepEqual(now.text(i), then.text(i));
        assert.equal(now.mission(i), then.mission(i));
        assert.equal(env.snapshot(i), other.snapshot(i));
      }
      now = env.step(Int32Array.from({ length: ENVS }, () => random.integers(0, 7))).observations;
    }
  });
}

Deno.test("VersionedCache makes a value once a version", () => {
  const versions = Uint32Array.of(1, 1);
  const made: number[] = [];
  const cache = new VersionedCache(versions, (i) => made.push(i));
  for (const i of [0, 0, 1, 0]) cache.of(i);
  assert.deepEqual(made, [0, 1]);
  versions[0] = 2;
  assert.equal(cache.of(0), 3);
  assert.equal(cache.of(0), 3);
  assert.deepEqual(made, [0, 1, 0]);
});
