/**
 * Pipelines and plugins: what is declared, before anything runs.
 *
 * @example A plugin is called with options, which are checked at once.
 * ```ts
 * import { definePlugin, option } from "@tandem/core/pipeline";
 * import * as v from "valibot";
 * import assert from "node:assert/strict";
 * const mean = definePlugin({
 *   kind: "advantage",
 *   name: "mean",
 *   description: "A = r - mean.",
 *   options: { mean: option("What is usual, in units of reward.", v.number(), 0) },
 *   create: ({ mean }) => ({
 *     estimate: ({ rewards }) => ({
 *       advantages: rewards.map((reward) => reward - mean),
 *       targets: rewards,
 *     }),
 *   }),
 * });
 * assert.deepEqual(mean({ mean: 0.5 }).options, { mean: 0.5 });
 * assert.throws(() => mean.stage({ maen: 1 }), /Did you mean "mean"\?/);
 * ```
 *
 * @module
 */
export { frozen, startingFrom } from "./beginning.ts";
export { type Effect, type EffectRequest, EFFECTS, type Permit } from "./effects.ts";
export { namedOrStage, stageOption } from "./nested.ts";
export {
  type Flat,
  option,
  type OptionsInput,
  type OptionsOutput,
  type OptionsSchema,
} from "./options.ts";
export {
  definePipeline,
  type ExtraChoice,
  isPipeline,
  type Pipeline,
  type PipelineChange,
  type PipelineDefinition,
  pipelineFromJson,
  type PipelineJson,
  type StageChoice,
} from "./pipeline.ts";
export {
  type AnyPlugin,
  type Catalog,
  definePlugin,
  isPlugin,
  loadPlugin,
  type NoOptions,
  type Plugin,
  type PluginDefinition,
  type PluginTable,
} from "./plugin.ts";
export type { Evaluation, Schedule } from "./schedule_types.ts";
export type { StageJson, StageSpec, Wirings } from "./stage.ts";
