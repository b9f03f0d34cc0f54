import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { LEVEL_IDS } from "../../../../plugins/env/babyai/levels.ts";
import type { ObservationKind } from "../../../../plugins/env/babyai/observers.ts";
import { BabyAIVector } from "../../../../plugins/env/babyai/vector.ts";

function twins(
  level: string,
  observation: ObservationKind,
  seed = 5,
): [BabyAIVector, BabyAIVector] {
  const plain = new BabyAIVector({ level }), other = new BabyAIVector({ level, observation });
  plain.reset([seed]);
  other.reset([seed]);
  return [plain, other];
}

/** What Minigrid's wrapper gave: a digest of the image after the reset and after each action. */
interface Reference {
  readonly level: string;
  /** "full" FullyObs, "one-hot" OneHotPartialObs, "flat" FlatObs, "v9" a view of nine cells. */
  readonly wrapper: string;
  readonly seed: number;
  readonly actions: string;
  readonly digest: string;
}

const fixture = new URL("../../../fixtures/babyai/wrappers.jsonl", import.meta.url);
const references: Reference[] = Deno.readTextFileSync(fixture).trim().split("\n")
  .map((line) => JSON.parse(line));

/** Bytes of an image as Minigrid has it. */
function imageBytes(wrapper: string, width: number, height: number): number {
  if (wrapper === "full") return 3 * width * height;
  if (wrapper === "one-hot") return 49 * 20;
  return wrapper === "flat" ? 147 + 96 * 28 : 3 * Number(wrapper.slice(1)) ** 2;
}

Deno.test("observations are those of Minigrid's wrappers", () => {
  for (const { level, wrapper, seed, actions, digest } of references) {
    const options = wrapper.startsWith("v")
      ? { viewSize: Number(wrapper.slice(1)) }
      : { observation: wrapper as ObservationKind };
    const worlds = new BabyAIVector({ level, autoreset: false, ...options });
    const bytes = imageBytes(wrapper, worlds.worlds.width, worlds.worlds.height);
    worlds.reset([seed]);
    const sha = createHash("sha256").update(worlds.observations.subarray(0, bytes));
    for (const action of actions) {
      worlds.step([Number(action)]);
      sha.update(worlds.observations.subarray(0, bytes));
    }
    assert.equal(sha.digest("hex"), digest, `${wrapper} of ${level}`);
  }
  assert.equal(references.length, 30);
});

Deno.test("every observation keeps within its categories, in whole words", () => {
  for (const observation of ["view", "full", "one-hot", "flat"] as const) {
    for (const level of ["BabyAI-GoToObjS4-v0", "BabyAI-UnlockPickup-v0"]) {
      const worlds = new BabyAIVector({ level, observation, envs: 3 });
      worlds.reset([0, 1, 2]);
      for (let t = 0; t < 60; t++) worlds.step([t % 7, 2, (t * t) % 7]);
      const size = worlds.categories.length;
      assert.equal(size % 4, 0);
      assert.equal(worlds.observations.length, 3 * size);
      worlds.observations.forEach((value, k) => assert.ok(value < worlds.categories[k % size]!));
    }
  }
});

Deno.test('"full" shows the whole grid and the agent in it', () => {
  const [plain, full] = twins("BabyAI-UnlockPickup-v0", "full");
  const world = full.world(0), { observations } = full;
  for (const action of [2, 1, 2, 5]) {
    full.step([action]);
    plain.step([action]);
    for (let x = 0; x < world.width; x++) {
      for (let y = 0; y < world.height; y++) {
        const at = 3 * (x * world.height + y);
        const expected = x === world.agentX && y === world.agentY
          ? [10, 0, world.direction]
          : [world.typeAt(x, y), world.colorAt(x, y), world.stateAt(x, y)];
        assert.deepEqual([...observations.subarray(at, at + 3)], expected);
      }
    }
  }
  assert.equal(full.mission(0), plain.mission(0));
});

Deno.test('"one-hot" sets one bit for the type, colour and state of each cell', () => {
  const [plain, hot] = twins("BabyAI-GoToDoor-v0", "one-hot");
  for (let cell = 0; cell < 49; cell++) {
    const bits = hot.observations.subarray(20 * cell, 20 * cell + 20);
    const [type, color, state] = plain.observations.subarray(3 * cell, 3 * cell + 3);
    const set = [...bits.entries()].filter(([, bit]) => bit === 1).map(([k]) => k);
    assert.deepEqual(set, [type, 11 + color!, 17 + state!]);
  }
  assert.equal(hot.observations[980], plain.observations[147]);
});

Deno.test('"flat" spells the mission after the image', () => {
  const [plain, flat] = twins("BabyAI-OpenRedBlueDoors-v0", "flat");
  assert.deepEqual(flat.observations.subarray(0, 147), plain.observations.subarray(0, 147));
  let spelled = "";
  for (let k = 0; k < 96; k++) {
    const bits = flat.observations.subarray(147 + 28 * k, 147 + 28 * k + 28);
    const code = bits.indexOf(1);
    if (code >= 0) spelled += "abcdefghijklmnopqrstuvwxyz ,"[code];
  }
  assert.equal(spelled, "open the red door, then open the blue door");
});

Deno.test('"flat" refuses a mission that it cannot hold', () => {
  const worlds = new BabyAIVector({ level: "BabyAI-BossLevel-v0", observation: "flat" });
  assert.throws(() => {
    for (let seed = 0; seed < 50; seed++) worlds.reset([seed]);
  }, { code: "E_OPTION", message: /characters: the observation "flat" holds 96/ });
});

Deno.test("a wider view shows more of the same world", () => {
  for (const level of LEVEL_IDS.slice(0, 8)) {
    const small = new BabyAIVector({ level }), wide = new BabyAIVector({ level, viewSize: 9 });
    small.reset([3]);
    wide.reset([3]);
    assert.equal(wide.observations.length, 244);
    assert.equal(wide.mission(0), small.mission(0));
    assert.deepEqual(wide.world(0).instruction, small.world(0).instruction);
    for (let i = 0; i < 7; i++) {
      for (let j = 0; j < 7; j++) {
        const seen = small.observations[3 * (7 * i + j)]!;
        if (seen !== 0) assert.equal(wide.observations[3 * (9 * (i + 1) + j + 2)], seen);
      }
    }
  }
});
