/**
 * CartPole by PPO alone: observations are floats, nobody teaches. The mean return over 100 held-out
 * episodes comes to 475 or more, which is what the field calls solved.
 *
 *     deno task run pipelines/cartpole.ts
 *
 * Returns come to 100 and more at this discount, so V's and Q's errors are weighed lightly, or their
 * gradients would drown the policy's.
 */
import { definePipeline, type Pipeline } from "../core/pipeline/pipeline.ts";
import { cartpole, gae, noFeedback, noTeacher, ppo } from "../plugins/mod.ts";

const pipeline: Pipeline = definePipeline({
  name: "cartpole",
  description: "PPO keeps a pole upright.",
  env: cartpole(),
  teacher: noTeacher(),
  student: ppo({
    ...{ learningRate: 1e-3, epochs: 10, minibatch: 256 },
    ...{ entropy: 0, valueLoss: 0.01, qLoss: 0.01 },
  }),
  advantage: gae({ gamma: 0.98, lambda: 0.95 }),
  feedback: noFeedback(),
  schedule: { iterations: 60, envs: 16, steps: 64 },
  evaluation: { episodes: 100, states: 1 },
});

export default pipeline;
