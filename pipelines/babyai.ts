/**
 * A small language model teaches, a student learns and says what its episodes achieved, and what it says
 * makes the teacher better; the student learns by heart what it finds good and needs no teacher at the
 * end. The method is that of arXiv 2401.06603 on its own level, with verdicts that rest on achievements
 * (docs/mutual.md says why); the paper's own verdicts and prompts are in pipelines/paper.ts.
 *
 *     deno task run pipelines/babyai.ts
 */
import { definePipeline, type Pipeline } from "../core/pipeline/pipeline.ts";
import { babyai, hindsightCredit, languageModel, ppo, tdError } from "../plugins/mod.ts";

const pipeline: Pipeline = definePipeline({
  name: "babyai",
  description: "A language model and an agent help each other in BabyAI.",
  env: babyai({ level: "BabyAI-GoToRedBallNoDists-v0" }),
  teacher: languageModel({ learnsBy: ["classifier"] }),
  student: ppo({ distillation: 1, distillationGate: "advantage" }),
  advantage: tdError(),
  feedback: hindsightCredit({ credit: "plan" }),
  schedule: { iterations: 40, envs: 64, steps: 64, feedbackEvery: 64 },
  evaluation: { every: 10 },
});

export default pipeline;
