/**
 * The method on the smallest world there is: a corridor with a flag, a table for a student, and the
 * language model as its teacher. A run takes seconds; the guide to feedback rules compares on it.
 *
 *     deno task run pipelines/corridor.ts
 */
import { definePipeline, type Pipeline } from "../core/pipeline/pipeline.ts";
import { corridor, languageModel, paper, tabularQ, tdError } from "../plugins/mod.ts";

const pipeline: Pipeline = definePipeline({
  name: "corridor",
  description: "A language model teaches a table to walk to a flag.",
  env: corridor({ length: 9 }),
  teacher: languageModel(),
  student: tabularQ({ learningRate: 0.3 }),
  advantage: tdError({ gamma: 0.9 }),
  feedback: paper(),
  schedule: { iterations: 20, envs: 16, steps: 32 },
  evaluation: { episodes: 100, states: 100 },
});

export default pipeline;
