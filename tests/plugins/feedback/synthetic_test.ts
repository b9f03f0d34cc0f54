import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { synthetic } from "../../../plugins/feedback/synthetic.ts";
import { judgedStepOf, rolloutOf, spec } from "../moments.ts";

const wiring = { env: spec, candidates: spec.actions };
const open = async (options: Parameters<typeof synthetic>[0], seed = 0) =>
  await synthetic(options).create(createContext({ seed }), wiring);

Deno.test("synthetic: constant sources praise or blame everything with strength 1", async () => {
  const [now, before] = [judgedStepOf([1, -1]), judgedStepOf([0, 0])];
  const praise = (await open({ source: "positive" })).judge(now, before);
  assert.deepEqual([...praise.signs], [1, 1]);
  assert.deepEqual([...praise.strengths], [1, 1]);
  assert.equal(praise.words(0), "This token is better than the last one.");
  const blame = (await open({ source: "negative" })).judge(now, before);
  assert.deepEqual([...blame.signs], [-1, -1]);
  assert.equal(blame.words(0), "This token is worse than the last one.");
});

Deno.test("synthetic: the oracle's verdict is the expert's, of the step that is judged", async () => {
  const rule = await open({ source: "oracle" });
  const rollout = rolloutOf({
    envs: 2,
    rewards: new Float32Array(4),
    oracleRight: Uint8Array.of(1, 1, 0, 1),
  });
  const { signs } = rule.judge({ ...judgedStepOf([9, 9]), rollout, step: 1 }, judgedStepOf([0, 0]));
  assert.deepEqual([...signs], [-1, 1]);
});

Deno.test("synthetic: only the oracle is labelled as one", () => {
  assert.equal(synthetic({ source: "oracle" }).usesOracle, true);
  for (const source of ["random", "positive", "negative"] as const) {
    assert.equal(synthetic({ source }).usesOracle, false);
  }
});

Deno.test("synthetic: a coin is as fair as it is told, and the same for the same seed", async () => {
  const toss = async (chance: number, seed: number) => {
    const now = judgedStepOf(new Array(2000).fill(0));
    return [...(await open({ source: "random", chance }, seed)).judge(now, now).signs];
  };
  const share = (signs: number[]) => signs.filter((sign) => sign === 1).length / signs.length;
  assert.ok(Math.abs(share(await toss(0.5, 0)) - 0.5) < 0.04);
  assert.ok(Math.abs(share(await toss(0.9, 0)) - 0.9) < 0.03);
  assert.equal(share(await toss(0, 0)), 0);
  assert.deepEqual(await toss(0.5, 3), await toss(0.5, 3));
  assert.notDeepEqual(await toss(0.5, 3), await toss(0.5, 4));
});
