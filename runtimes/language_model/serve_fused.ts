import { readModelConfig } from "../model_folder/config.ts";
import { EngineLanguageModel } from "./engine_model.ts";
import type { LanguageModel, ModelInfo } from "./language_model.ts";
import type { T5Config } from "../t5/config.ts";
import type { Parameter } from "../t5/parameters.ts";
import { readTokenizer } from "../tokenizer/tokenizer.ts";
import { T5Int8Engine } from "./fused_engine.ts";
import { T5Int8 } from "../t5_int8/model.ts";

/**
 * A language model of a T5's weights in memory, in the kernels of the runtime "fused": ready within
 * milliseconds where the T5 is small, so that a model in training can be asked between two updates.
 *
 * @param dir The folder whose tokenizer and configuration it has.
 * @throws TandemError E_MODEL where the kernels do not fit the model's shape.
 */
export async function serveT5(
  dir: string,
  shape: T5Config,
  parameters: ReadonlyMap<string, Parameter>,
): Promise<LanguageModel> {
  const config = await readModelConfig(dir);
  const { type, encoderDecoder, vocabSize } = config;
  const info: ModelInfo = {
    ...{ dir, type, encoderDecoder, vocabSize },
    ...{ dtype: "int8", layout: "merged", backend: "fused", threads: 1 },
  };
  const engine = new T5Int8Engine(await T5Int8.open(shape, parameters));
  return new EngineLanguageModel(info, await readTokenizer(dir), config, engine);
}
