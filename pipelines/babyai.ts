/**
 * The method of arXiv 2401.06603 on its own level: a small language model teaches, a student learns
 * and judges by its advantage, and the verdicts make the teacher better. How the teacher learns is what
 * did best in docs/results/channels.md and mutual.md; the paper's own way is pipelines/paper.ts.
 *
 *     deno task run pipelines/babyai.ts
 */
import { definePipeline, type Pipeline } from "../core/pipeline/pipeline.ts";
import { babyai, languageModel, paper, ppo, tdError } from "../plugins/mod.ts";

const pipeline: Pipeline = definePipeline({
  name: "babyai",
  description: "A language model and an agent help each other in BabyAI.",
  env: babyai({ level: "BabyAI-GoToRedBallNoDists-v0" }),
  teacher: languageModel({
    learnsBy: ["logits"],
    features: "relative",
    credit: "action",
    gain: 4,
  }),
  student: ppo(),
  advantage: tdError(),
  feedback: paper(),
  // The first verdicts are of a critic that knows nothing yet.
  schedule: { iterations: 40, envs: 64, steps: 64, feedbackEvery: 1, warmUp: 2 },
  evaluation: { every: 10 },
});

export default pipeline;
