import assert from "node:assert/strict";
import { certify } from "../../../../plugins/env/babyai/certify.ts";

/** Minigrid 3.1.0, seeds 0 to 999; the expert's success is 100 % on each of these levels. */
const published = [
  ["GoToRedBallNoDists", 22.5, 44.7, 4.9, 0.931],
  ["GoToLocal", 27.8, 43.3, 5.3, 0.925],
  ["PickupLoc", 12.0, 0, 6.1, 0.915],
  ["PutNextLocal", 0.8, 0, 12.0, 0.915],
] as const;

for (const [name, random, moves, steps, reward] of published) {
  Deno.test(`certify() measures the floors and the ceiling of ${name}`, () => {
    const certificate = certify(`BabyAI-${name}-v0`);
    const percent = (score: { success: number }) => Number((100 * score.success).toFixed(1));
    assert.equal(certificate.episodes, 1000);
    assert.equal(certificate.width, 8);
    assert.equal(percent(certificate.random), random);
    assert.equal(percent(certificate.randomMoves), moves);
    assert.equal(certificate.expert.success, 1);
    assert.equal(Number(certificate.expert.steps.toFixed(1)), steps);
    assert.equal(Number(certificate.expert.reward.toFixed(3)), reward);
  });
}

Deno.test("certify() counts the episodes that the expert gives up", () => {
  const { expert, maxSteps } = certify("BabyAI-KeyInBox-v0", { seeds: [0, 1, 2] });
  assert.equal(expert.success, 0);
  assert.equal(expert.reward, 0);
  assert.ok(maxSteps[0] > 0 && maxSteps[0] <= maxSteps[1]);
});

Deno.test("certify() fails on an unknown level with the nearest name", () => {
  assert.throws(() => certify("BabyAI-GoToLokal-v0"), /"BabyAI-GoToLocal-v0"/);
});
