/**
 * PPO end to end: steps a second of a whole pipeline on GoToLocal, environment, acting, learning and
 * scheduler included, in the fused CPU runtime and on TensorFlow.js.
 *
 *     deno run --allow-read bench/ppo_bench.ts
 */

import { createContext } from "../core/context.ts";
import { definePipeline } from "../core/pipeline.ts";
import { runPipeline } from "../core/scheduler.ts";
import { babyai, noFeedback, noTeacher, ppo, tdError } from "../plugins/mod.ts";
import { formatRate } from "./measure.ts";

const RUNTIMES = { fused: 150, tfjs: 25 } as const;
const SCHEDULE = { envs: 16, steps: 128 } as const;

/** Steps a second, by iteration, once the compiler has settled. */
async function rates(runtime: keyof typeof RUNTIMES): Promise<number[]> {
  const iterations = RUNTIMES[runtime];
  const pipeline = definePipeline({
    name: "ppo-bench",
    env: babyai({ level: "GoToLocal" }),
    teacher: noTeacher(),
    student: ppo({ runtime }),
    advantage: tdError(),
    feedback: noFeedback(),
    schedule: { ...SCHEDULE, iterations },
    evaluation: { episodes: 1, states: 1 },
  });
  const found: number[] = [];
  const context = createContext({
    seed: 1,
    device: "wasm",
    emit: (event) => {
      if (event.type !== "iteration.ended" || event.iteration <= iterations / 5) return;
      found.push(SCHEDULE.envs * SCHEDULE.steps / event.seconds);
    },
  });
  await runPipeline(pipeline, context);
  return found.sort((a, b) => a - b);
}

console.log("| runtime | steps/s, median iteration | best iteration |\n|---|---|---|");
for (const runtime of ["fused", "tfjs"] as const) {
  const found = await rates(runtime);
  const [median, best] = [found[found.length >> 1]!, found.at(-1)!];
  console.log(`| ${runtime} | ${formatRate(median)} | ${formatRate(best)} |`);
}
console.log(
  `\n16 worlds, rollouts of 128 steps, 4 epochs of minibatches of 512, Deno ${Deno.version.deno}.`,
);
