/**
 * A student that reads its mission learns BabyAI's single rooms by itself, from its own steps and from
 * hindsight. No teacher: this is what any teacher has to beat.
 *
 *     deno task run pipelines/rooms.ts --device wasm
 *
 * What it comes to, and what to set on other levels, stands in docs/results/students.md.
 */
import { definePipeline, type Pipeline } from "../core/pipeline/pipeline.ts";
import { babyai, gae, hindsightReplay, match, noFeedback, noTeacher } from "../plugins/mod.ts";

const GAMMA = 0.9;

const pipeline: Pipeline = definePipeline({
  name: "rooms",
  description: "A student that reads its mission learns a room of BabyAI alone.",
  env: babyai({ level: "BabyAI-GoToLocal-v0", timedReward: false }),
  teacher: noTeacher(),
  student: match({ learningRate: 2e-3, minibatch: 128 }),
  advantage: gae({ gamma: GAMMA, lambda: 0.95 }),
  feedback: noFeedback(),
  extras: { hindsight: hindsightReplay({ gamma: GAMMA }) },
  schedule: { iterations: 48, envs: 64, steps: 16 },
  evaluation: { every: 4, episodes: 1000, states: 8 },
});

export default pipeline;
