import { type OnnxRuntime, openOnnxRuntime } from "../onnx/onnx.ts";
import { Engine } from "./engine.ts";
import { findGraphs } from "./graphs.ts";
import { heldToWasm } from "./held.ts";
import type { LanguageModelRuntime, OpenedEngine } from "./runtime.ts";
import { openSessions } from "./sessions.ts";

/** ONNX Runtime: "web" in WebAssembly or on WebGPU, "native" its binary for the processor. */
export function onnxRuntime(runtime: "web" | "native"): LanguageModelRuntime {
  return {
    effects: runtime === "native" ? ["process"] : [],
    severalThreads: runtime === "web" ? "worker" : "here",
    async open(dir, config, options) {
      const graphs = options.graphs ?? await findGraphs(dir, config, options);
      const open = async (onnx: OnnxRuntime): Promise<OpenedEngine> => {
        const { dtype, layout } = graphs;
        const { backend, threads } = onnx;
        const engine = new Engine(config, await openSessions(onnx, graphs), dtype);
        return { engine, info: { dtype, layout, backend, threads } };
      };
      const opened = await open(await openOnnxRuntime({ ...options, runtime }));
      if (opened.info.backend !== "webgpu") return opened;
      const { threads } = options;
      const openWasm = async () => await open(await openOnnxRuntime({ device: "wasm", threads }));
      return await heldToWasm(opened, openWasm, config);
    },
  };
}
