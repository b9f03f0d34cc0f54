/**
 * The door to ONNX Runtime: sessions with plain tensors in and out. WASM (threads) and WebGPU come
 * with onnxruntime-web; the native runtime is onnxruntime-node, loaded only when asked for.
 */
import { type DeviceChoice, TandemError } from "@tandem/core";
import { builtin, importOptional } from "@tandem/core/internal";
import { diskPath } from "../files/location.ts";
import { checkedFacts, checkExternal, firstLine } from "./checks.ts";
import type { GraphSource } from "./source.ts";
import { findAdapter, openDevice, openGpu } from "../webgpu/webgpu.ts";

export type { GraphBytes, GraphSource } from "./source.ts";

/** Element types of the tensors that language models exchange. */
export type OnnxType = "float32" | "float16" | "int64" | "int32" | "bool";

/**
 * The values of a tensor, row-major. float16 travels as Float16Array, or as its bits in
 * Uint16Array where the engine has no such arrays, bool as 0 and 1.
 */
export type OnnxData =
  | Float32Array
  | Float16Array
  | Uint16Array
  | BigInt64Array
  | Int32Array
  | Uint8Array;

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
  /** Operators that the graph uses. */
  readonly operators: ReadonlySet<string>;
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

/** Where a graph runs: "native" is onnxruntime-node on the processor, the rest onnxruntime-web. */
export type OnnxBackend = "wasm" | "webgpu" | "native";

/**
 * How sessions are made.
 *
 * @internal
 */
export interface OnnxOptions {
  /**
   * "auto" is WebGPU where a hardware adapter is, else WASM. "webgpu" takes a software adapter too.
   * "cpu" is WASM. Default "auto". The native runtime does not look at it.
   */
  readonly device?: DeviceChoice;
  /** A GPU device to share with other users of it, for WebGPU. */
  readonly gpu?: GPUDevice;
  /** "native" is onnxruntime-node; it needs --allow-ffi. Default "web". */
  readonly runtime?: "web" | "native";
  /**
   * Threads of the native runtime, or of WASM, where those of a process's first session hold.
   * Default: one a core, at most 8 of WASM.
   */
  readonly threads?: number;
}

/** A backend that has been chosen and set up. */
export interface OnnxRuntime {
  readonly backend: OnnxBackend;
  readonly threads: number;
  /**
   * Loads a graph.
   *
   * @param rewrite Gives other bytes to load, or undefined to load the graph as it is; so it is, too,
   * where the other bytes cannot be loaded.
   * @throws TandemError E_MODEL where it is no usable model.
   */
  open(
    graph: GraphSource,
    rewrite?: (model: Uint8Array) => Uint8Array | undefined,
  ): Promise<OnnxSession>;
}

// The interfaces of onnxruntime-web and -node are the same; neither types a device or a shape.
// deno-lint-ignore no-explicit-any
type Ort = any;

/** Beyond these, threads of WASM wait for each other more than they help. */
const MOST_WASM_THREADS = 8;

/**
 * Chooses and sets up the backend.
 *
 * @throws TandemError E_DEVICE where the device or the native runtime is not present.
 */
export async function openOnnxRuntime(options: OnnxOptions = {}): Promise<OnnxRuntime> {
  const cores = navigator.hardwareConcurrency ?? 1;
  if (options.runtime === "native") {
    const threads = options.threads ?? cores;
    return runtimeOf(await importNative(), "native", threads, "cpu", {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
    });
  }
  const threads = options.threads ?? Math.min(cores, MOST_WASM_THREADS);
  const gpu = options.gpu ?? await gpuFor(options.device ?? "auto");
  if (!gpu) {
    return runtimeOf(setUp(await importWeb("onnxruntime-web"), threads), "wasm", threads, "wasm");
  }
  const ort = setUp(await importWeb("onnxruntime-web/webgpu"), threads);
  return runtimeOf(ort, "webgpu", threads, { name: "webgpu", device: gpu });
}

// The type is a hint to Deno, too: where it checks types, it links all that is named at once, and one
// version of what several packages need for all of them.
function importWeb(name: string): Promise<typeof import("onnxruntime-web")> {
  return importOptional(name, "runs ONNX models", (it) => import(it));
}

async function gpuFor(device: DeviceChoice): Promise<GPUDevice | undefined> {
  if (device === "webgpu") return (await openGpu("any")).device;
  const adapter = device === "auto" ? await findAdapter("hardware") : undefined;
  return adapter && (await openDevice(adapter)).device;
}

