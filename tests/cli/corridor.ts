/** A pipeline that runs in seconds, for tests of the command line. */
import { definePipeline, type Pipeline } from "../../core/pipeline/pipeline.ts";
import { bot, corridor, paper, ppo, qMinusV } from "../../plugins/mod.ts";

const pipeline: Pipeline = definePipeline({
  name: "corridor",
  env: corridor(),
  teacher: bot({ accuracy: 0.6 }),
  student: ppo({ hidden: 16 }),
  advantage: qMinusV(),
  feedback: paper(),
  schedule: { iterations: 2, envs: 8, steps: 16 },
  evaluation: { episodes: 20, states: 16 },
});
export default pipeline;
