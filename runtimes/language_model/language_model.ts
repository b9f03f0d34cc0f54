/** A language model in a folder of Hugging Face layout: generation, scoring and hidden states. */
import { TandemError } from "@tandem/core";
import { type ModelConfig, readModelConfig } from "../model_folder/config.ts";
import { readTokenizer } from "../tokenizer/tokenizer.ts";
import type { LanguageModel } from "./contract.ts";
import { EngineLanguageModel } from "./engine_model.ts";
import type { EngineOptions, OpenedEngine } from "./runtime.ts";
import { type RuntimeName, RUNTIMES } from "./runtimes.ts";

export type { HiddenStates, HiddenTensor, LanguageModel, ModelInfo } from "./contract.ts";

/** How a model is opened. */
export interface OpenOptions extends EngineOptions {
  /**
   * "web" is ONNX Runtime in WebAssembly or on WebGPU; "native" its binary, which needs --allow-ffi;
   * "fused" Tandem's own kernels, for a T5 with its safetensors: 8-bit weights, one thread, faster
   * than "web", the more so the larger the model. Default "web".
   */
  readonly runtime?: RuntimeName;
}

/**
 * Opens a model folder.
 *
 * @param dir A folder with config.json, tokenizer.json and ONNX files in onnx/ or beside them, or a
 * T5's model.safetensors.
 * @throws TandemError E_MODEL, E_TOKENIZER or E_DEVICE.
 * @example
 * ```ts
 * import { openLanguageModel } from "@tandem/runtimes/language-model";
 * import assert from "node:assert/strict";
 * const dir = "tests/fixtures/language-models/t5-v1_1";
 * const model = await openLanguageModel(dir, { device: "wasm", threads: 1 });
 * const [score] = await model.score(["go to the red ball"], ["turn left", "go forward"]);
 * assert.equal(score!.candidates.length, 2);
 * assert.ok(Math.abs(score!.distribution[0]! + score!.distribution[1]! - 1) < 1e-6);
 * const [text] = await model.generate(["go to the red ball"], { maxTokens: 3 });
 * assert.equal(text!.ids.length, 3);
 * await model.dispose();
 * ```
 */
export async function openLanguageModel(
  dir: string,
  { runtime = "web", ...options }: OpenOptions = {},
): Promise<LanguageModel> {
  const config = await readModelConfig(dir);
  return await languageModelOf(dir, config, () => RUNTIMES[runtime].open(dir, config, options));
}

/**
 * The language model with a folder's tokenizer and configuration, and what computes it.
 *
 * @param open Opens what computes it; called when the folder is found to be in order.
 * @throws TandemError E_TOKENIZER, and what `open` throws.
 */
export async function languageModelOf(
  dir: string,
  config: ModelConfig,
  open: () => Promise<OpenedEngine>,
): Promise<LanguageModel> {
  const tokenizer = await readTokenizer(dir);
  if (tokenizer.size > config.vocabSize) {
    const most = tokenizer.size - 1;
    throw new TandemError(
      "E_TOKENIZER",
      `The tokenizer in "${dir}" has ids up to ${most}, more than the model's vocabulary of ${config.vocabSize}.`,
    );
  }
  const { type, encoderDecoder, vocabSize } = config;
  const { engine, info } = await open();
  const about = { dir, type, encoderDecoder, vocabSize, ...info };
  return new EngineLanguageModel(about, tokenizer, config, engine);
}
