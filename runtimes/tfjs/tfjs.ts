/**
 * The door to tensors: TensorFlow.js on WebGPU, WASM or plain JavaScript. Nothing is loaded before
 * {@linkcode openTensors} is called.
 */

import { type DeviceChoice, TandemError } from "@tandem/core";
import { importOptional } from "@tandem/core/internal";
import { findAdapter, type Gpu, openDevice, openGpu } from "../webgpu/webgpu.ts";
import { registerWasmKernels } from "./kernels.ts";
import type { TensorFlow } from "./types.ts";

export type { TensorFlow } from "./types.ts";
export type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Variable } from "@tensorflow/tfjs";
import type { Scalar, Tensor, Variable } from "@tensorflow/tfjs";

type WebgpuPackage = typeof import("@tensorflow/tfjs-backend-webgpu");
type WasmPackage = typeof import("@tensorflow/tfjs-backend-wasm");

/** Where tensors live. */
export type TensorDevice = "webgpu" | "wasm" | "cpu";

/** Tensors on one device. */
export interface Tensors {
  /** TensorFlow.js with `device` as its backend. */
  readonly tf: TensorFlow;
  /** The device chosen. */
  readonly device: TensorDevice;
  /** The WebGPU device, to share with models and other kernels; undefined on the others. */
  readonly gpu: Gpu | undefined;
  /** How many tensors are alive: what must stay flat from step to step. */
  tensorCount(): number;
  /** Lets the device go once everyone who opened it has; its tensors are lost. May be called twice. */
  dispose(): void;
}

/** What is open; kept on TensorFlow.js's own engine, so that this module has no state. */
interface Session {
  readonly device: TensorDevice;
  readonly ready: Promise<Gpu | undefined>;
  users: number;
}

/**
 * Opens tensors on a device. TensorFlow.js has one device at a time: opening the same one again
 * shares it, opening another while one is open is refused.
 *
 * @param choice "auto": the device that is open already, else WebGPU where a hardware adapter is
 * present, else WASM with SIMD. A software adapter is used only when "webgpu" is asked for by name.
 * @throws TandemError E_DEVICE where the device is not present or another one is open.
 *
 * @example
 * ```ts
 * import { openTensors } from "./tfjs.ts";
 * import assert from "node:assert/strict";
 * const { tf, device, dispose } = await openTensors("cpu");
 * assert.equal(device, "cpu");
 * assert.deepEqual([...await tf.tensor1d([1, 2]).mul(3).data()], [3, 6]);
 * dispose();
 * ```
 */
export async function openTensors(choice: DeviceChoice = "auto"): Promise<Tensors> {
  const tf = await load();
  const engine = tf.engine() as unknown as { tandemSession?: Session };
  const adapter = choice === "auto" && !engine.tandemSession
    ? await findAdapter("hardware")
    : undefined;
  const device = choice !== "auto"
    ? choice
    : engine.tandemSession?.device ?? (adapter ? "webgpu" : "wasm");
  const session = engine.tandemSession ??= { device, ready: start(tf, device, adapter), users: 0 };
  if (session.device !== device) {
    throw new TandemError(
      "E_DEVICE",
      `The device "${device}" cannot be opened while "${session.device}" is open: close it first.`,
    );
  }
  session.users++;
  let open = true;
  const release = () => {
    if (open && --session.users === 0) delete engine.tandemSession;
    const last = open && session.users === 0;
    open = false;
    return last;
  };
  const gpu = await session.ready.catch((error) => {
    release();
    throw error;
  });
  return {
    tf,
    device,
    gpu,
    tensorCount: () => tf.memory().numTensors,
    dispose: () => void (release() && stop(tf, device, gpu)),
  };
}

/** A package of TensorFlow.js. */
function importTensorFlow<T>(name: string): Promise<T> {
  return importOptional<T>(name, "computes with tensors", (it) => import(it));
}

async function load(): Promise<TensorFlow> {
  const tf = await importTensorFlow<TensorFlow>("@tensorflow/tfjs");
  tf.enableProdMode(); // keeps TensorFlow.js from printing advice
  return tf;
}

async function start(
  tf: TensorFlow,
  device: TensorDevice,
  adapter: GPUAdapter | undefined,
): Promise<Gpu | undefined> {
  let gpu: Gpu | undefined;
  if (device === "webgpu") gpu = await startWebgpu(tf, adapter);
  if (device === "wasm") await startWasm(tf);
  if (await tf.setBackend(device)) return gpu;
  throw new TandemError("E_DEVICE", `The device "${device}" does not start on this machine.`);
}

/** Registers a backend of our own device in place of the one that TensorFlow.js would open. */
async function startWebgpu(tf: TensorFlow, adapter: GPUAdapter | undefined): Promise<Gpu> {
  const gpu = adapter ? await openDevice(adapter) : await openGpu();
  const { WebGPUBackend } = await importTensorFlow<WebgpuPackage>(
    "@tensorflow/tfjs-backend-webgpu",
  );
  // deno-lint-ignore no-explicit-any -- tfjs brings WebGPU types of its own
  const backend = new WebGPUBackend(gpu.device as any, gpu.adapter.info as any);
  if (tf.findBackendFactory("webgpu")) tf.removeBackend("webgpu");
  tf.registerBackend("webgpu", () => backend);
  return gpu;
}

async function startWasm(tf: TensorFlow): Promise<void> {
  const name = "@tensorflow/tfjs-backend-wasm";
  const { setWasmPaths } = await importTensorFlow<WasmPackage>(name);
  setWasmPaths(new URL(".", import.meta.resolve(name)).href);
  registerWasmKernels(tf);
}

/** Frees the backend, and puts back the factory that TensorFlow.js forgets with it. */
function stop(tf: TensorFlow, device: TensorDevice, gpu: Gpu | undefined): void {
  const factory = tf.findBackendFactory(device);
  tf.removeBackend(device);
  if (device !== "webgpu") tf.registerBackend(device, factory);
  gpu?.device.destroy();
}

/**
 * The loss and its gradient for each variable, in the variables' order; zeros where the loss does
 * not depend on one. The caller disposes all of them.
 *
 * @param loss Gives a scalar; may not be asynchronous.
 */
export function lossAndGradients(
  { tf }: Tensors,
  variables: readonly Variable[],
  loss: () => Scalar,
): { loss: Scalar; gradients: Tensor[] } {
  const { value, grads } = tf.variableGrads(loss, [...variables]);
  const gradients = variables.map((variable) => grads[variable.name] ?? tf.zerosLike(variable));
  return { loss: value, gradients };
}
