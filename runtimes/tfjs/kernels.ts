/**
 * Kernels that TensorFlow.js's WASM backend lacks and gradients need: UnsortedSegmentSum (the
 * gradient of gather) and Conv2DBackpropFilter (the gradient of conv2d for its filter), as plain
 * loops over the WASM heap. Einsum stays absent: no backend has a gradient for it.
 */

import type { NamedTensorInfoMap, TensorInfo } from "@tensorflow/tfjs";
import type { TensorFlow } from "./types.ts";
import { registerMatMul } from "./matmul.ts";

/** What these kernels use of the WASM backend. */
interface WasmBackend {
  makeOutput(shape: number[], dtype: string): TensorInfo;
  typedArrayFromHeap(info: TensorInfo): Float32Array | Int32Array;
}

interface KernelCall<Attributes> {
  inputs: NamedTensorInfoMap;
  backend: WasmBackend;
  attrs: Attributes;
}

/** Registers the kernels; what is registered already stays. */
export function registerWasmKernels(tf: TensorFlow): void {
  const kernels = {
    UnsortedSegmentSum: unsortedSegmentSum,
    Conv2DBackpropFilter: (call: KernelCall<ConvolutionAttributes>) => convolveFilter(tf, call),
  };
  if (!tf.getKernel("UnsortedSegmentSum", "wasm")) registerMatMul(tf);
  for (const [kernelName, kernelFunc] of Object.entries(kernels)) {
    if (tf.getKernel(kernelName, "wasm")) continue;
    tf.registerKernel({ kernelName, backendName: "wasm", kernelFunc: kernelFunc as never });
  }
}

/** out[s] = sum of the rows i of x with segmentIds[i] = s; negative ids are left out. */
function unsortedSegmentSum(
  { inputs, backend, attrs }: KernelCall<{ numSegments: number }>,
): TensorInfo {
  const { x, segmentIds } = inputs as Record<"x" | "segmentIds", TensorInfo>;
  const out = backend.makeOutput([attrs.numSegments, ...x.shape.slice(1)], x.dtype);
  const [rows, ids, sums] = [x, segmentIds, out].map((info) => backend.typedArrayFromHeap(info));
  const width = rows!.length / ids!.length;
  sums!.fill(0);
  for (const [row, segment] of ids!.entries()) {
    if (segment < 0) continue;
    for (let column = 0; column < width; column++) {
      sums![segment * width + column]! += rows![row * width + column]!;
    }
  }
  return out;
}

interface ConvolutionAttributes {
  strides: number | [number, number];
  pad: "valid" | "same" | number;
  dataFormat: "NHWC" | "NCHW";
  dimRoundingMode?: "floor" | "round" | "ceil";
  filterShape: [number, number, number, number];
}

/** dW[r, c, i, o] = sum over batch and output positions of x[b, y * stride + r - pad, ..., i] dy[b, y, ..., o]; NHWC. */
function convolveFilter(
  tf: TensorFlow,
  { inputs, backend, attrs }: KernelCall<ConvolutionAttributes>,
): TensorInfo {
  const { x, dy } = inputs as Record<"x" | "dy", TensorInfo>;
  if (attrs.dataFormat !== "NHWC") throw new Error("conv2d on wasm has gradients for NHWC only");
  const info = tf.backend_util.computeConv2DInfo(
    x.shape as [number, number, number, number],
    attrs.filterShape,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const out = backend.makeOutput(attrs.filterShape, "float32");
  const [input, grad, filter] = [x, dy, out].map((info) => backend.typedArrayFromHeap(info));
  filter!.fill(0);
  const positions = batchSize * outHeight * outWidth;
  for (let position = 0; position < positions; position++) {
    const batch = Math.floor(position / (outHeight * outWidth));
    const top = Math.floor(position / outWidth) % outHeight * info.strideHeight - info.padInfo.top;
    const left = position % outWidth * info.strideWidth - info.padInfo.left;
    for (let tap = 0; tap < info.filterHeight * info.filterWidth; tap++) {
      const y = top + Math.floor(tap / info.filterWidth);
      const x = left + tap % info.filterWidth;
      if (y < 0 || y >= inHeight || x < 0 || x >= inWidth) continue;
      for (let i = 0; i < inChannels; i++) {
        const value = input![((batch * inHeight + y) * inWidth + x) * inChannels + i]!;
        const at = (tap * inChannels + i) * outChannels;
        for (let o = 0; o < outChannels; o++) {
          filter![at + o]! += value * grad![position * outChannels + o]!;
        }
      }
    }
  }
  return out;
}
