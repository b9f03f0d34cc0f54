/** The runtime "fused": Tandem's own kernels with 8-bit weights, for a T5, in one thread. */
import { TandemError } from "@tandem/core";
import { readT5Config, type T5Config } from "../t5/config.ts";
import { readT5Parameters } from "../t5/folder.ts";
import type { Parameter } from "../t5/parameters.ts";
import { T5Int8 } from "../t5_int8/model.ts";
import { T5Int8Engine } from "./fused_engine.ts";
import { type GraphRequest, hasT5Weights } from "./graphs.ts";
import type { LanguageModelRuntime, OpenedEngine } from "./runtime.ts";

/** Opens a T5 of which model.safetensors is there. */
export const fusedRuntime: LanguageModelRuntime = {
  effects: [],
  severalThreads: "workers",
  async open(dir, config, { dtype }) {
    checkDtype(dtype);
    if (!await hasT5Weights(dir, config)) {
      throw new TandemError(
        "E_MODEL",
        `The runtime "fused" runs a T5 of which model.safetensors is there, and "${dir}" holds none; use the runtime "web".`,
      );
    }
    const shape = await readT5Config(dir);
    return await openInt8(shape, await readT5Parameters(dir, shape));
  },
};

/**
 * The kernels with a T5's weights in memory.
 *
 * @throws TandemError E_MODEL where they do not fit the model's shape.
 */
export async function openInt8(
  shape: T5Config,
  parameters: ReadonlyMap<string, Parameter>,
): Promise<OpenedEngine> {
  return {
    engine: new T5Int8Engine(await T5Int8.open(shape, parameters)),
    info: { dtype: "int8", layout: "merged", backend: "fused", threads: 1 },
  };
}

/** @throws TandemError E_OPTION where weights are asked for that the kernels do not have. */
function checkDtype(dtype: GraphRequest["dtype"] = "auto"): void {
  if (dtype === "auto" || dtype === "int8") return;
  throw new TandemError(
    "E_OPTION",
    `The option "dtype" is "${dtype}"; it must be "int8" or "auto" for the runtime "fused".`,
  );
}
