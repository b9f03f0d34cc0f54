import assert from "node:assert/strict";
import { roleFeatures } from "../../../../../../plugins/teacher/language_model/channels/classifier/role_features.ts";
import {
  mirrored,
  mirroredCandidates,
} from "../../../../../../plugins/teacher/language_model/channels/classifier/mirror.ts";
import { FeatureIndex } from "../../../../../../plugins/teacher/language_model/channels/classifier/feature_index.ts";
import { BABYAI_ACTIONS } from "./actions.ts";

Deno.test("roleFeatures(): two things of one noun have roles of their own", () => {
  const seen = ["You see a red ball 2 steps left", "You see a red key 1 step right"];
  assert.deepEqual(roleFeatures("put the red ball next to the red key", seen), [
    "You see {1} 2 steps left",
    "You see {2} 1 step right",
    "verb put",
    "sees {1}",
    "sees {2}",
    "bias",
  ]);
});

Deno.test("roleFeatures(): are the same for every mission of a kind", () => {
  const of = (first: string, second: string, other: string) =>
    roleFeatures(`put the ${first} next to the ${second}`, [
      `You see a ${first} 3 steps forward`,
      `You see a ${second} 1 step left and 2 steps forward`,
      `You see a ${other} 1 step right`,
      "You see a wall 4 steps forward",
    ]);
  const one = of("red ball", "grey box", "blue key");
  assert.deepEqual(of("grey key", "grey ball", "red box"), one);
  assert.ok(one.includes("You see a wall 4 steps forward"));
  assert.ok(one.includes("You see {other} 1 step right"));
});

Deno.test("roleFeatures(): a thing that can be meant twice is told of twice, any thing is an object", () => {
  const seen = ["You see a red ball 2 steps left"];
  const both = roleFeatures("put the ball next to the red object", seen);
  assert.ok(both.includes("You see {1} 2 steps left"));
  assert.ok(both.includes("You see {2} 2 steps left"));
  assert.ok(roleFeatures("go to the key", seen).includes("You see {other} 2 steps left"));
});

Deno.test("roleFeatures(): with the first thing in hands all is told once more", () => {
  const mission = "put the red ball next to the box";
  const other = roleFeatures(mission, ["You carry a blue box", "You see a red ball 1 step left"]);
  assert.ok(other.includes("You carry {2}") && !other.includes("sees {2}"));
  assert.ok(!other.some((feature) => feature.startsWith("holding")));
  const held = roleFeatures(mission, ["You carry a red ball", "You see a grey box 1 step left"]);
  assert.equal(held.length % 2, 0);
  const [plain, again] = [held.slice(0, held.length / 2), held.slice(held.length / 2)];
  assert.deepEqual(again, plain.map((feature) => `holding {1}: ${feature}`));
  assert.ok(plain.includes("You carry {1}") && plain.includes("You see {2} 1 step left"));
});

Deno.test("roleFeatures(): doors keep how they are, places of the mission are told", () => {
  const seen = [
    "You see a locked red door 2 steps forward",
    "You see a open grey door 1 step left",
  ];
  assert.deepEqual(roleFeatures("open the red door on your left", seen), [
    "You see {1 locked} 2 steps forward",
    "You see {other open} 1 step left",
    "verb open",
    "place left",
    "sees {1}",
    "bias",
  ]);
});

Deno.test("roleFeatures(): sentences of other worlds stand as they are", () => {
  const seen = ["The pole leans left", "The cart is on the right", "It is 12 degrees"];
  assert.deepEqual(roleFeatures("balance the pole", seen), [...seen, "verb balance", "bias"]);
  assert.deepEqual(roleFeatures("", []), ["bias"]);
});

Deno.test("mirrored(): turns sides and nothing else, and twice is as it was", () => {
  const text = "You see {1} 2 steps left and 1 step forward";
  assert.equal(mirrored(text), "You see {1} 2 steps right and 1 step forward");
  assert.equal(mirrored(mirrored(text)), text);
  assert.equal(mirrored("what is left, is leftover"), "what is right, is leftover");
});

Deno.test("mirroredCandidates(): none where no candidate names a side, or one lacks its image", () => {
  assert.deepEqual(mirroredCandidates(BABYAI_ACTIONS), [1, 0, 2, 3, 4, 5, 6]);
  assert.equal(mirroredCandidates(["go on", "stop"]), undefined);
  assert.equal(mirroredCandidates(["turn left", "stop"]), undefined);
});

Deno.test("FeatureIndex: knows a feature's mirror image, and passes over what is too much", () => {
  const index = new FeatureIndex(4);
  const rows = index.enter(["key left", "bias", "key right"]);
  assert.deepEqual([...index.mirrored(rows)], [...index.find(["key right", "bias", "key left"])]);
  assert.deepEqual([...index.enter(["box left", "wall"])].length, 1); // two more rows would be five
  assert.equal(index.size, 4);
  assert.deepEqual(index.find(["box left", "nothing"]), []);
  const again = new FeatureIndex(4);
  again.load(index.names());
  assert.deepEqual(again.names(), index.names());
  assert.deepEqual(again.mirrored(rows), index.mirrored(rows));
});
