import assert from "node:assert/strict";
import { createContext, type TandemError } from "@tandem/core";
import { corridor, defineLevel, type LevelPlan, type LevelWorld } from "@tandem/env";
import { checkStage } from "../../../../core/testing/mod.ts";

const plan = (build: (world: LevelWorld) => void, rest: Partial<LevelPlan> = {}): LevelPlan => ({
  ...{ name: "ours", description: "A level.", roomSize: 5, columns: 2 },
  ...rest,
  build,
});

async function missionsOf(level: LevelPlan, seeds: readonly number[]): Promise<string[]> {
  const env = await defineLevel(level)().create(createContext({ seed: 0 }), { envs: seeds.length });
  const seen = env.reset(seeds);
  return seeds.map((_, i) => seen.mission(i));
}

const behindTheDoor = plan((world) => {
  const door = world.door({ room: [0, 0], side: "right", color: "red", locked: true });
  world.object({ type: "key", color: door.color, room: [0, 0] });
  const [box] = world.objects(1, { room: [1, 0] });
  world.agent([0, 0]);
  world.open(door);
  world.then();
  world.pickUp(box!);
}, { maxSteps: 70 });

Deno.test("a level of one's own has BabyAI's words, its expert, and a world a seed", async () => {
  const envs = 16, seeds = Array.from({ length: envs }, (_, i) => i);
  const env = await defineLevel(behindTheDoor)().create(createContext({ seed: 0 }), { envs });
  const seen = env.reset(seeds);
  const first = seeds.map((i) => seen.key(i));
  for (const i of seeds) {
    assert.match(seen.mission(i), /^open the red door, then pick up the \w+ \w+$/);
  }
  assert.deepEqual([env.spec.id, env.spec.maxSteps, env.spec.reference], ["ours", 70, undefined]);
  const solved = new Set<number>();
  for (let step = 0; step < 70; step++) {
    const { rewards } = env.step(Int32Array.from(seeds, (i) => env.oracle!.action(i)));
    rewards.forEach((reward, i) => reward > 0 && solved.add(i));
  }
  assert.equal(solved.size, envs, "the expert finds the key, the door and what lies behind");
  env.reset(seeds);
  assert.deepEqual(seeds.map((i) => seen.key(i)), first);
  assert.ok(new Set(first).size > envs / 2);
});

Deno.test("a level of one's own keeps the contract of an env", async () => {
  assert.deepEqual(await checkStage(defineLevel(behindTheDoor)(), { world: corridor() }), []);
});

Deno.test("a mission may say what is done side by side, in which order, and leave things open", async () => {
  const asks = (ask: (world: LevelWorld) => void) =>
    missionsOf(
      plan((world) => {
        world.object({ type: "ball", color: "red", room: [0, 0] });
        world.object({ type: "box", color: "green", room: [1, 0] });
        world.door({ room: [1, 0], color: "blue" });
        world.agent([0, 0]);
        ask(world);
      }),
      [3],
    );
  const ball = { type: "ball", color: "red" } as const, box = { type: "box" } as const;
  assert.deepEqual(
    await asks((world) => {
      world.goTo(ball);
      world.open({ type: "door" });
      world.after();
      world.putNextTo(ball, box);
    }),
    ["go to the red ball and open the door after you put the red ball next to the box"],
  );
  assert.deepEqual(await asks((world) => world.goTo({ color: "green" })), [
    "go to the green object",
  ]);
});

Deno.test("chance is the seed's: what is left out is drawn, what is chosen too", async () => {
  const level = plan((world) => {
    world.agent();
    world.connectRooms();
    const things = world.objects(3, { alike: true });
    world.requireReachable();
    world.goTo(world.choose(things));
  });
  const seeds = Array.from({ length: 12 }, (_, i) => i);
  const missions = await missionsOf(level, seeds);
  assert.ok(new Set(missions).size > 4, missions.join());
  assert.deepEqual(await missionsOf(level, seeds), missions);
});

const WRONG: readonly [what: string, level: LevelPlan, sentence: RegExp][] = [
  ["no mission", plan((world) => world.agent()), /gives no mission; end it with one/],
  ["nothing behind then", plan((world) => (world.goTo({}), world.then())), /gives no mission/],
  [
    "three things side by side",
    plan((world) => [1, 2, 3].forEach(() => world.goTo({}))),
    /more than 2 things to do side by side/,
  ],
  [
    "three parts",
    plan((world) => (world.goTo({}), world.then(), world.goTo({}), world.after())),
    /more than two parts/,
  ],
  [
    "a room that is none",
    plan((world) => world.agent([2, 0])),
    /no room \[2,0\]; columns are 0 to 1/,
  ],
  [
    "a door to nowhere",
    plan((world) => world.door({ room: [0, 0], side: "left" })),
    /The room \[0,0\] has no neighbour on its side "left" that it has no door to/,
  ],
  [
    "two doors in a wall",
    plan((world) => [1, 2].forEach(() => world.door({ room: [0, 0] }))),
    /The room \[0,0\] has no neighbour that it has no door to/,
  ],
  [
    "a colour that is none",
    plan((world) => world.object({ color: "gray" as "grey" })),
    /No color is called "gray"\. Did you mean "grey"\?/,
  ],
  ["more kinds than there are", plan((world) => world.objects(19)), /no 19 objects left/],
  ["nothing to choose from", plan((world) => world.choose([])), /nothing to choose from/],
  ["a world that never holds", plan((world) => world.reject()), /No world of the level holds/],
  ["more objects than fit", plan((world) => world.objects(30, { alike: true })), /No world/],
];

for (const [what, level, sentence] of WRONG) {
  Deno.test(`a level with ${what} is refused in a sentence`, async () => {
    const refused = await missionsOf(level, [0]).then(
      () => undefined,
      (error) => error as TandemError,
    );
    assert.equal(refused?.code, "E_LEVEL", String(refused?.stack));
    assert.match(refused!.message, sentence);
  });
}

Deno.test("rooms that cannot be are refused where the level is defined", () => {
  const build = (world: LevelWorld) => world.goTo({});
  for (
    const [rooms, sentence] of [
      [{ roomSize: 2 }, /The level "ours" has roomSize "2"/],
      [{ rows: 2.5 }, /The level "ours" has rows "2\.5"/],
      [{ roomSize: 8, columns: 5 }, /The level "ours" has 36 cells along a side, not 31 at most/],
    ] as const
  ) {
    assert.throws(() => defineLevel(plan(build, rooms)), { code: "E_LEVEL", message: sentence });
  }
});
