/** How well students do in the corridor after a short training, for thresholds. */
import { createContext } from "../../../core/kit/context.ts";
import { definePipeline } from "../../../core/pipeline/pipeline.ts";
import type { StageSpec } from "../../../core/pipeline/plugin.ts";
import { runPipeline } from "../../../core/run/scheduler.ts";
import type { Trait } from "../../../core/stages/mod.ts";
import { bot, corridor, gae, noFeedback, noTeacher } from "../../../plugins/mod.ts";

interface Course {
  /** Iterations of 16 environments and 32 steps. */
  readonly iterations?: number;
  /** Accuracy of the bot that teaches; alone where absent. */
  readonly accuracy?: number;
  /** What the student learns from; GAE where absent. */
  readonly advantage?: StageSpec<"advantage">;
  /** Cells of the corridor. */
  readonly length?: number;
}

/** Share of 200 held-out episodes that a student without a teacher solves after 25 iterations. */
export async function successAfter(
  env: StageSpec<"env", Trait>,
  student: StageSpec<"student", Trait>,
): Promise<number> {
  const pipeline = definePipeline({
    name: "learning",
    env: env as StageSpec<"env", never>,
    teacher: noTeacher(),
    student: student as StageSpec<"student", never>,
    advantage: gae(),
    feedback: noFeedback(),
    schedule: { iterations: 25, envs: 16, steps: 32 },
    evaluation: { episodes: 200, states: 16 },
  });
  const { end } = await runPipeline(pipeline, createContext({ seed: 3, device: "wasm" }));
  return end.success.rate;
}

/** Mean return at the end of training, of 100 episodes; 0.88 is the best in 5 cells. */
export async function returnAfter(
  student: StageSpec<"student", Trait>,
  { iterations = 30, accuracy, advantage = gae(), length = 5 }: Course = {},
): Promise<number> {
  const pipeline = definePipeline({
    name: "learning",
    env: corridor({ length }),
    teacher: accuracy === undefined ? noTeacher() : bot({ accuracy }),
    student: student as StageSpec<"student", never>,
    advantage,
    feedback: noFeedback(),
    schedule: { iterations, envs: 16, steps: 32 },
    evaluation: { episodes: 100, states: 16 },
  });
  const { end } = await runPipeline(pipeline, createContext({ seed: 3, device: "wasm" }));
  return end.success.meanReward;
}
