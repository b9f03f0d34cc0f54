/** Registers a test once for every device; a device that is absent is skipped with its reason. */

import { openTensors, type TensorDevice, type Tensors } from "../../runtimes/tfjs/tfjs.ts";
import { findAdapter } from "../../runtimes/webgpu/webgpu.ts";

const adapter = await findAdapter("any");

/**
 * @param name Completed by " on webgpu", " on wasm", " on cpu".
 * @param run May leave tensors behind only in what it was given to dispose.
 */
export function testOnDevices(
  name: string,
  run: (tensors: Tensors) => Promise<void> | void,
  devices: readonly TensorDevice[] = ["webgpu", "wasm", "cpu"],
): void {
  for (const device of devices) {
    const absent = device === "webgpu" && !adapter;
    Deno.test({
      name: `${name} on ${device}${absent ? " (skipped: no WebGPU adapter)" : ""}`,
      ignore: absent,
      fn: async () => {
        const tensors = await openTensors(device);
        try {
          await run(tensors);
        } finally {
          tensors.dispose();
        }
      },
    });
  }
}

/** Fails unless the two have one length and differ nowhere by more than `tolerance`. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = "value",
): void {
  if (actual.length !== expected.length) {
    throw new Error(`${what}: ${actual.length} values in place of ${expected.length}`);
  }
  for (let i = 0; i < expected.length; i++) {
    if (Math.abs(actual[i]! - expected[i]!) <= tolerance) continue;
    throw new Error(`${what} ${i} is ${actual[i]} in place of ${expected[i]} (+- ${tolerance})`);
  }
}

/** A small congruential generator of numbers in [0, 1): enough to tell seeds apart. */
export function seeded(seed: number): { random(): number } {
  let state = seed >>> 0;
  return { random: () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32 };
}
