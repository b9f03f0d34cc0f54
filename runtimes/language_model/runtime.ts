/** The contract of what computes a language model. */
import type { Effect } from "@tandem/core";
import type { ModelConfig } from "../model_folder/config.ts";
import type { OnnxOptions } from "../onnx/onnx.ts";
import type { ModelInfo } from "./contract.ts";
import type { ModelEngine } from "./engine.ts";
import type { GraphRequest, ModelGraphs } from "./graphs.ts";

/** How a runtime is to compute a model. */
export interface EngineOptions extends Omit<OnnxOptions, "runtime">, GraphRequest {
  /** Graphs to use instead of the best that fit. */
  readonly graphs?: ModelGraphs;
}

/** A model that is ready to compute, and what its runtime made of the options. */
export interface OpenedEngine {
  readonly engine: ModelEngine;
  readonly info: Pick<ModelInfo, "dtype" | "layout" | "backend" | "threads" | "note">;
}

/**
 * What computes language models: ONNX Runtime, kernels of our own, or another.
 *
 * @internal
 */
export interface LanguageModelRuntime {
  /** What it does beside computing, which a user must allow. */
  readonly effects: readonly Effect[];
  /**
   * Where a model runs that is to have several threads: in the caller's thread, in a worker, where
   * threads that wait for each other for ever can be ended, or as a copy of one thread in each of so
   * many workers.
   */
  readonly severalThreads: "here" | "worker" | "workers";
  /**
   * Opens the model in a folder.
   *
   * @throws TandemError E_MODEL or E_DEVICE; E_OPTION for what this runtime cannot do.
   */
  open(dir: string, config: ModelConfig, options: EngineOptions): Promise<OpenedEngine>;
}
