/**
 * Pipelines and plugins: what is declared, before anything runs.
 *
 * @module
 */
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
