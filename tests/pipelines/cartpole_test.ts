import assert from "node:assert/strict";
import { createContext } from "../../core/kit/context.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import pipeline from "../../pipelines/cartpole.ts";

Deno.test("pipelines/cartpole.ts: PPO learns to keep the pole upright, to a mean return of 475", async () => {
  const { start, end } = await runPipeline(pipeline, createContext({ seed: 0, device: "cpu" }));
  assert.ok(start.success.meanReward < 200, `it began with ${start.success.meanReward}`);
  assert.ok(end.success.meanReward >= 475, `it came to ${end.success.meanReward}`);
});
