/**
 * Language models in ONNX Runtime or in kernels of our own: scores of candidates, and text.
 *
 * @module
 */
export { type ChatMessage, type ChatTemplate, readChatTemplate } from "../chat_template/mod.ts";
export type { HiddenStates, HiddenTensor, LanguageModel, ModelInfo } from "./contract.ts";
export type { FinishReason, GenerateOptions, Generation } from "./generate.ts";
export { openLanguageModel, type OpenOptions } from "./language_model.ts";
export { openLanguageModelFor, type WhereOptions } from "./open.ts";
export { openLanguageModelPool, type PoolOptions } from "./pool.ts";
export { RUNTIME_NAMES, type RuntimeName, RUNTIMES } from "./runtimes.ts";
export type { DrawOptions, SamplingOptions } from "./sampling.ts";
export type {
  CandidateScore,
  Normalisation,
  PromptScore,
  ScoreOptions,
  TokenScores,
} from "./score.ts";
export { serveT5 } from "./serve_fused.ts";
export { LONGEST_WAIT } from "./worker_model.ts";
export { MODEL_DTYPES, type ModelDtype } from "../model_folder/files.ts";
export type { EngineOptions } from "./runtime.ts";
export type { WorkerOptions } from "./worker_model.ts";
export type { Text } from "./texts.ts";
export type { RandomSource } from "./sampling.ts";
export type { DecoderLayout } from "../model_folder/files.ts";
