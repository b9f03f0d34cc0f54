/**
 * What docs/results/imperfect.md compares: a teacher without a language model that knows what verdicts
 * from achievements have taught it, and a student that trusts it on trial. The plan beside it,
 * plans/imperfect.json, has the variants in which the teacher is told less.
 *
 *     deno task compare bench/mutual/plans/imperfect.json --device wasm --out runs/imperfect
 */
import { definePipeline, type Pipeline } from "../../core/pipeline/pipeline.ts";
import { babyai, hindsightCredit, languageModel, ppo, tdError } from "../../plugins/mod.ts";

const pipeline: Pipeline = definePipeline({
  name: "imperfect",
  description: "A teacher is told less and less, and learns from what its student achieved.",
  env: babyai({ level: "BabyAI-GoToLocal-v0" }),
  teacher: languageModel({ model: "blank", learnsBy: ["classifier"] }),
  student: ppo({ guidance: "trust", minibatch: 128 }),
  advantage: tdError(),
  feedback: hindsightCredit({ credit: "plan" }),
  schedule: { iterations: 15, envs: 16, steps: 32, feedbackEvery: 32, adviceTrial: 0.1 },
  evaluation: { episodes: 60, every: 0 },
});

export default pipeline;
