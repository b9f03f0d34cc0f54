/**
 * The baseline of arXiv 2401.06603, Lamorel with GLAM's method (arXiv 2302.02662): no teacher, the
 * language model is the policy and is trained by PPO.
 *
 *     deno task run pipelines/lamorel.ts
 *
 * Discount, lambda, clipping, entropy, passes, minibatch, environments and steps are GLAM's, and so are
 * its mistakes: `student.scoring=normalised`, `student.valueClip=false` and
 * `advantage.truncation=bootstrap` put them right. Three things follow from the size of the shipped
 * model, 178 thousand weights where GLAM had 780 million: a larger learning rate, narrower heads, and a
 * prompt that it knows (`student.prompt=glam` is GLAM's). One observation is shown, GLAM shows three.
 *
 * A frozen model under a trained policy head: --set student.head=policy --set student.train=heads
 * Behaviour cloning of the expert:            --set student=language-model-cloning --set teacher=bot
 */
import { definePipeline, type Pipeline } from "../core/pipeline/pipeline.ts";
import { babyai, gae, lamorel, noFeedback, noTeacher } from "../plugins/mod.ts";

const pipeline: Pipeline = definePipeline({
  name: "lamorel",
  description: "A language model is the policy and is trained by PPO: the baseline.",
  env: babyai({ level: "BabyAI-GoToRedBallNoDists-v0" }),
  teacher: noTeacher(),
  student: lamorel({
    prompt: "tandem",
    actions: ["turn left", "turn right", "go forward", "pick up", "drop", "toggle"],
    learningRate: 3e-4,
    hidden: [256, 256],
  }),
  advantage: gae({ gamma: 0.99, lambda: 0.99, truncation: "termination" }),
  feedback: noFeedback(),
  schedule: { iterations: 20, envs: 32, steps: 40 },
  evaluation: { every: 5 },
});

export default pipeline;
