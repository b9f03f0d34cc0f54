import assert from "node:assert/strict";
import { createContext } from "../../../../core/kit/context.ts";
import { whyNoScore } from "../../../../lab/statistics/score.ts";
import { LEVEL_IDS, type LevelId } from "../../../../plugins/env/babyai/levels.ts";
import { babyai } from "../../../../plugins/env/babyai/mod.ts";
import {
  KEPT,
  keptCertificate,
  measureLevel,
  referenceOf,
} from "../../../../plugins/env/babyai/references.ts";

Deno.test("every level has a kept reference of 2,000 held-out worlds", () => {
  assert.deepEqual(Object.keys(KEPT.levels), LEVEL_IDS);
  assert.deepEqual([KEPT.worlds, KEPT.firstSeed, KEPT.randomSeed], [2000, 1_000_000_000, 0]);
  for (const id of LEVEL_IDS) {
    const { random, moves, expert } = KEPT.levels[id]!;
    const isCount = (count: number) =>
      Number.isInteger(count) && count >= 0 && count <= KEPT.worlds;
    assert.ok([random, moves, expert].every(isCount), id);
    assert.equal(keptCertificate(id)!.random.success, random / KEPT.worlds);
  }
});

for (const id of ["BabyAI-GoToObjS4-v0", "BabyAI-PutNextS5N2Carrying-v0"] as const) {
  Deno.test(`${id} measured now comes to what is kept`, () => {
    assert.deepEqual(measureLevel(id), KEPT.levels[id]);
  });
}

Deno.test("the levels on which the bot is no better than chance have no score", () => {
  const without = LEVEL_IDS.filter((id) => whyNoScore(referenceOf(id)!) !== null);
  assert.deepEqual(without, [
    "BabyAI-PutNextS5N2Carrying-v0",
    "BabyAI-PutNextS6N3Carrying-v0",
    "BabyAI-PutNextS7N4Carrying-v0",
    "BabyAI-KeyInBox-v0",
  ]);
});

Deno.test("babyai states its reference, and none for worlds that were not measured", async () => {
  const reference = async (options: Parameters<typeof babyai>[0]) =>
    (await babyai(options).create(createContext({ seed: 0 }), { envs: 1 })).spec.reference;
  const id: LevelId = "BabyAI-GoToLocal-v0";
  assert.deepEqual(await reference({ level: "GoToLocal" }), referenceOf(id));
  assert.deepEqual(await reference({ level: "GoToLocal", observation: "full" }), referenceOf(id));
  assert.equal(await reference({ level: "GoToLocal", viewSize: 5 }), undefined);
  assert.equal(await reference({ level: "GoToLocal", fixed: { layout: 3 } }), undefined);
  assert.equal(referenceOf("constructor"), undefined);
});
