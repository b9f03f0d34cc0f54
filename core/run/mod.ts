/**
 * Running a pipeline: the scheduler, its checkpoints, and what is measured.
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
