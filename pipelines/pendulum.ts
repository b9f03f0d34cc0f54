/**
 * PPO swings a pendulum up by a torque and keeps it there: floats are seen, and an action is a float. No
 * teacher, so that it shows what the student does alone.
 *
 *     deno task run pipelines/pendulum.ts
 *
 * What it comes to stands in docs/results/control.md. Rewards are -16 to 0 a step, so V's and Q's errors
 * are weighed lightly, or their gradients would drown the policy's.
 */
import { definePipeline, type Pipeline } from "../core/pipeline/pipeline.ts";
import { gae, noFeedback, noTeacher, pendulum, ppo } from "../plugins/mod.ts";

const pipeline: Pipeline = definePipeline({
  name: "pendulum",
  description: "PPO swings a pendulum up: float observations and float actions.",
  env: pendulum(),
  teacher: noTeacher(),
  student: ppo({
    ...{ learningRate: 1e-3, epochs: 10, minibatch: 256, entropy: 0 },
    ...{ valueLoss: 0.01, qLoss: 0.01 },
  }),
  advantage: gae({ gamma: 0.9, lambda: 0.95 }),
  feedback: noFeedback(),
  schedule: { iterations: 40, envs: 16, steps: 200 },
  evaluation: { episodes: 100, every: 10 },
});

export default pipeline;
