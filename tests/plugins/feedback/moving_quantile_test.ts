import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { Pcg64 } from "../../../core/kit/random.ts";
import type { FeedbackRule } from "../../../core/stages/mod.ts";
import { movingQuantile } from "../../../plugins/feedback/moving_quantile.ts";
import { judgedStepOf, spec } from "../moments.ts";

const wiring = { env: spec, candidates: spec.actions };
const open = async (options: Parameters<typeof movingQuantile>[0]) =>
  await movingQuantile(options).create(createContext({ seed: 0 }), wiring);

function judge(rule: FeedbackRule, ...advantages: number[]): number[] {
  const { signs, strengths } = rule.judge(judgedStepOf(advantages), judgedStepOf(advantages));
  return [...signs].map((sign, i) => sign === 0 ? 0 : sign * strengths[i]!);
}

Deno.test("moving-quantile: waits until it has seen enough", async () => {
  const rule = await open({ warmUp: 3 });
  assert.deepEqual(judge(rule, 1, 2), [0, 0]);
  assert.deepEqual(judge(rule, 9), [0]);
  assert.notDeepEqual(judge(rule, 9.5), [0]);
  const small = await open({ warmUp: 64, window: 2 });
  judge(small, 0, 1);
  assert.deepEqual(judge(small, 9), [8.5]);
});

Deno.test("moving-quantile: compares with NumPy's quantiles of what came before", async () => {
  const rule = await open({ share: 0.25, warmUp: 4 });
  judge(rule, 4, 1, 2, 3);
  // numpy.quantile([1, 2, 3, 4], [0.25, 0.5, 0.75]) is [1.75, 2.5, 3.25].
  assert.deepEqual(judge(rule, 1.5, 1.75, 3.25, 3.5), [-1, 0, 0, 1]);
});

Deno.test("moving-quantile: forgets what left the window", async () => {
  const rule = await open({ share: 0.5, window: 4, warmUp: 1 });
  judge(rule, 100, 100, 100, 100);
  judge(rule, 0, 0, 2, 2);
  assert.deepEqual(judge(rule, 3, 0), [2, -1]); // the median is 1
});

Deno.test("moving-quantile: praises as often as it blames while the advantage drifts", async () => {
  const rule = await open({ share: 0.4 });
  const random = new Pcg64(0);
  const counts = { "-1": 0, "0": 0, "1": 0 };
  for (let t = 0; t < 2000; t++) {
    const [verdict] = judge(rule, random.gaussian() - t / 2000);
    if (t >= 500) counts[Math.sign(verdict!) as -1 | 0 | 1]++;
  }
  for (const sign of [-1, 1] as const) {
    assert.ok(counts[sign] > 400 && counts[sign] < 800, JSON.stringify(counts));
  }
});

Deno.test("moving-quantile: goes on exactly from a saved state", async () => {
  const options = { share: 0.5, window: 4, warmUp: 1 };
  const [one, other] = [await open(options), await open(options)];
  judge(one, 9, 9, 0, 2, 2, 0);
  await other.load!(await one.save!());
  for (const rule of [one, other]) assert.deepEqual(judge(rule, 3, 0), [2, -1]);
});
