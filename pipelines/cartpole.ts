/**
 * CartPole by PPO alone: observations are floats, nobody teaches. The mean return over 100 held-out
 * episodes comes to 475 or more, which is what the field calls solved.
 *
 *     deno task run pipelines/cartpole.ts
 */
import { definePipeline, type Pipeline } from "../core/pipeline/pipeline.ts";
import { cartpole, gae, noFeedback, noTeacher, ppo } from "../plugins/mod.ts";

const pipeline: Pipeline = definePipeline({
  name: "cartpole",
  description: "PPO keeps a pole upright.",
  env: cartpole(),
  teacher: noTeacher(),
  student: ppo({ learningRate: 1e-3, epochs: 8, minibatch: 256 }),
  advantage: gae({ gamma: 0.99, lambda: 0.95 }),
  feedback: noFeedback(),
  schedule: { iterations: 60, envs: 16, steps: 64 },
  evaluation: { episodes: 100, states: 1 },
});

export default pipeline;
