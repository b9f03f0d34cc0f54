/**
 * Pipelines and plugins: what is declared, before anything runs.
 *
 * @module
 */
export { type Effect, type EffectRequest, EFFECTS, type Permit } from "./effects.ts";
export { namedOrStage, stageOption } from "./nested.ts";
export { option, type OptionsInput, type OptionsOutput, type OptionsSchema } from "./options.ts";
export {
  definePipeline,
  type Evaluation,
  type ExtraChoice,
  isPipeline,
  type Pipeline,
  type PipelineChange,
  type PipelineDefinition,
  pipelineFromJson,
  type PipelineJson,
  type Schedule,
  type StageChoice,
} from "./pipeline.ts";
export {
  type AnyPlugin,
  type Catalog,
  definePlugin,
  isPlugin,
  loadPlugin,
  type Plugin,
  type PluginDefinition,
} from "./plugin.ts";
export type { StageJson, StageSpec, Wirings } from "./stage.ts";