function setUp(ort: Ort, threads: number): Ort {
  shareWorker();
  // A plain path, not a URL: the runtime's threads are started from files beside it. It imports by the
  // path as well, though, which a "#" or a "%" in it would mislead.
  const folder = new URL(".", import.meta.resolve("onnxruntime-web"));
  const path = diskPath(folder.href);
  ort.env.wasm.wasmPaths = folder.pathname === path ? path : folder.href;
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = "fatal";
  return ort;
}

/** What ONNX Runtime's threads are started with. */
const THREAD = "em-pthread";

/**
 * For its threads ONNX Runtime puts Node's Worker in the place of the standard one. From here on it
 * alone gets what it puts there; everyone else keeps the standard one, which behaves differently.
 */
function shareWorker(): void {
  if (Object.getOwnPropertyDescriptor(globalThis, "Worker")?.get) return;
  const standard = globalThis.Worker;
  if (!standard) return; // Node has none.
  let theirs: typeof Worker = standard;
  const shared = function (url: string | URL, options?: WorkerOptions & { workerData?: unknown }) {
    return Reflect.construct(options?.workerData === THREAD ? theirs : standard, [url, options]);
  };
  shared.prototype = standard.prototype;
  Object.defineProperty(globalThis, "Worker", {
    configurable: true,
    get: () => shared,
    set: (worker: typeof Worker) => theirs = worker,
  });
}

async function importNative(): Promise<Ort> {
  const require = builtin("node:module").createRequire(import.meta.url);
  try {
    if (isInstalled("onnxruntime-node")) return require("onnxruntime-node");
    // Not a literal: a package that most never use shall not be installed for all.
    return (await import(["npm:onnxruntime-node", "1.30.0"].join("@"))).default;
  } catch (cause) {
    throw new TandemError(
      "E_DEVICE",
      `The runtime "native" needs onnxruntime-node, which could not be loaded (${
        firstLine(cause)
      }); "deno task run:native" installs it and may load it, or use the runtime "web".`,
      { cause },
    );
  }

  function isInstalled(name: string): boolean {
    try {
      return require.resolve(name) !== "";
    } catch {
      return false;
    }
  }
}

function runtimeOf(
  ort: Ort,
  backend: OnnxBackend,
  threads: number,
  provider: unknown,
  options: Record<string, unknown> = {},
): OnnxRuntime {
  return {
    backend,
    threads,
    async open({ name, read }, rewrite) {
      const { bytes, externalData } = await read();
      const { operators, external } = checkedFacts(bytes, name);
      checkExternal(external, externalData, name);
      const create = async (model: Uint8Array) =>
        sessionOf(
          ort,
          await ort.InferenceSession.create(model, {
            executionProviders: [provider],
            graphOptimizationLevel: "all",
            ...QUIET,
            ...(externalData.length > 0 ? { externalData } : {}),
            ...options,
          }),
          name,
          operators,
        );
      const other = rewrite?.(bytes);
      if (other) {
        try {
          return await create(other);
        } catch {
          // The file itself decides whether the model is usable.
        }
      }
      try {
        return await create(bytes);
      } catch (cause) {
        throw new TandemError(
          "E_MODEL",
          `The file "${name}" is not a model that ONNX Runtime can load (${
            firstLine(cause)
          }); a whole ONNX file is needed.`,
          { cause },
        );
      }
    },
  };
}

/** What fails is thrown; ONNX Runtime need not print it as well. */
const QUIET = { logSeverityLevel: 4 } as const;

function sessionOf(
  ort: Ort,
  session: Ort,
  file: string,
  operators: ReadonlySet<string>,
): OnnxSession {
  const specs = (metadata: Ort[]): Map<string, OnnxSpec> =>
    new Map(metadata.map(({ name, type, shape }) => [name, { type, dims: shape ?? [] }]));
  return {
    file,
    operators,
    inputs: specs(session.inputMetadata),
    outputs: specs(session.outputMetadata),
    async run(feeds, fetch) {
      const tensors = Object.entries(feeds).map(([name, { type, data, dims }]) => [
        name,
        new ort.Tensor(type, data, dims),
      ]);
      try {
        const wrapped = Object.fromEntries(tensors);
        return await session.run(wrapped, fetch ?? session.outputNames, QUIET);
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
