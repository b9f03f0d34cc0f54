/**
 * The door to ONNX Runtime: sessions with plain tensors in and out. WASM (threads) and WebGPU come
 * with onnxruntime-web; the native runtime is onnxruntime-node, loaded only when asked for.
 */
import { TandemError } from "../core/errors.ts";
import { readModelFile } from "./language_model/files.ts";

/** Element types of the tensors that language models exchange. */
export type OnnxType = "float32" | "float16" | "int64" | "int32" | "bool";

/** The values of a tensor, row-major. float16 travels as Float16Array, bool as 0 and 1. */
export type OnnxData = Float32Array | Float16Array | BigInt64Array | Int32Array | Uint8Array;

/** A tensor as it enters or leaves a session. */
export interface OnnxTensor {
  readonly type: OnnxType;
  readonly dims: readonly number[];
  readonly data: OnnxData;
}

/** What a graph says of one input or output: a dimension is a size or the name of a free one. */
export interface OnnxSpec {
  readonly type: string;
  readonly dims: readonly (number | string)[];
}

/** A loaded graph. */
export interface OnnxSession {
  readonly file: string;
  readonly inputs: ReadonlyMap<string, OnnxSpec>;
  readonly outputs: ReadonlyMap<string, OnnxSpec>;
  /** Runs the graph; `fetch` names the outputs that are wanted (default: all). */
  run(
    feeds: Readonly<Record<string, OnnxTensor>>,
    fetch?: readonly string[],
  ): Promise<Record<string, OnnxTensor>>;
  /** Frees what the session holds. */
  release(): Promise<void>;
}

/** Where a graph runs. "native" is onnxruntime-node (needs --allow-ffi). */
export type OnnxBackend = "wasm" | "webgpu" | "native";

/** How sessions are made. */
export interface OnnxOptions {
  /** "auto": WebGPU where a hardware adapter is, else WASM. Default "auto". */
  readonly device?: "auto" | "wasm" | "webgpu";
  /** "web": onnxruntime-web; "native": onnxruntime-node. Default "web". */
  readonly runtime?: "web" | "native";
  /** Threads of the WASM or native runtime. Default: the machine's. */
  readonly threads?: number;
}

/** A backend that has been chosen and set up. */
export interface OnnxRuntime {
  readonly backend: OnnxBackend;
  readonly threads: number;
  /** Loads a graph with its external data. @throws TandemError E_MODEL where it is no usable model. */
  open(file: string): Promise<OnnxSession>;
}

// deno-lint-ignore no-explicit-any
type Ort = any;

/**
 * Chooses and sets up the backend.
 *
 * @throws TandemError E_DEVICE where the device or the native runtime is not present.
 */
export async function openOnnxRuntime(options: OnnxOptions = {}): Promise<OnnxRuntime> {
  const threads = options.threads ?? navigator.hardwareConcurrency ?? 1;
  if (options.runtime === "native") return runtimeOf(await importNative(), "native", threads);
  const ort = await import("onnxruntime-web") as Ort;
  // A plain path, not a URL: the runtime's threads are started from files beside it.
  ort.env.wasm.wasmPaths = new URL(".", import.meta.resolve("onnxruntime-web")).pathname;
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = "error";
  return runtimeOf(ort, "wasm", threads);
}

async function importNative(): Promise<Ort> {
  const specifier = "npm:onnxruntime-node@1.30.0";
  try {
    return await import(specifier);
  } catch (cause) {
    throw new TandemError(
      "E_DEVICE",
      'The runtime "native" needs onnxruntime-node, which could not be loaded; install it and grant --allow-ffi, or use the runtime "web".',
      { cause },
    );
  }
}

function runtimeOf(ort: Ort, backend: OnnxBackend, threads: number): OnnxRuntime {
  return {
    backend,
    threads,
    async open(file) {
      const { bytes, externalData } = await readModelFile(file);
      try {
        const session = await ort.InferenceSession.create(bytes, {
          executionProviders: [backend === "native" ? "cpu" : backend],
          graphOptimizationLevel: "all",
          logSeverityLevel: 3,
          externalData,
          ...(backend === "native" ? { intraOpNumThreads: threads } : {}),
        });
        return sessionOf(ort, session, file);
      } catch (cause) {
        throw new TandemError(
          "E_MODEL",
          `The file "${file}" is not a model that ONNX Runtime can load (${
            firstLine(cause)
          }); a whole ONNX file is needed.`,
          { cause },
        );
      }
    },
  };
}

function sessionOf(ort: Ort, session: Ort, file: string): OnnxSession {
  const specs = (metadata: Ort[]): Map<string, OnnxSpec> =>
    new Map(metadata.map((m) => [m.name, { type: m.type, dims: m.shape ?? [] }]));
  return {
    file,
    inputs: specs(session.inputMetadata),
    outputs: specs(session.outputMetadata),
    async run(feeds, fetch) {
      const wrapped: Record<string, Ort> = {};
      for (const [name, t] of Object.entries(feeds)) {
        wrapped[name] = new ort.Tensor(t.type, t.data, t.dims);
      }
      try {
        return await (fetch ? session.run(wrapped, fetch) : session.run(wrapped));
      } catch (cause) {
        throw new TandemError(
          "E_MODEL",
          `The model "${file}" failed while it ran (${firstLine(cause)}).`,
          { cause },
        );
      }
    },
    release: () => session.release(),
  };
}

function firstLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split("\n")[0]!.slice(0, 200).replace(/\.$/, "");
}
