/**
 * Tandem: pipelines in which a language model and a reinforcement-learning agent make each other
 * better. This is the public face; it re-exports core/ and holds no logic.
 *
 * @module
 */
export * from "./core/kit/bounded_map.ts";
export * from "./core/run/checkpoint.ts";
export * from "./core/testing/mod.ts";
export * from "./core/kit/context.ts";
export * from "./core/base/errors.ts";
export * from "./core/run/measure/evaluation.ts";
export * from "./core/stages/events.ts";
export * from "./core/kit/fixed_teacher.ts";
export * from "./core/kit/guidance.ts";
export { namedOrStage, stageOption } from "./core/pipeline/nested.ts";
export { stateDict } from "./core/kit/state_dict.ts";
export * from "./core/pipeline/options.ts";
export * from "./core/pipeline/pipeline.ts";
export * from "./core/pipeline/plugin.ts";
export * from "./core/kit/random.ts";
export * from "./core/kit/returns.ts";
export * from "./core/pipeline/schedule.ts";
export * from "./core/run/scheduler.ts";
export * from "./core/stages/mod.ts";
export * from "./core/kit/spaces.ts";
export * from "./core/kit/tensors.ts";
export * from "./core/kit/steps.ts";
export * from "./core/kit/streams.ts";
export * from "./core/kit/template.ts";
export * from "./core/kit/vectorise.ts";
export * from "./core/kit/verdicts.ts";
