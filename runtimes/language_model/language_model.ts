/** A language model in a folder of Hugging Face layout: generation, scoring and hidden states. */
import { TandemError } from "../../core/stages/errors.ts";
import type { PullOptions } from "../hub/pull.ts";
import { type OnnxOptions, openOnnxRuntime } from "../onnx/onnx.ts";
import { readT5Config } from "../t5/config.ts";
import { readT5Parameters } from "../t5/folder.ts";
import { T5Int8Engine } from "./fused_engine.ts";
import { T5Int8 } from "../t5_int8/model.ts";
import { readTokenizer } from "../tokenizer/tokenizer.ts";
import { type ModelConfig, readModelConfig } from "../model_folder/config.ts";
import { findGraphs, type GraphRequest, hasT5Weights, type ModelGraphs } from "./graphs.ts";
import { Engine, type ModelEngine } from "./engine.ts";
import { EngineLanguageModel } from "./engine_model.ts";
import { openSessions } from "./sessions.ts";
import type { LanguageModel } from "./contract.ts";

export type { HiddenStates, HiddenTensor, LanguageModel, ModelInfo } from "./contract.ts";

/** How a model is opened. */
export interface OpenOptions extends Omit<OnnxOptions, "runtime">, GraphRequest {
  /**
   * "web" is ONNX Runtime in WebAssembly or on WebGPU; "native" its binary, which needs --allow-ffi;
   * "fused" Tandem's own kernels, for a T5 with its safetensors: 8-bit weights, one thread, faster
   * than "web", the more so the larger the model. Default "web".
   */
  readonly runtime?: "web" | "native" | "fused";
  /** Graphs to use instead of the best that fit. */
  readonly graphs?: ModelGraphs;
}

/** How a model is found and opened. */
export interface PretrainedOptions extends OpenOptions, PullOptions {}

/**
 * Opens a model folder, or a model of the Hub by its name: from the cache where it has been pulled,
 * else after pulling it.
 *
 * @param idOrDir A folder, or a name as "google/flan-t5-small".
 * @throws TandemError E_MODEL, E_TOKENIZER, E_DEVICE, E_DOWNLOAD or E_DISK.
 */
export async function fromPretrained(
  idOrDir: string,
  options: PretrainedOptions = {},
): Promise<LanguageModel> {
  return await openLanguageModel(await findModelDir(idOrDir, options), options);
}

/** The folder of a model: `idOrDir` itself where it is one, else the cached or pulled snapshot. */
export async function findModelDir(
  idOrDir: string,
  options: PretrainedOptions = {},
): Promise<string> {
  try {
    if ((await Deno.stat(idOrDir)).isDirectory) return idOrDir;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const { findPulled, pullModel } = await import("../hub/pull.ts");
  const cached = await findPulled(idOrDir, options);
  const serves = cached !== undefined && await hasGraphs(cached, options);
  return serves ? cached : (await pullModel(idOrDir, options)).dir;
}

/** Whether what was pulled before holds the weight format that is asked for now. */
async function hasGraphs(dir: string, options: GraphRequest): Promise<boolean> {
  try {
    await findGraphs(dir, await readModelConfig(dir), options);
    return true;
  } catch (error) {
    if (error instanceof TandemError) return false;
    throw error;
  }
}

/**
 * Opens a model folder.
 *
 * @param dir A folder with config.json, tokenizer.json and ONNX files in onnx/ or beside them, or a
 * T5's model.safetensors.
 * @throws TandemError E_MODEL, E_TOKENIZER or E_DEVICE.
 * @example
 * ```ts
 * import { openLanguageModel } from "./language_model.ts";
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
  options: OpenOptions = {},
): Promise<LanguageModel> {
  const config = await readModelConfig(dir);
  const tokenizer = await readTokenizer(dir);
  if (tokenizer.size > config.vocabSize) {
    const most = tokenizer.size - 1;
    throw new TandemError(
      "E_TOKENIZER",
      `The tokenizer in "${dir}" has ids up to ${most}, more than the model's vocabulary of ${config.vocabSize}.`,
    );
  }
  const { type, encoderDecoder, vocabSize } = config;
  const about = { dir, type, encoderDecoder, vocabSize };
  if (options.runtime === "fused") {
    checkFusedDtype(options.dtype);
    const info = {
      ...about,
      dtype: "int8",
      layout: "merged",
      backend: "fused",
      threads: 1,
    } as const;
    return new EngineLanguageModel(info, tokenizer, config, await openFusedEngine(dir, config));
  }
  const graphs = options.graphs ?? await findGraphs(dir, config, options);
  const runtime = await openOnnxRuntime({ ...options, runtime: options.runtime });
  const { dtype, layout } = graphs;
  const { backend, threads } = runtime;
  const engine = new Engine(config, await openSessions(runtime, graphs), dtype);
  const info = { ...about, dtype, layout, backend, threads };
  return new EngineLanguageModel(info, tokenizer, config, engine);
}

/** @throws TandemError E_OPTION where weights are asked for that the kernels do not have. */
function checkFusedDtype(dtype: GraphRequest["dtype"] = "auto"): void {
  if (dtype === "auto" || dtype === "int8") return;
  throw new TandemError(
    "E_OPTION",
    `The option "dtype" is "${dtype}"; it must be "int8" or "auto" for the runtime "fused".`,
  );
}

/** Tandem's own kernels, for a T5 whose weights lie in safetensors. */
async function openFusedEngine(dir: string, config: ModelConfig): Promise<ModelEngine> {
  if (!await hasT5Weights(dir, config)) {
    throw new TandemError(
      "E_MODEL",
      `The runtime "fused" runs a T5 of which model.safetensors is there, and "${dir}" holds none; use the runtime "web".`,
    );
  }
  const shape = await readT5Config(dir);
  const model = await T5Int8.open(shape, await readT5Parameters(dir, shape));
  return new T5Int8Engine(model);
}
