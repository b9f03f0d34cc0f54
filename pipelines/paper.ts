/**
 * The method as arXiv 2401.06603 describes it: flan-t5-small's kind of teacher on GoToRedBallNoDists,
 * the TD error as the advantage, Algorithm 1's sign rule, and the verdict in words in the next prompt
 * as all that the teacher learns by. Its two lengths are 40 and 2,100 iterations:
 *
 *     deno task run pipelines/paper.ts
 *     deno task run pipelines/paper.ts --set schedule.iterations=2100
 */
import { definePipeline, type Pipeline } from "../core/pipeline/pipeline.ts";
import { babyai, languageModel, paper, ppo, tdError } from "../plugins/mod.ts";

const pipeline: Pipeline = definePipeline({
  name: "paper",
  description: "Algorithm 1 of arXiv 2401.06603 with its verdicts in the teacher's prompt.",
  env: babyai({ level: "BabyAI-GoToRedBallNoDists-v0" }),
  teacher: languageModel({ learnsBy: ["prompt"], verdictWords: "rule", runtime: "fused" }),
  student: ppo(),
  advantage: tdError(),
  feedback: paper(),
  schedule: { iterations: 40, envs: 16, steps: 16, feedbackEvery: 1 },
  evaluation: { every: 0 },
});

export default pipeline;
