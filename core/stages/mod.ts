/**
 * The five stages of a pipeline and the values that cross between them.
 *
 * Every batch is time-major: a value of step t and environment i lies at index `t * envs + i`.
 * Symbols follow Sutton & Barto: s_t observation, x_t guidance, a_t action, r_tp1 reward.
 *
 * @example An estimator is an object of one method.
 * ```ts
 * import type { AdvantageEstimator } from "@tandem/core/stages";
 * import assert from "node:assert/strict";
 * const nothing: AdvantageEstimator = {
 *   estimate: ({ values }) => ({ advantages: new Float32Array(values.length), targets: values }),
 * };
 * assert.equal(typeof nothing.estimate, "function");
 * ```
 *
 * @module
 */
export type { AdvantageEstimator } from "./advantage.ts";
export type {
  AnsweringModel,
  AskedState,
  Channel,
  Example,
  JudgedAction,
  JudgedTurn,
  ObservedState,
  PromptFields,
  ScoredCandidates,
  StateAction,
  StateFeatures,
  VerdictEvent,
  WorthOfVerdict,
  WrittenText,
} from "./channel.ts";
export type {
  Actions,
  Env,
  EnvSpec,
  EnvStep,
  Observations,
  Oracle,
  Reference,
  SketchCell,
} from "./env.ts";
export type {
  ActionAccuracy,
  AskedStates,
  CalibrationBin,
  EvaluationResult,
  GuidanceAccuracy,
  SuccessRate,
  TeacherAccuracy,
  TestResult,
  WorldSet,
} from "./evaluation.ts";
export type {
  AdviceWorth,
  EarlierVerdictCounts,
  EffectSummary,
  EventSink,
  LaterVerdict,
  LedgerAmendment,
  LedgerRow,
  TandemEvent,
  TrainingCost,
  VerdictCounts,
} from "./events.ts";
export type {
  EarlierVerdict,
  EvidenceRequest,
  Feedback,
  FeedbackRule,
  JudgedStep,
  PastSteps,
  Verdicts,
} from "./feedback.ts";
export { type Grain, GRAINS, type Guidance, type Mode } from "./guidance.ts";
export {
  type Pluggables,
  PLUGIN_KINDS,
  type PluginKind,
  STAGE_KINDS,
  type StageKind,
  type Stages,
  type StateName,
  type Trait,
} from "./kinds.ts";
export type { FindLearned, Learned, StageSource } from "./learned.ts";
export type { Estimate, Replay, ReplayBatch, Rollout, Samples } from "./rollout.ts";
export type {
  AnsweredStep,
  DecidedStep,
  JudgedSteps,
  Progress,
  RunPart,
  RunRequest,
} from "./run_part.ts";
export {
  type ActionKind,
  type Box,
  type Discrete,
  kindOf,
  type MultiDiscrete,
  type ObservationKind,
  sizeOf,
  type Space,
  type Spaces,
  type TextSpace,
} from "./space.ts";
export {
  isPromise,
  type MaybePromise,
  type Metrics,
  type StageFiles,
  type StageState,
  type StateArray,
  type Stateful,
} from "./stage.ts";
export type { Decision, PolicyView, Student } from "./student.ts";
export type { LearningChannel, Teacher, TeacherUsage } from "./teacher.ts";
export type { Dtype, Tensor, TensorArrays, Tensors } from "./tensor.ts";
