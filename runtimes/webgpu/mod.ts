/**
 * The graphics processor, where there is one.
 *
 * @module
 */
export { type Device, resolveDevice } from "./device.ts";
export { findAdapter, type Gpu, openDevice, openGpu } from "./webgpu.ts";
