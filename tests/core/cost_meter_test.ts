import assert from "node:assert/strict";
import { CostMeter } from "../../core/run/parts/cost_meter.ts";
import type { Teacher } from "../../core/stages/mod.ts";

Deno.test("the cost of training counts iterations and what happens in them, and nothing between", async () => {
  let [now, calls] = [0, 0];
  const clock = { now: () => now, sleep: () => Promise.resolve() };
  const teacher = {
    usage: () => ({ calls, cacheHits: 2 * calls, tokens: 10 * calls }),
  } as Teacher;
  const meter = new CostMeter(clock);
  const iterate = () =>
    meter.iteration(teacher, async () => {
      meter.watch.time("teacher", () => (now += 1000, calls += 3));
      await meter.feedback(() =>
        meter.watch.timeAsync("feedback", () => {
          now += 500;
          return Promise.resolve();
        })
      );
      now += 250;
    });
  assert.equal(await iterate(), 1.75);
  [now, calls] = [now + 60_000, calls + 100]; // an evaluation
  assert.equal(await iterate(), 1.75);
  assert.deepEqual(meter.cost, {
    seconds: 3.5,
    stageSeconds: { env: 0, teacher: 2, student: 0, advantage: 0, feedback: 1 },
    feedbackSeconds: 1,
    teacher: { calls: 6, cacheHits: 12, tokens: 60 },
  });
});
