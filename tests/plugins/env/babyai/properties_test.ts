import assert from "node:assert/strict";
import fc from "fast-check";
import { BOX, DOOR, EMPTY, KEY, WALL } from "../../../../plugins/env/babyai/cells.ts";
import { LEVEL_IDS, LEVELS } from "../../../../plugins/env/babyai/levels.ts";
import { BabyAIVector } from "../../../../plugins/env/babyai/vector.ts";
import type { World } from "../../../../plugins/env/babyai/world.ts";

const seeds = fc.nat(2 ** 31);
const episodes = fc.array(fc.constantFrom(0, 1, 2, 2, 2, 3, 4, 5, 6), { maxLength: 120 });

/** Runs a check on a random level, seed and sequence of actions. */
function forAllEpisodes(
  check: (worlds: BabyAIVector, actions: number[], seed: number) => void,
  runs = 192,
): void {
  const levels = fc.constantFrom(...LEVEL_IDS);
  fc.assert(
    fc.property(levels, seeds, episodes, (level, seed, actions) => {
      const worlds = new BabyAIVector({ level, autoreset: false });
      worlds.reset([seed]);
      check(worlds, actions, seed);
    }),
    { numRuns: runs },
  );
}

/** Steps until the actions or the episode end; calls `visit` after each step. */
function play(worlds: BabyAIVector, actions: number[], visit: (action: number) => void): void {
  for (const action of actions) {
    if (worlds.terminated[0] === 1 || worlds.truncated[0] === 1) return;
    worlds.step([action]);
    visit(action);
  }
}

/** Every cell that one can walk to from the agent, doors open and things out of the way. */
function walkable(world: World): Set<string> {
  const reached = new Set<string>(), open: [number, number][] = [[world.agentX, world.agentY]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [x, y] = next;
    if (reached.has(`${x},${y}`) || world.typeAt(x, y) === WALL) continue;
    reached.add(`${x},${y}`);
    open.push([x + 1, y], [x - 1, y], [x, y + 1], [x, y - 1]);
  }
  return reached;
}

Deno.test("there are the 96 levels of Minigrid 3.1.0", () => {
  assert.equal(LEVEL_IDS.length, 96);
  for (const id of LEVEL_IDS) assert.match(id, /^BabyAI-[A-Za-z0-9]+-v[01]$/);
});

for (const id of LEVEL_IDS) {
  Deno.test(`${id} is the same for the same seed, and ends within its step limit`, () => {
    const [one, two] = [1, 2].map(() => new BabyAIVector({ level: id })) as [
      BabyAIVector,
      BabyAIVector,
    ];
    for (const seed of [11, 2 ** 40 + 1]) {
      one.reset([seed]);
      two.reset([seed]);
      for (let episode = 0; episode < 3; episode++) {
        assert.deepEqual(one.worlds.columns, two.worlds.columns);
        assert.deepEqual(one.observations, two.observations);
        const limit = one.worlds.maxSteps[0]!;
        assert.ok(limit > 0 && limit <= one.longestEpisode);
        assert.ok(LEVELS[id]().maxSteps === null || limit === LEVELS[id]().maxSteps);
        one.resetOne(0);
        two.resetOne(0);
      }
    }
  });
}

