/** The runtimes that a language model may be computed in, by the names that users know. */
import { fusedRuntime } from "./fused_runtime.ts";
import { onnxRuntime } from "./onnx_runtime.ts";
import type { LanguageModelRuntime } from "./runtime.ts";

/** Their names. */
export const RUNTIME_NAMES = ["web", "native", "fused"] as const;

/** The name of a runtime. */
export type RuntimeName = typeof RUNTIME_NAMES[number];

/** Each of them: a name without its runtime does not compile. */
export const RUNTIMES: Readonly<Record<RuntimeName, LanguageModelRuntime>> = {
  web: onnxRuntime("web"),
  native: onnxRuntime("native"),
  fused: fusedRuntime,
};
