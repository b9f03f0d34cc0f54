import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { Pcg64 } from "../../../core/kit/random.ts";
import type { Env, Observations } from "../../../core/stages/mod.ts";
import { household } from "../../../plugins/env/mod.ts";

const open = async (envs: number, options: Parameters<typeof household>[0] = {}): Promise<Env> =>
  await household(options).create(createContext({ seed: 0 }), { envs });
const seeds = (envs: number) => Array.from({ length: envs }, (_, i) => i);

/** What can be done in environment i, by name. */
const legalIn = ({ spec: { actions } }: Env, { legal }: Observations, i = 0) =>
  actions.filter((_, action) => legal![i * actions.length + action] === 1);

/** Plays by the expert until all first episodes are over; what was done in each, and what it achieved. */
function playedByExpert(env: Env, envs: number) {
  env.reset(seeds(envs));
  const done: string[][] = seeds(envs).map(() => []);
  const over = new Set<number>();
  while (over.size < envs) {
    const actions = Int32Array.from(seeds(envs), (i) => env.oracle!.action(i));
    const { terminated, truncated } = env.step(actions);
    for (const i of seeds(envs)) {
      if (!over.has(i)) done[i]!.push(...env.achieved!(i));
      assert.equal(truncated[i], 0);
      if (terminated[i] === 1) over.add(i);
    }
  }
  return done;
}

Deno.test("household: the expert's deeds end in the mission, and come in the order that it takes", async () => {
  const env = await open(200);
  const missions = seeds(200).map((i) => env.reset(seeds(200)).mission(i));
  const done = playedByExpert(env, 200);
  for (const [i, deeds] of done.entries()) {
    assert.equal(deeds.at(-1), missions[i]);
    const thing = / the (\w+)/.exec(missions[i]!)![1]!;
    assert.equal(deeds.filter((deed) => deed.startsWith("take")).join(), `take the ${thing}`);
  }
  const verbs = new Set(missions.map((mission) => mission.split(" ")[0]));
  assert.deepEqual(verbs, new Set(["cook", "wash", "put"]));
  const longest = Math.max(...done.map((deeds) => deeds.length));
  assert.ok(longest >= 8, `go, open, take, go, go, open, put: ${longest}`);
});

Deno.test("household: no way is shorter than the expert's, and what it finds right lies on one", async () => {
  const env = await open(100);
  const lengths = playedByExpert(env, 100).map((deeds) => deeds.length);
  const random = new Pcg64(3);
  env.reset(seeds(100));
  const taken = seeds(100).map(() => 0);
  const over = new Set<number>();
  while (over.size < 100) {
    const actions = Int32Array.from(seeds(100), (i) => {
      const right = env.spec.actions.map((_, a) => a).filter((a) => env.oracle!.isRight(i, a));
      return right[random.integers(0, right.length)]!;
    });
    const { terminated } = env.step(actions);
    for (const i of seeds(100)) {
      if (!over.has(i)) taken[i]!++;
      if (terminated[i] === 1) over.add(i);
    }
  }
  assert.deepEqual(taken, lengths);
});

Deno.test("household: what is seen, what can be done, and what it comes to", async () => {
  const env = await open(1);
  let seen = env.reset([0]);
  const act = (name: string) => {
    const answer = env.step(Int32Array.of(env.spec.actions.indexOf(name)));
    seen = answer.observations;
    return { answer, achieved: env.achieved!(0) };
  };
  const random = new Pcg64(1);
  for (let t = 0; t < 500; t++) {
    const can = legalIn(env, seen);
    const text = seen.text(0);
    const room = text[0]!.replace("You are in the ", "");
    assert.ok(can.length > 0);
    if (room !== "hall") {
      assert.deepEqual(can.filter((name) => name.startsWith("go")), ["go to the hall"]);
    }
    const held = /You hold a (\w+)/.exec(text.join("\n"))?.[1];
    assert.equal(can.includes("drop it"), held !== undefined);
    assert.ok(held === undefined || !can.some((name) => name.startsWith("take")), "one at a time");
    for (const thing of can.flatMap((name) => /take the (\w+)/.exec(name)?.[1] ?? [])) {
      const place = new RegExp(`There is a ${thing} in the (\\w+)`).exec(text.join("\n"))![1]!;
      const isThere = place === room || text.includes(`There is an open ${place} in the ${room}`);
      assert.ok(isThere, `${thing} from the ${place} in the ${room}: ${text.join(", ")}`);
    }
    const name = can[random.integers(0, can.length)]!;
    const { achieved } = act(name);
    if (name === "drop it") assert.deepEqual(achieved, [`drop the ${held}`]);
    if (name === "cook it") assert.deepEqual(achieved, [`cook the ${held}`]);
  }
  const illegal = env.spec.actions.find((name) => !legalIn(env, seen).includes(name))!;
  assert.throws(() => act(illegal), /is not legal now in "Household-4"/);
});

Deno.test("household: told of its own room alone, the agent does not hear of others", async () => {
  const [all, near] = [await open(50, { things: 6 }), await open(50, { things: 6, tells: "room" })];
  const [whole, part] = [all.reset(seeds(50)), near.reset(seeds(50))];
  for (const i of seeds(50)) {
    assert.equal(whole.text(i).length, 9); // the room, six things, two containers
    assert.ok(part.text(i).every((line) => whole.text(i).includes(line)));
  }
  const told = seeds(50).reduce((sum, i) => sum + part.text(i).length, 0);
  assert.ok(told < 50 * 5, `${told}`);
});

Deno.test("household: equal rows under other missions have other keys, and finals keep theirs", async () => {
  const env = await open(300, { things: 2, maxSteps: 3 });
  const first = env.reset(seeds(300));
  const missions = seeds(300).map((i) => first.mission(i));
  let seen = first;
  const actions = () =>
    Int32Array.from(seeds(300), (i) => {
      const can = legalIn(env, seen, i);
      return env.spec.actions.indexOf(can[0]!);
    });
  const over = new Map<number, string>();
  for (let t = 0; t < 3; t++) {
    const { observations, finals, truncated, terminated } = env.step(actions());
    seen = observations;
    for (const i of seeds(300)) {
      if ((truncated[i] === 1 || terminated[i] === 1) && !over.has(i)) {
        over.set(i, finals.mission(i));
      }
    }
  }
  assert.deepEqual(seeds(300).map((i) => over.get(i)), missions);
  const known = new Map<number, string>();
  for (const i of seeds(300)) {
    const state = [seen.mission(i), ...seen.text(i)].join();
    assert.equal(known.get(seen.key(i)) ?? state, state);
    known.set(seen.key(i), state);
  }
});
