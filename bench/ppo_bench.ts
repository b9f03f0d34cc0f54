/**
 * PPO end to end: steps a second of a whole pipeline on GoToLocal, environment, acting, learning and
 * scheduler included, in the fused CPU runtime on one thread and on two, and on TensorFlow.js. The
 * kinds take turns, so that a neighbour's load falls on all of them.
 *
 *     deno run --allow-read bench/ppo_bench.ts
 */

import { createContext } from "../core/context.ts";
import { definePipeline } from "../core/pipeline.ts";
import { runPipeline } from "../core/scheduler.ts";
import { babyai, noFeedback, noTeacher, ppo, tdError } from "../plugins/mod.ts";
import { formatRate } from "./measure.ts";

const KINDS = [
  { name: "fused", student: { runtime: "fused" }, iterations: 50 },
  { name: "fused, 2 threads", student: { runtime: "fused", threads: 2 }, iterations: 50 },
  { name: "tfjs", student: { runtime: "tfjs" }, iterations: 10 },
] as const;
const SCHEDULES = [{ envs: 16, steps: 128 }, { envs: 64, steps: 64 }] as const;
const ROUNDS = 2;

type Kind = (typeof KINDS)[number];
type Schedule = (typeof SCHEDULES)[number];

/** Steps a second, by iteration, once the compiler has settled. */
async function rates({ student, iterations }: Kind, schedule: Schedule): Promise<number[]> {
  const pipeline = definePipeline({
    name: "ppo-bench",
    env: babyai({ level: "GoToLocal" }),
    teacher: noTeacher(),
    student: ppo(student),
    advantage: tdError(),
    feedback: noFeedback(),
    schedule: { ...schedule, iterations },
    evaluation: { episodes: 1, states: 1 },
  });
  const found: number[] = [];
  const context = createContext({
    seed: 1,
    device: "wasm",
    emit: (event) => {
      if (event.type !== "iteration.ended" || event.iteration <= iterations / 5) return;
      found.push(schedule.envs * schedule.steps / event.seconds);
    },
  });
  await runPipeline(pipeline, context);
  return found;
}

console.log("| worlds | runtime | steps/s, median iteration | best iteration |\n|---|---|---|---|");
for (const schedule of SCHEDULES) {
  const found = new Map<Kind, number[]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const kind of KINDS) {
      found.set(kind, [...found.get(kind) ?? [], ...await rates(kind, schedule)]);
    }
  }
  for (const [{ name }, all] of found) {
    const sorted = all.sort((a, b) => a - b);
    const [median, best] = [sorted[sorted.length >> 1]!, sorted.at(-1)!];
    console.log(
      `| ${schedule.envs} | ${name} | ${formatRate(median)} | ${formatRate(best)} |`,
    );
  }
}
console.log(
  `\nRollouts of 128 steps in 16 worlds and of 64 in 64, 4 epochs of minibatches of 512, ` +
    `${navigator.hardwareConcurrency} cores, Deno ${Deno.version.deno}.`,
);
