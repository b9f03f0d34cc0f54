/**
 * What it costs to be bit-identical in every engine: processor time of the device `wasm-portable`,
 * which does without relaxed SIMD, as a multiple of that of `wasm`. An iteration of the default
 * pipeline with the fused T5, and one of PPO alone on GoToLocal.
 *
 *     deno run --allow-read bench/portable.ts [--rounds 5]
 *
 * Both devices take turns, so that a neighbour's load falls on each.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { createContext, type DeviceChoice } from "../core/kit/context.ts";
import { definePipeline, type Pipeline } from "../core/pipeline/pipeline.ts";
import { runPipeline } from "../core/run/scheduler.ts";
import { median } from "../lab/statistics/sample.ts";
import { babyai, languageModel, noFeedback, noTeacher, ppo, tdError } from "../plugins/mod.ts";
import mutual from "../pipelines/babyai.ts";

const { values: options } = parseArgs({ options: { rounds: { type: "string", default: "5" } } });

/** The compiler settles in the first of them, which do not count. */
const [ITERATIONS, SETTLING] = [12, 4];
const EVALUATION = { episodes: 1, states: 1, every: 0 };

const PIPELINES: Readonly<Record<string, Pipeline>> = {
  "pipelines/babyai.ts, fused T5": mutual.with({
    teacher: languageModel({
      ...{ learnsBy: ["logits"], features: "relative", credit: "action", gain: 4 },
      runtime: "fused",
    }),
    schedule: { iterations: ITERATIONS },
    evaluation: EVALUATION,
  }),
  "PPO alone": definePipeline({
    name: "ppo-alone",
    env: babyai({ level: "GoToLocal" }),
    teacher: noTeacher(),
    student: ppo(),
    advantage: tdError(),
    feedback: noFeedback(),
    schedule: { envs: 16, steps: 128, iterations: ITERATIONS },
    evaluation: EVALUATION,
  }),
};

/** Processor milliseconds of each iteration, helpers of the engine included. */
async function iterationsOf(pipeline: Pipeline, device: DeviceChoice): Promise<number[]> {
  const times: number[] = [];
  let before = process.cpuUsage();
  const context = createContext({
    seed: 1,
    device,
    emit: (event) => {
      if (event.type !== "iteration.ended") return;
      const { user, system } = process.cpuUsage(before);
      before = process.cpuUsage();
      if (event.iteration > SETTLING) times.push((user + system) / 1000);
    },
  });
  await runPipeline(pipeline, context);
  return times;
}

console.log("| an iteration of | wasm, ms | wasm-portable, ms | ratio | by round |");
console.log("| --- | --- | --- | --- | --- |");
for (const [name, pipeline] of Object.entries(PIPELINES)) {
  // The first runs of a process are the compiler's.
  await iterationsOf(pipeline, "wasm");
  await iterationsOf(pipeline, "wasm-portable");
  const rounds: [number, number][] = [];
  for (let round = 0; round < Number(options.rounds); round++) {
    const relaxed = median(await iterationsOf(pipeline, "wasm"));
    rounds.push([relaxed, median(await iterationsOf(pipeline, "wasm-portable"))]);
  }
  const [relaxed, portable] = [0, 1].map((k) => median(rounds.map((pair) => pair[k]!)));
  const ratios = rounds.map(([a, b]) => b / a).sort((a, b) => a - b);
  const cells = [relaxed!.toFixed(0), portable!.toFixed(0), `${median(ratios).toFixed(2)}`];
  const range = `${ratios[0]!.toFixed(2)} to ${ratios.at(-1)!.toFixed(2)}`;
  console.log(`| ${[name, ...cells, range].join(" | ")} |`);
}
