/**
 * Matrix products for TensorFlow.js's WASM backend. Its own kernel is fast for one product of two
 * matrices as they lie, and ten times slower where either is transposed or there are several: and
 * gradients are all products of the second kind. This one transposes first, and multiplies matrix by
 * matrix.
 */

import type { KernelConfig, NamedTensorInfoMap, TensorInfo } from "@tensorflow/tfjs";
import { sizeOf } from "../weights/initialisers.ts";
import type { TensorFlow } from "./types.ts";

/** What is used of the WASM backend here. */
interface WasmBackend {
  makeOutput(shape: number[], dtype: string): TensorInfo;
  disposeData(dataId: object): void;
  getMemoryOffset(dataId: object): number;
  readonly dataIdMap: { get(dataId: object): { id: number } };
  dataIdNextNumber: number;
  readonly wasm: {
    tfjs: {
      registerTensor(id: number, size: number, memoryOffset: number): void;
      disposeData(id: number): void;
    };
    cwrap(name: string, result: null, parameters: string[]): Product;
  };
}

/** BatchMatMul as the WASM module has it: ids of registered memory, shapes as bytes. */
type Product = (
  a: number,
  aShape: Uint8Array,
  aRank: number,
  b: number,
  bShape: Uint8Array,
  bRank: number,
  transposeA: number,
  transposeB: number,
  out: number,
) => void;

interface Call {
  inputs: NamedTensorInfoMap;
  backend: WasmBackend;
  attrs: { transposeA: boolean; transposeB: boolean };
}

/** Takes the place of the backend's own kernel. */
export function registerMatMul(tf: TensorFlow): void {
  const own = tf.getKernel("BatchMatMul", "wasm");
  const transpose = tf.getKernel("Transpose", "wasm").kernelFunc;
  let product: Product;
  tf.unregisterKernel("BatchMatMul", "wasm");
  tf.registerKernel({
    ...own,
    setupFunc: (backend) => {
      own.setupFunc?.(backend);
      product = (backend as WasmBackend).wasm.cwrap("BatchMatMul", null, PARAMETERS);
    },
    kernelFunc: (call: unknown) => {
      const { inputs, backend, attrs } = call as Call;
      const turn = (x: TensorInfo) => {
        const axes = x.shape.map((_, axis) => axis);
        const perm = [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!];
        return transpose({ inputs: { x }, backend, attrs: { perm } }) as TensorInfo;
      };
      const a = attrs.transposeA ? turn(inputs["a"]!) : inputs["a"]!;
      const b = attrs.transposeB ? turn(inputs["b"]!) : inputs["b"]!;
      const out = multiply(tf, backend, product, a, b);
      if (a !== inputs["a"]) backend.disposeData(a.dataId);
      if (b !== inputs["b"]) backend.disposeData(b.dataId);
      return out;
    },
  } as KernelConfig);
}

const PARAMETERS = "number array number number array number number number number".split(" ");

/** a, ... x M x K, times b, ... x K x N, with the leading dimensions broadcast against each other. */
function multiply(
  tf: TensorFlow,
  backend: WasmBackend,
  product: Product,
  a: TensorInfo,
  b: TensorInfo,
): TensorInfo {
  const [aOuter, bOuter] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const [m = 0, k = 0] = a.shape.slice(-2);
  const [inner, n = 0] = b.shape.slice(-2);
  const outer = tf.broadcast_util.assertAndGetBroadcastShape(aOuter, bOuter);
  const [aBatch, bBatch, batch] = [aOuter, bOuter, outer].map(sizeOf) as [number, number, number];
  const whole = [aBatch, bBatch].every((size) => size === 1 || size === batch);
  if (inner !== k || !whole) throw new Error(`matMul of shapes [${a.shape}] and [${b.shape}]`);
  const out = backend.makeOutput([...outer, m, n], "float32");
  const view = viewer(backend);
  // One matrix for all products: the others are its rows. Each product has an id of its own for it, since
  // the module remembers b by its id and takes it for what it was when b comes again in another shape.
  if (bBatch === 1) {
    const [left, result] = [a, out].map(({ dataId }) => backend.dataIdMap.get(dataId).id);
    const right = view(b, 0, k * n);
    call(product, [left!, right, result!], aBatch * m, k, n);
    backend.wasm.tfjs.disposeData(right);
    return out;
  }
  for (let i = 0; i < batch; i++) {
    const ids = [
      view(a, aBatch === 1 ? 0 : i, m * k),
      view(b, i, k * n),
      view(out, i, m * n),
    ];
    call(product, ids, m, k, n);
    for (const id of ids) backend.wasm.tfjs.disposeData(id);
  }
  return out;
}

/** Registers a part of a tensor's memory under an id of its own. */
function viewer(backend: WasmBackend) {
  return ({ dataId }: TensorInfo, index: number, size: number): number => {
    const id = backend.dataIdNextNumber++;
    const offset = backend.getMemoryOffset(dataId) + 4 * index * size;
    backend.wasm.tfjs.registerTensor(id, size, offset);
    return id;
  };
}

function call(product: Product, ids: number[], m: number, k: number, n: number): void {
  const [a, b, out] = ids as [number, number, number];
  const bytes = (...shape: number[]) => new Uint8Array(Int32Array.from(shape).buffer);
  product(a, bytes(1, m, k), 3, b, bytes(1, k, n), 3, 0, 0, out);
}
