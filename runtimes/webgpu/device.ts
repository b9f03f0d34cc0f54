import { type DeviceChoice, TandemError } from "@tandem/core";
import { findAdapter } from "./webgpu.ts";

/** A device by name, "auto" left out. */
export type Device = Exclude<DeviceChoice, "auto">;

/**
 * What a choice comes to on this machine: "auto" is WebGPU where a hardware adapter is present,
 * else WASM; "webgpu" by name takes a software adapter too.
 *
 * @throws {TandemError} E_DEVICE where "webgpu" is asked for and there is no adapter at all.
 */
export async function resolveDevice(choice: DeviceChoice): Promise<Device> {
  if (choice === "auto") return await findAdapter("hardware") ? "webgpu" : "wasm";
  if (choice === "webgpu" && !await findAdapter("any")) {
    throw new TandemError(
      "E_DEVICE",
      'There is no WebGPU adapter on this machine for --device "webgpu"; "wasm" and "cpu" need none.',
    );
  }
  return choice;
}
