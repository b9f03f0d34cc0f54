/** A language model learns to walk to a flag: by PPO on all weights, adapters or a head, and by cloning. */
import assert from "node:assert/strict";
import { createContext } from "../../../../core/kit/context.ts";
import { definePipeline } from "../../../../core/pipeline/pipeline.ts";
import type { StageSpec } from "../../../../core/pipeline/plugin.ts";
import { runPipeline } from "../../../../core/run/scheduler.ts";
import {
  bot,
  corridor,
  gae,
  lamorel,
  languageModelCloning,
  noFeedback,
  noTeacher,
} from "../../../../plugins/mod.ts";
import { fixtureDir } from "../../../runtimes/language_model/fixtures.ts";

/** Random weights, 32 wide: what it comes to, it has learned here. */
const SMALL = {
  model: fixtureDir("t5-v1_1"),
  prompt: "{seen}",
  hidden: [32, 32],
  learningRate: 3e-3,
  minibatch: 512,
  epochs: 6,
  maxGradNorm: 5,
  rewardScale: 1,
};

/** Mean return of 100 episodes, before and after; 0.88 is the best in 5 cells. */
async function returns(student: StageSpec<"student">, taught: boolean, iterations: number) {
  const pipeline = definePipeline({
    name: "learning",
    env: corridor({ length: 5 }),
    teacher: taught ? bot({ accuracy: 1 }) : noTeacher(),
    student: student as StageSpec<"student", never>,
    advantage: gae({ lambda: 0.99 }),
    feedback: noFeedback(),
    schedule: { iterations, envs: 16, steps: 32 },
    evaluation: { episodes: 100, states: 16 },
  });
  const { start, end } = await runPipeline(pipeline, createContext({ seed: 3, device: "wasm" }));
  return { before: start.success.meanReward, after: end.success.meanReward };
}

const ppo = { ...SMALL, entropy: 0.02, valueClip: false, standardise: true };
const COURSES: readonly [string, StageSpec<"student">, boolean, number][] = [
  ["lamorel on all weights", lamorel(ppo), false, 10],
  ["lamorel with normalised scores", lamorel({ ...ppo, scoring: "normalised" }), false, 10],
  ["lamorel with adapters", lamorel({ ...ppo, train: "lora", learningRate: 1e-2 }), false, 12],
  [
    "a policy head on a frozen model",
    lamorel({ ...ppo, head: "policy", train: "heads" }),
    false,
    30,
  ],
  ["language-model-cloning", languageModelCloning(SMALL), true, 6],
];

for (const [name, student, taught, iterations] of COURSES) {
  Deno.test(`${name} learns to walk to the flag`, async () => {
    const { before, after } = await returns(student, taught, iterations);
    assert.ok(after > 0.8 && after > before + 0.1, `${before} to ${after}`);
  });
}
