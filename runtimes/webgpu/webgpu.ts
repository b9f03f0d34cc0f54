import { TandemError } from "@tandem/core";

/** A WebGPU device that tensors and models may share. */
export interface Gpu {
  /** The adapter. */
  readonly adapter: GPUAdapter;
  /** A device of its own. */
  readonly device: GPUDevice;
  /** The adapter's own words, as "NVIDIA H200" or "llvmpipe (LLVM 15.0.6, 256 bits)". */
  readonly name: string;
  /** Whether a processor plays the adapter (lavapipe, SwiftShader, WARP). */
  readonly software: boolean;
}

const SOFTWARE = /llvmpipe|lavapipe|swiftshader|software|basic render/i;

/**
 * The machine's WebGPU adapter, or undefined where there is none.
 *
 * @param accept "hardware" passes over an adapter that is played by a processor: it computes the
 * same and is slower than WASM.
 */
export async function findAdapter(accept: "hardware" | "any"): Promise<GPUAdapter | undefined> {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter || (accept === "hardware" && isSoftware(adapter))) return undefined;
  return adapter;
}

/**
 * Opens a device with the limits of its adapter.
 *
 * @param accept As in {@linkcode findAdapter}.
 * @throws TandemError E_DEVICE where no such adapter is present or it gives no device.
 */
export async function openGpu(accept: "hardware" | "any" = "any"): Promise<Gpu> {
  const adapter = await findAdapter(accept);
  if (!adapter) throw missing(accept);
  return await openDevice(adapter);
}

/** Opens a device of `adapter`. @throws TandemError E_DEVICE where the adapter gives none. */
export async function openDevice(adapter: GPUAdapter): Promise<Gpu> {
  const { limits, info } = adapter;
  const name = info.description || info.device || info.vendor || "unnamed adapter";
  try {
    const device = await adapter.requestDevice({
      requiredFeatures: (["timestamp-query", "shader-f16"] as const)
        .filter((feature) => adapter.features.has(feature)),
      requiredLimits: {
        maxBufferSize: limits.maxBufferSize,
        maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
        maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
        maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
        maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
        maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
        maxComputeWorkgroupSizeY: limits.maxComputeWorkgroupSizeY,
        maxComputeWorkgroupSizeZ: limits.maxComputeWorkgroupSizeZ,
        maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      },
    });
    return { adapter, device, name, software: isSoftware(adapter) };
  } catch (cause) {
    throw new TandemError("E_DEVICE", `The WebGPU adapter "${name}" gives no device.`, { cause });
  }
}

function isSoftware({ info }: GPUAdapter): boolean {
  return info.isFallbackAdapter || SOFTWARE.test(`${info.description} ${info.vendor}`);
}

function missing(accept: "hardware" | "any"): TandemError {
  return new TandemError(
    "E_DEVICE",
    `The device "webgpu" is not present: ${
      accept === "any" ? "no adapter was found" : "no hardware adapter was found"
    }; use "wasm" or "cpu", or install a graphics driver.`,
  );
}
