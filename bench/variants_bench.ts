/**
 * What an iteration of each variant costs, set-up and measurements left out:
 *
 *     deno task bench:variants
 *
 * `deno task bench:save FILE` keeps the results, `deno task bench:compare A B` compares two of them
 * or two revisions.
 */
import { pipelineOf } from "../experiments/trials.ts";
import { createContext } from "../core/kit/context.ts";
import { definePipeline, type Pipeline } from "../core/pipeline/pipeline.ts";
import { runPipeline } from "../core/run/scheduler.ts";
import { findVariants } from "../lab/variants.ts";
import babyai from "../pipelines/babyai.ts";
import { bot, builtins, corridor, paper, ppo, qMinusV } from "../plugins/mod.ts";

/** Iterations that are timed together, after one to warm up. */
const ITERATIONS = 4;

const measuring = { episodes: 2, states: 2, every: 0 };
const PIPELINES: readonly (readonly [name: string, pipeline: Pipeline, variants: string[]])[] = [
  [
    "corridor",
    definePipeline({
      name: "corridor",
      env: corridor(),
      teacher: bot({ accuracy: 0.6 }),
      student: ppo(),
      advantage: qMinusV(),
      feedback: paper(),
      schedule: { envs: 64, steps: 64 },
      evaluation: measuring,
    }),
    ["paper", "random", "shuffled", "oracle"],
  ],
  ["babyai", babyai.with({ evaluation: measuring }), ["paper", "random", "oracle"]],
];

for (const [group, pipeline, names] of PIPELINES) {
  for (const variant of findVariants(names)) {
    Deno.bench({
      name: `${group}: ${variant.name}`,
      group,
      baseline: variant.name === "alone",
      n: 5,
      warmup: 1,
      fn: async (bench) => {
        const varied = await pipelineOf(pipeline, { variant, level: null }, builtins);
        await timeIterations(varied, bench);
      },
    });
  }
}

/** Times {@linkcode ITERATIONS} iterations between two events of one run. */
async function timeIterations(pipeline: Pipeline, bench: Deno.BenchContext): Promise<void> {
  const context = createContext({
    seed: 0,
    device: "wasm",
    emit: (event) => {
      if (event.type !== "iteration.ended") return;
      if (event.iteration === 1) bench.start();
      if (event.iteration === 1 + ITERATIONS) bench.end();
    },
  });
  await runPipeline(pipeline.with({ schedule: { iterations: 1 + ITERATIONS } }), context);
}
