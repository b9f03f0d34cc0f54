/**
 * Tandem: pipelines in which a language model and a reinforcement-learning agent make each other
 * better. This is the public face; it re-exports core/ and holds no logic.
 *
 * @module
 */
export * from "./core/bounded_map.ts";
export * from "./core/checkpoint.ts";
export * from "./core/conformance/mod.ts";
export * from "./core/context.ts";
export * from "./core/errors.ts";
export * from "./core/evaluation.ts";
export * from "./core/events.ts";
export * from "./core/guidance.ts";
export { stageOption } from "./core/nested.ts";
export { jointState } from "./core/joint_state.ts";
export * from "./core/options.ts";
export * from "./core/pipeline.ts";
export * from "./core/plugin.ts";
export * from "./core/random.ts";
export * from "./core/returns.ts";
export * from "./core/schedule.ts";
export * from "./core/scheduler.ts";
export * from "./core/stages.ts";
export * from "./core/streams.ts";
export * from "./core/template.ts";
export * from "./core/verdicts.ts";
