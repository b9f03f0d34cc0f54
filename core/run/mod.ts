/**
 * Running a pipeline: the scheduler, its checkpoints, what is measured, and the trained student.
 *
 * @example What uniformly random actions achieve.
 * ```ts
 * import { createContext } from "@tandem/core";
 * import { measureFloor } from "@tandem/core/run";
 * import { corridor } from "@tandem/env";
 * import assert from "node:assert/strict";
 * const context = createContext({ seed: 1 });
 * const env = await corridor().create(context, { envs: 50 });
 * const { rate, episodes } = await measureFloor(env, context);
 * assert.equal(episodes, 50);
 * assert.ok(rate > 0 && rate < 1);
 * ```
 *
 * @module
 */
export type { Checkpoint, CheckpointKeeper } from "./checkpoint.ts";
export {
  heldOutStates,
  heldOutWalk,
  measureCeiling,
  measureFloor,
  measureGuidance,
  measureSuccess,
  measureWithoutTeacher,
  type PlayOptions,
  type WalkStep,
  wilson,
} from "./measure/evaluation.ts";
export {
  developmentSeeds,
  HELD_OUT_SEEDS,
  TEST_SEEDS,
  testSeeds,
  trainingSeeds,
  worldSetOf,
} from "./measure/world_seeds.ts";
export type { EarlyEnd } from "./parts/parts.ts";
export type { Phase, Replacement, RunHooks } from "./replace_stage.ts";
export type { Measurement, Retention, RunResult, StageStates, StepOfRun } from "./result.ts";
export { runPipeline } from "./scheduler.ts";
export { openTrained, type Trained, type TrainedOptions, type TrainedStep } from "./trained.ts";
