import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { checkStage } from "../../../core/testing/mod.ts";
import { hindsightReplay } from "../../../plugins/extra/achieved/hindsight_replay.ts";
import { Places } from "../../../plugins/extra/achieved/places.ts";
import { Wording } from "../../../plugins/extra/achieved/wording.ts";
import { BabyAIEnv } from "../../../plugins/env/babyai/env.ts";
import { babyai } from "../../../plugins/mod.ts";
import { achieverSpec } from "./achievers.ts";

const PLACE = /(in front of you|behind you|on your left|on your right)$/;

Deno.test("the thing that the expert comes to stands where its mission says", () => {
  const env = new BabyAIEnv({ level: "BabyAI-PickupLoc-v0", envs: 1 });
  const places = new Places(env.spec);
  let found = 0;
  for (let seed = 0; seed < 60; seed++) {
    const first = env.reset([seed]);
    let { tensors } = first;
    const [place] = PLACE.exec(first.mission(0)) ?? [];
    if (!place) continue;
    places.begin(0);
    for (let over = false; !over;) {
      const actions = Int32Array.of(env.oracle.action(0));
      places.move(tensors, actions);
      const step = env.step(actions);
      over = step.terminated[0] === 1;
      tensors = step.observations.tensors;
    }
    assert.ok(places.ofFront(0).includes(place), `seed ${seed}: ${place}, ${places.ofFront(0)}`);
    found++;
  }
  assert.ok(found > 10, `${found} missions name a place`);
});

Deno.test("once a thing was put down no place is said until the next episode", () => {
  const env = new BabyAIEnv({ level: "BabyAI-PickupLoc-v0", envs: 2 });
  const places = new Places(env.spec);
  assert.deepEqual([places.ofFront(0), places.ofFront(1)], [["in front of you"], [
    "in front of you",
  ]]);
  places.putDown(1);
  assert.deepEqual([places.ofFront(0), places.ofFront(1)], [["in front of you"], []]);
  places.begin(1);
  assert.deepEqual(places.ofFront(1), ["in front of you"]);
});

Deno.test("goals of one thing are said by its place, others are not", () => {
  const random = createContext({ seed: 0 }).random("words");
  const options = { indefinite: 0, vague: 0, places: 1, details: [] };
  const wording = new Wording(options, random, []);
  const left = ["on your left"];
  assert.equal(wording.reword("go to the red ball", left), "go to the red ball on your left");
  assert.equal(wording.reword("go to the red ball", []), "go to the red ball");
  assert.equal(wording.reword("put the key next to the box", left), "put the key next to the box");
});

Deno.test("hindsight that speaks of places keeps its contract", async () => {
  const stage = hindsightReplay({ least: 1, places: 0.5, verbs: ["go to"] });
  assert.deepEqual(await checkStage(stage, { world: babyai({ level: "PickupLoc" }) }), []);
});

Deno.test("places need an agent that turns and walks", async () => {
  const context = createContext({ seed: 0 });
  await assert.rejects(
    async () =>
      await hindsightReplay({ places: 0.5 }).create(context, {
        env: achieverSpec(1),
        candidates: [],
      }),
    {
      code: "E_WIRING",
      message:
        'The extra "hindsight-replay" keeps track of the agent\'s pose in a view of an odd ' +
        'number of cells along a side, with the actions "turn left", "turn right", "go forward", ' +
        'which "Achievers" has not; extra.places=0 does without.',
    },
  );
});
