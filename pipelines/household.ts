/**
 * The method where there is no grid: a house in words, a student that reads sentences as bits, and a
 * teacher that learns from what its student achieved, by the student's own steps. No geometry is known.
 * Its teacher begins with no language model at all; docs/results/text-world.md has what one is worth here.
 *
 *     deno task run pipelines/household.ts
 */
import { definePipeline, type Pipeline } from "../core/pipeline/pipeline.ts";
import { hindsightCredit, household, languageModel, ppo, tdError } from "../plugins/mod.ts";

const pipeline: Pipeline = definePipeline({
  name: "household",
  description: "A language model and an agent help each other in a house in words.",
  env: household(),
  teacher: languageModel({
    model: "blank",
    learnsBy: ["classifier"],
    classifier: { features: "words" },
  }),
  student: ppo({ guidance: "trust", minibatch: 128, learningRate: 3e-3 }),
  advantage: tdError({ gamma: 0.9 }),
  feedback: hindsightCredit({ credit: "paths" }),
  schedule: { iterations: 30, envs: 16, steps: 32, feedbackEvery: 1, adviceTrial: 0.1 },
  evaluation: { every: 6, episodes: 100, states: 64 },
});

export default pipeline;
