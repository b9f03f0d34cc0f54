import assert from "node:assert/strict";
import { BabyAIEnv } from "../../../../plugins/env/babyai/env.ts";

/** What the expert's steps achieve in a level's world of a seed, up to the end of the episode. */
function achievements(level: string, seed: number): string[][] {
  const env = new BabyAIEnv({ level: `BabyAI-${level}-v0`, envs: 1 });
  env.reset([seed]);
  assert.deepEqual(env.achieved(0), [], "nothing yet");
  const all: string[][] = [];
  for (let t = 0; t < env.spec.maxSteps; t++) {
    const { terminated } = env.step(Int32Array.of(env.oracle.action(0)));
    all.push([...env.achieved(0)]);
    if (terminated[0] === 1) return all;
  }
  return assert.fail("the expert has not solved it");
}

Deno.test("achieved() ends a solved episode with its mission", () => {
  for (const seed of [0, 1, 2]) {
    assert.deepEqual(achievements("GoToRedBallNoDists", seed).at(-1), ["go to the red ball"]);
  }
});

Deno.test("achieved() tells what the agent faces, picks up, puts down and opens on its way", () => {
  const walk = achievements("UnlockPickup", 0).flat();
  assert.ok(walk.some((goal) => /^go to the \w+ (key|box|door)$/.test(goal)), walk.join());
  assert.ok(walk.some((goal) => /^pick up the \w+ key$/.test(goal)), walk.join());
  assert.ok(walk.some((goal) => /^open the \w+ door$/.test(goal)), walk.join());
  assert.match(walk.at(-1)!, /^pick up the \w+ box$/);
});

Deno.test("achieved() tells doors that are closed again, and what is put down", () => {
  const env = new BabyAIEnv({ level: "BabyAI-UnlockPickup-v0", envs: 1 });
  const all = new Set<string>();
  env.reset([0]);
  for (let t = 0; t < 60 && ![...all].some((goal) => goal.startsWith("open")); t++) {
    env.step(Int32Array.of(env.oracle.action(0)));
    for (const goal of env.achieved(0)) all.add(goal);
  }
  const act = (action: number) => {
    env.step(Int32Array.of(action));
    return env.achieved(0).join();
  };
  assert.match(act(5), /^close the \w+ door$/);
  assert.match(act(5), /^open the \w+ door$/);
  act(1);
  act(1); // away from the door: the key can be put down
  const put = act(4);
  assert.match(put, /^drop the \w+ key(,|$)/);
});

Deno.test("what the expert is about is achieved in its own words", () => {
  for (const level of ["GoToLocal", "PickupLoc", "PutNextLocal", "UnlockPickup", "Open"]) {
    const env = new BabyAIEnv({ level: `BabyAI-${level}-v0`, envs: 1 });
    env.reset([3]);
    const reached = new Set<string>();
    const about = new Set<string>();
    for (let t = 0; t < env.spec.maxSteps; t++) {
      about.add(env.oracle.subgoal!(0));
      const { terminated } = env.step(Int32Array.of(env.oracle.action(0)));
      for (const goal of env.achieved(0)) reached.add(goal);
      if (terminated[0] === 1) break;
    }
    const named = [...about].filter((goal) => /^(go (next )?to the|pick up|open|drop) /.test(goal));
    const missed = named.filter((goal) => !reached.has(goal));
    // The last one ends the episode, and is the mission then.
    assert.ok(named.length > 0 && missed.length <= 1, `${level}: ${missed} of ${[...reached]}`);
  }
});

Deno.test("achieved() says nothing of actions that change nothing, nor after a reset", () => {
  const env = new BabyAIEnv({ level: "BabyAI-GoToRedBallNoDists-v0", envs: 1 });
  env.reset([0]);
  for (const action of [3, 4, 5, 6]) {
    env.step(Int32Array.of(action));
    if (action !== 6) assert.deepEqual(env.achieved(0), []);
  }
  env.step(Int32Array.of(0));
  env.reset([1]);
  assert.deepEqual(env.achieved(0), []);
});
