/**
 * Running a pipeline: the scheduler, its checkpoints, and what is measured.
 *
 * @module
 */
export type { Checkpoint, CheckpointKeeper } from "./checkpoint.ts";
export {
  HELD_OUT_SEEDS,
  heldOutStates,
  heldOutWalk,
  measureCeiling,
  measureFloor,
  measureGuidance,
  measureSuccess,
  measureWithoutTeacher,
  type WalkStep,
  wilson,
} from "./measure/evaluation.ts";
export type { Phase, Replacement, RunHooks } from "./replace_stage.ts";
export type { Measurement, Retention, RunResult, StageStates, StepOfRun } from "./result.ts";
export { runPipeline } from "./scheduler.ts";
