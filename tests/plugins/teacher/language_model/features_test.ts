import assert from "node:assert/strict";
import { createContext } from "../../../../core/kit/context.ts";
import { babyai } from "../../../../plugins/env/babyai/mod.ts";
import { featuresOf } from "../../../../plugins/teacher/language_model/features.ts";
import { feedbackOn, seeing, StubModel, teacherOf } from "./stub_model.ts";

const of = (mission: string, ...seen: string[]) => featuresOf(mission, seen, "relative");

Deno.test("relative features: the same for other things in the same part", () => {
  assert.deepEqual(
    of("go to the red ball", "You see a red ball 1 step left", "You see a wall 2 steps left"),
    of("go to a green key", "You see a green key 1 step left", "You see a wall 2 steps left"),
  );
  assert.notDeepEqual(
    of("go to the red ball", "You see a red ball 1 step left"),
    of("go to the red ball", "You see a red key 1 step left"),
  );
});

Deno.test("relative features: what shall be put beside what is told apart, and so is what to do", () => {
  const [ball, key] = ["You see a red ball 1 step left", "You see a green key 1 step left"];
  const mission = "put the red ball next to the green key";
  assert.notDeepEqual(of(mission, ball).parts, of(mission, key).parts);
  assert.notDeepEqual(of("go to the red ball", ball), of("pick up the red ball", ball));
});

Deno.test("relative features: what a mission says of places leaves directions as they are", () => {
  const left = "You see a red ball 2 steps left and 1 step forward";
  const right = "You see a red ball 2 steps right and 1 step forward";
  const missions = ["on your left", "on your right", "in front of you", "behind you"];
  for (const place of missions.map((where) => `pick up the red ball ${where}`)) {
    assert.deepEqual(of(place, left, right).parts, [
      "pick||You see a {2} {3} 2 steps left and 1 step forward",
      "pick||You see a {2} {3} 2 steps right and 1 step forward",
    ]);
  }
});

Deno.test("relative features: a word that the mission says twice has the place of the thing it is of", () => {
  const lines = ["ball", "key", "box"].map((noun) => `You see a red ${noun} 1 step left`);
  assert.deepEqual(of("put the red ball next to the red key", ...lines).parts, [
    "put||You see a {1} {2} 1 step left",
    "put||You see a {5} {6} 1 step left",
    "put||You see a {1,5} box 1 step left", // neither, and like both
  ]);
  const ball = "You see a grey ball 1 step left";
  assert.deepEqual(of("put the ball next to the red ball", ball, lines[0]!).parts, [
    "put||You see a grey {1} 1 step left",
    "put||You see a {4} {1,5} 1 step left", // can be either
  ]);
});

Deno.test("relative features: deeds, states and numbers of a mission name no thing", () => {
  const mission = "go to the red ball, then open the grey door after you pick up 2 keys";
  assert.deepEqual(
    of(mission, "You see a open grey door 2 steps forward", "You see a red ball 1 step left").parts,
    // Words are counted behind the first, without articles: to 1, red 2, ball 3, then 4, open 5 ...
    ["go||You see a open {6} {7} 2 steps forward", "go||You see a {2} {3} 1 step left"],
  );
});

Deno.test("relative features of a mission without a place are what they have always been", () => {
  const seen = [
    "You carry a red key",
    "You see a wall 2 steps left",
    "You see a red ball 2 steps left and 1 step forward",
    "You see a grey ball 1 step right",
    "You see a closed red door 3 steps forward",
  ];
  assert.deepEqual(of("go to the red ball", ...seen).parts, [
    "go||You carry a {2} key",
    "go||You see a wall 2 steps left",
    "go||You see a {2} {3} 2 steps left and 1 step forward",
    "go||You see a grey {3} 1 step right",
    "go||You see a closed {2} door 3 steps forward",
  ]);
});

Deno.test("relative features tell left from right in every world of PickupLoc", async () => {
  const context = createContext({ seed: 0 });
  const env = await babyai({ level: "PickupLoc" }).create(context, { envs: 200 });
  const seen = env.reset(Array.from({ length: 200 }, (_, i) => i));
  const sides = (line: string) => line.match(/left|right|forward/g)?.join();
  let places = 0;
  for (let i = 0; i < 200; i++) {
    const [mission, lines] = [seen.mission(i), seen.text(i)];
    if (/your|you/.test(mission)) places++;
    assert.deepEqual(of(mission, ...lines).parts.map(sides), lines.map(sides), mission);
  }
  assert.ok(places > 20, `${places} missions say where the thing is`);
});

Deno.test("language-model: relative features carry what was learned over to other things", async () => {
  const at = (thing: string) => ({ ...seeing([thing]), mission: () => `go to the ${thing}` });
  const learned = async (features: string) => {
    const teacher = teacherOf(new StubModel(), { features, learnsBy: ["logits"] });
    for (let k = 0; k < 20; k++) {
      const two = { ...seeing(["red ball"], ["red ball"]), mission: at("red ball").mission };
      const guidance = await teacher.advise(two, "train");
      guidance.choices.set([0, 1]);
      teacher.receive(feedbackOn(guidance, [-1, 1]));
    }
    return [...(await teacher.advise(at("green key"), "evaluate")).choices];
  };
  assert.deepEqual(await learned("named"), [0]);
  assert.deepEqual(await learned("relative"), [1]);
});
