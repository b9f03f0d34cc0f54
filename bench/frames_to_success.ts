/**
 * Frames until a PPO student alone solves 95 of 100 episodes, in each of the runtimes: what learns
 * faster a step must not learn worse.
 *
 *     deno run --allow-read bench/frames_to_success.ts [--level ID] [--success 0.95] [--seeds 10] \
 *       [--most 400000]
 *
 * A larger level takes hours, most of them in TensorFlow.js; a runtime may be asked alone, or for a
 * smaller share of episodes:
 *
 *     deno run --allow-read bench/frames_to_success.ts --level GoToLocal --success 0.7
 */

import { parseArgs } from "node:util";
import { createContext } from "../core/kit/context.ts";
import { definePipeline } from "../core/pipeline/pipeline.ts";
import { runPipeline } from "../core/run/scheduler.ts";
import { babyai, noFeedback, noTeacher, ppo, tdError } from "../plugins/mod.ts";

const RUNTIMES = ["fused", "tfjs"] as const;
const SCHEDULE = { envs: 16, steps: 128 } as const;
const FRAMES = SCHEDULE.envs * SCHEDULE.steps;
/** Success is that of so many episodes that ended last. */
const EPISODES = 200;

const { values: { level, success, seeds, most: limit, runtimes: asked } } = parseArgs({
  options: {
    level: { type: "string", default: "GoToRedBallNoDists" },
    success: { type: "string", default: "0.95" },
    seeds: { type: "string", default: "10" },
    most: { type: "string", default: "400000" },
    runtimes: { type: "string", default: RUNTIMES.join() },
  },
});
const [enough, most] = [Number(success), Number(limit)];

/** Frames until the last episodes are solved often enough; `most` where they never are. */
async function framesToSuccess(runtime: typeof RUNTIMES[number], seed: number): Promise<number> {
  const pipeline = definePipeline({
    name: "frames-to-success",
    env: babyai({ level }),
    teacher: noTeacher(),
    student: ppo({ runtime }),
    advantage: tdError(),
    feedback: noFeedback(),
    schedule: { ...SCHEDULE, iterations: Math.ceil(most / FRAMES) },
    evaluation: { episodes: 1, states: 1 },
  });
  const stop = new AbortController();
  const recent: { ended: number; solved: number }[] = [];
  let found = most;
  const context = createContext({
    seed,
    device: "wasm",
    signal: stop.signal,
    emit: (event) => {
      if (event.type !== "iteration.ended" || stop.signal.aborted) return;
      recent.push(event);
      const sum = (what: "ended" | "solved") => recent.reduce((all, one) => all + one[what], 0);
      while (sum("ended") - recent[0]!.ended >= EPISODES) recent.shift();
      if (sum("ended") < EPISODES || sum("solved") < enough * sum("ended")) return;
      found = event.envSteps;
      stop.abort();
    },
  });
  await runPipeline(pipeline, context);
  return found;
}

const runtimes = RUNTIMES.filter((runtime) => asked.split(",").includes(runtime));
const found = runtimes.map(() => [] as number[]);
console.log(`| seed | ${runtimes.join(" | ")} |\n|---|${"---|".repeat(runtimes.length)}`);
for (let seed = 1; seed <= Number(seeds); seed++) {
  for (const [i, runtime] of runtimes.entries()) {
    found[i]!.push(await framesToSuccess(runtime, seed));
  }
  console.log(`| ${seed} | ${found.map((all) => all.at(-1)).join(" | ")} |`);
}
const mean = (all: number[]) => Math.round(all.reduce((sum, one) => sum + one, 0) / all.length);
const median = (all: number[]) => all.toSorted((a, b) => a - b)[all.length >> 1]!;
console.log(`| mean | ${found.map(mean).join(" | ")} |`);
console.log(`| median | ${found.map(median).join(" | ")} |`);
console.log(
  `\n${level}: frames until ${
    100 * enough
  } % of the last ${EPISODES} episodes or more were solved; ` +
    `${most} stands for never.`,
);
