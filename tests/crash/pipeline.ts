/** A tiny pipeline in which as much as possible is under way between two iterations. */
import { definePipeline, type Pipeline } from "../../core/pipeline/pipeline.ts";
import {
  bot,
  corridor,
  curriculum,
  ensemble,
  perState,
  qMinusV,
  random,
  tabularQ,
} from "../../plugins/mod.ts";

const pipeline: Pipeline = definePipeline({
  name: "crash",
  env: corridor({ length: 9 }),
  teacher: ensemble({ of: [bot({ accuracy: 0.7 }), random()], rule: "lot" }),
  student: tabularQ({ exploration: 0.2 }),
  advantage: qMinusV(),
  feedback: perState(),
  extras: { pace: curriculum({ levels: [9], option: "length" }) },
  schedule: { iterations: 1000, envs: 4, steps: 8, feedbackDelay: 3, adviceDelay: 1 },
  evaluation: { episodes: 10, states: 8, every: 25 },
});
export default pipeline;