Deno.test("no object is lost: it lies in one cell, is carried, or was in an opened box", () => {
  forAllEpisodes((worlds, actions) => {
    const world = worlds.world(0);
    const opened = new Set<number>();
    const check = () => {
      const found = new Map<number, string>();
      for (let x = 0; x < world.width; x++) {
        for (let y = 0; y < world.height; y++) {
          const id = world.objectAt(x, y), type = world.typeAt(x, y);
          assert.equal(id === 0, type === EMPTY || type === WALL);
          if (id === 0) continue;
          assert.ok(!found.has(id), "an object lies in one cell only");
          found.set(id, `${x},${y}`);
          assert.deepEqual(world.positionOf(id), [x, y]);
          assert.equal(world.objectType(id), type);
          assert.equal(world.objectColor(id), world.colorAt(x, y));
        }
      }
      const inBoxes = new Set(
        world.objects.filter((id) => !opened.has(id)).map((id) => world.contents(id)),
      );
      for (const id of world.objects) {
        if (found.has(id)) continue;
        assert.equal(world.positionOf(id), null);
        assert.ok(id === world.carrying || inBoxes.has(id) || opened.has(id));
      }
    };
    check();
    let ahead = world.objectAt(world.frontX, world.frontY);
    play(worlds, actions, (action) => {
      if (action === 5 && ahead !== 0 && world.objectType(ahead) === BOX) opened.add(ahead);
      check();
      ahead = world.objectAt(world.frontX, world.frontY);
    });
  }, 96);
});

Deno.test("an action changes the world exactly where its mask says so", () => {
  forAllEpisodes((worlds, actions) => {
    const masks = new Uint8Array(7);
    const state = () => {
      const { cells, objectAt, objectPlace, agent, direction, carrying } = worlds.worlds;
      return structuredClone({ cells, objectAt, objectPlace, agent, direction, carrying });
    };
    let before = state();
    worlds.writeActionMasks(masks);
    play(worlds, actions, (action) => {
      const after = state();
      if (masks[action] === 1) assert.notDeepEqual(after, before);
      else assert.deepEqual(after, before);
      before = after;
      worlds.writeActionMasks(masks);
    });
  }, 48);
});

Deno.test("walls never change, the agent stands on free floor or an open door, doors stay", () => {
  forAllEpisodes((worlds, actions) => {
    const world = worlds.world(0);
    const fixtures = () => {
      const all: string[] = [];
      for (let x = 0; x < world.width; x++) {
        for (let y = 0; y < world.height; y++) {
          const type = world.typeAt(x, y);
          if (type === WALL || type === DOOR) all.push(`${x},${y},${type},${world.colorAt(x, y)}`);
        }
      }
      return all;
    };
    const start = fixtures();
    play(worlds, actions, () => {
      const type = world.typeAt(world.agentX, world.agentY);
      assert.ok(
        type === EMPTY || (type === DOOR && world.stateAt(world.agentX, world.agentY) === 0),
      );
    });
    assert.deepEqual(fixtures(), start);
  });
});

Deno.test("every room and object can be walked to, keys and hands permitting", () => {
  const closedRooms =
    /GoToDoor-|GoToObjDoor|OpenDoor|OpenTwo|OpenRedBlue|UnlockLocal|KeyInBox|Action/;
  forAllEpisodes((worlds) => {
    const world = worlds.world(0), reached = walkable(world);
    for (const id of world.objects) {
      const position = world.positionOf(id);
      if (position) assert.ok(reached.has(position.join()), `${position} in ${worlds.level}`);
    }
    if (closedRooms.test(worlds.level)) return;
    for (let x = 0; x < world.width; x++) {
      for (let y = 0; y < world.height; y++) {
        if (world.typeAt(x, y) !== WALL) assert.ok(reached.has(`${x},${y}`));
      }
    }
  });
});

Deno.test("a mission speaks of objects that are there, and a locked door has a key", () => {
  forAllEpisodes((worlds) => {
    const world = worlds.world(0);
    assert.match(worlds.mission(0), /^(go to|open|pick up|put) (a|the) /);
    const keys = world.objects.filter((id) => world.objectType(id) === KEY);
    for (let x = 0; x < world.width; x++) {
      for (let y = 0; y < world.height; y++) {
        if (world.typeAt(x, y) !== DOOR || world.stateAt(x, y) !== 2) continue;
        if (/GoToDoor-|GoToObjDoor/.test(worlds.level)) continue;
        assert.ok(keys.some((id) => world.objectColor(id) === world.colorAt(x, y)));
      }
    }
  });
});
