import assert from "node:assert/strict";
import { BabyAIVector } from "../../../../plugins/env/babyai/vector.ts";
import { describeView } from "../../../../plugins/env/babyai/text.ts";

/** A view of 3 x 3 cells from rows, the farthest first: "type colour state". */
function view(...rows: string[][]): Uint8Array {
  const size = rows.length, image = new Uint8Array(3 * size * size);
  rows.forEach((row, j) =>
    row.forEach((cell, i) => image.set(cell.split(" ").map(Number), 3 * (i * size + j)))
  );
  return image;
}

Deno.test("describeView() tells walls only where nothing stands before them", () => {
  const wall = "2 5 0", empty = "1 0 0", unseen = "0 0 0", ball = "6 0 0";
  assert.deepEqual(
    describeView(view([wall, wall, wall], [wall, empty, wall], [wall, empty, wall]), 0, 3),
    [
      "You see a wall 2 steps forward",
      "You see a wall 1 step left",
      "You see a wall 1 step right",
    ],
  );
  assert.deepEqual(
    describeView(view([unseen, wall, unseen], [empty, ball, empty], [empty, empty, empty]), 0, 3),
    ["You see a red ball 1 step forward"],
  );
});

Deno.test("describeView() keeps BabyAI-Text's words, right or wrong", () => {
  const empty = "1 0 0";
  const image = view(["4 2 0", "4 5 1", "4 1 2"], [empty, empty, "7 3 0"], [
    "5 4 0",
    "6 0 0",
    empty,
  ]);
  assert.deepEqual(describeView(image, 0, 3), [
    "You carry a red ball",
    "You see a open blue door 1 step left and 2 steps forward",
    "You see a yellow key 1 step left",
    "You see a closed grey door 2 steps forward",
    "You see a locked green door 1 step right and 2 steps forward",
    "You see a purple box 1 step right and 1 step forward",
  ]);
  assert.deepEqual(describeView(image, 0, 3, "french"), [
    "Tu portes une ball red",
    "Tu vois une porte bleue ouverte 1 pas à gauche et 2 pas devant",
    "Tu vois une clef jaune 1 pas à gauche",
    "Tu vois une porte grise fermée 2 pas devant",
    "Tu vois une porte verte fermée à clef 1 pas à droite et 2 pas devant",
    "Tu vois une boîte violette 1 pas à droite et 1 pas devant",
  ]);
});

Deno.test("text() gives in French what BabyAI-Text's own code gives", () => {
  // Made by running the original's gen_graph on the reference traces' first observations.
  const cases: [level: string, seed: number, text: string[]][] = [
    ["BabyAI-PutNextS5N2Carrying-v0", 0, [
      "Tu portes une box yellow",
      "Tu vois un mur à 2 pas devant",
      "Tu vois un mur à 3 pas à droite",
      "Tu vois une balle rouge 2 pas à gauche et 1 pas devant",
      "Tu vois une clef verte 1 pas à droite et 1 pas devant",
      "Tu vois une boîte jaune 2 pas à droite et 1 pas devant",
    ]],
    ["BabyAI-BlockedUnlockPickup-v0", 2, [
      "Tu vois un mur à 2 pas devant",
      "Tu vois un mur à 1 pas à gauche",
      "Tu vois une porte grise fermée à clef 3 pas à droite et 2 pas devant",
      "Tu vois une balle bleue 3 pas à droite et 1 pas devant",
    ]],
  ];
  for (const [level, seed, text] of cases) {
    const worlds = new BabyAIVector({ level });
    worlds.reset([seed]);
    assert.deepEqual(worlds.text(0, "french"), text);
  }
});

Deno.test("text() is the same whatever the agent is given", () => {
  for (const observation of ["full", "one-hot", "flat"] as const) {
    const options = { level: "BabyAI-GoToLocal-v0", envs: 2 };
    const plain = new BabyAIVector(options), other = new BabyAIVector({ ...options, observation });
    plain.reset([1, 2]);
    other.reset([1, 2]);
    for (let t = 0; t < 150; t++) {
      const action = [2, 1, 2, 2, 0, 3, 2][t % 7]!;
      plain.step([action, action]);
      other.step([action, action]);
      for (const i of [0, 1]) {
        assert.deepEqual(other.text(i), plain.text(i));
        assert.deepEqual(other.finalText(i), plain.finalText(i));
      }
    }
    assert.notDeepEqual(plain.finalText(0), []);
  }
});
