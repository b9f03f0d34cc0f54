import assert from "node:assert/strict";
import { createContext } from "../../../../../core/kit/context.ts";
import { definePipeline } from "../../../../../core/pipeline/pipeline.ts";
import type { Checkpoint } from "../../../../../core/run/checkpoint.ts";
import { runPipeline } from "../../../../../core/run/scheduler.ts";
import {
  babyai,
  hindsightCredit,
  languageModel,
  tabularQ,
  tdError,
} from "../../../../../plugins/mod.ts";

const pipeline = definePipeline({
  name: "taught",
  env: babyai({ level: "BabyAI-GoToRedBallGrey-v0" }),
  teacher: languageModel({
    model: "blank",
    learnsBy: ["classifier"],
    classifier: { every: 256, samples: 1000 },
  }),
  student: tabularQ(),
  advantage: tdError(),
  feedback: hindsightCredit({ credit: "plan" }),
  schedule: { iterations: 8, envs: 16, steps: 32 },
  evaluation: { episodes: 4, states: 256, every: 0 },
});

async function run(resume?: Checkpoint) {
  const checkpoints: Checkpoint[] = [];
  const result = await runPipeline(pipeline, createContext({ seed: 6, device: "wasm" }), {
    resume,
    checkpoints: {
      isDue: (iteration) => iteration === 5,
      keep: (kept) => void checkpoints.push(structuredClone(kept)),
    },
  });
  return { ...result, checkpoints };
}

Deno.test("classifier: a blank teacher learns by what its student achieved, and a resumed run ends the same", async () => {
  const whole = await run();
  const [start, end] = [whole.start, whole.end].map(({ guidanceAccuracy: { rate } }) => rate!);
  assert.ok(end! > start! + 0.1, `${start} to ${end}`);
  const resumed = await run(whole.checkpoints[0]);
  assert.deepEqual(resumed.end.guidanceAccuracy, whole.end.guidanceAccuracy);
  assert.deepEqual(resumed.states.teacher, whole.states.teacher);
});
