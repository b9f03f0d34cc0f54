/** Runs a tiny pipeline for long, and prints the bytes in use after a third of it and at its end. */
import { createContext } from "../../core/kit/context.ts";
import { definePipeline } from "../../core/pipeline/pipeline.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import { babyai, bot, paper, ppo, qMinusV } from "../../plugins/mod.ts";

const ITERATIONS = 3000;

const pipeline = definePipeline({
  name: "long",
  env: babyai({ level: "GoToRedBallNoDists" }),
  teacher: bot({ accuracy: 0.7 }),
  student: ppo({ hidden: 8, epochs: 1 }),
  advantage: qMinusV(),
  feedback: paper(),
  schedule: { iterations: ITERATIONS, envs: 2, steps: 8, feedbackDelay: 2 },
  evaluation: { episodes: 2, states: 2, every: 100 },
});

const used: number[] = [];
function measure(): void {
  (globalThis as unknown as { gc(): void }).gc();
  const { heapUsed, external } = Deno.memoryUsage();
  used.push(heapUsed + external);
}

await runPipeline(
  pipeline,
  createContext({
    seed: 0,
    device: "cpu",
    emit: (event) => {
      if (event.type !== "iteration.ended") return;
      if (event.iteration === ITERATIONS / 3 || event.iteration === ITERATIONS) measure();
    },
  }),
  { checkpoints: { isDue: (iteration) => iteration % 10 === 0, keep: () => {} } },
);
console.log(JSON.stringify(used));
