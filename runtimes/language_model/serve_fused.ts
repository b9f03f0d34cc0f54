import type { DeviceChoice } from "@tandem/core";
import { readModelConfig } from "../model_folder/config.ts";
import type { T5Config } from "../t5/config.ts";
import type { Parameter } from "../t5/parameters.ts";
import type { LanguageModel } from "./contract.ts";
import { openInt8 } from "./fused_runtime.ts";
import { languageModelOf } from "./language_model.ts";

/**
 * A language model of a T5's weights in memory, in the kernels of the runtime "fused": ready within
 * milliseconds where the T5 is small, so that a model in training can be asked between two updates.
 *
 * @param dir The folder whose tokenizer and configuration it has.
 * @param device "wasm-portable" does without relaxed SIMD.
 * @throws TandemError E_MODEL where the kernels do not fit the model's shape.
 */
export async function serveT5(
  dir: string,
  shape: T5Config,
  parameters: ReadonlyMap<string, Parameter>,
  device?: DeviceChoice,
): Promise<LanguageModel> {
  const config = await readModelConfig(dir);
  return await languageModelOf(dir, config, () => openInt8(shape, parameters, device));
}
