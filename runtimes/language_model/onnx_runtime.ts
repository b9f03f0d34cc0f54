import { openOnnxRuntime } from "../onnx/onnx.ts";
import { Engine } from "./engine.ts";
import { findGraphs } from "./graphs.ts";
import type { LanguageModelRuntime } from "./runtime.ts";
import { openSessions } from "./sessions.ts";

/** ONNX Runtime: "web" in WebAssembly or on WebGPU, "native" its binary for the processor. */
export function onnxRuntime(runtime: "web" | "native"): LanguageModelRuntime {
  return {
    effects: runtime === "native" ? ["process"] : [],
    severalThreads: runtime === "web" ? "worker" : "here",
    async open(dir, config, options) {
      const graphs = options.graphs ?? await findGraphs(dir, config, options);
      const onnx = await openOnnxRuntime({ ...options, runtime });
      const { dtype, layout } = graphs;
      const { backend, threads } = onnx;
      const engine = new Engine(config, await openSessions(onnx, graphs), dtype);
      return { engine, info: { dtype, layout, backend, threads } };
    },
  };
}
