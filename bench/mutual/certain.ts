/**
 * What docs/results/mutual.md compares: a teacher whose verdicts rest on what was achieved, and a student
 * that trusts it on trial. The commands of the page set the rest.
 *
 *     deno task compare bench/mutual/certain.ts --variants ... --out runs/certain
 */
import { definePipeline, type Pipeline } from "../../core/pipeline/pipeline.ts";
import { babyai, hindsightCredit, languageModel, ppo, tdError } from "../../plugins/mod.ts";

const pipeline: Pipeline = definePipeline({
  name: "certain",
  description: "A teacher learns from what its student's episodes achieved.",
  env: babyai({ level: "BabyAI-GoToLocal-v0" }),
  teacher: languageModel({ learnsBy: ["classifier"] }),
  student: ppo({ guidance: "trust", minibatch: 128 }),
  advantage: tdError(),
  feedback: hindsightCredit({ credit: "plan" }),
  schedule: { iterations: 60, envs: 16, steps: 32, feedbackEvery: 32, adviceTrial: 0.1 },
  evaluation: { episodes: 100 },
});

export default pipeline;
