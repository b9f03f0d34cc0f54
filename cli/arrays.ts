import type { StateArray } from "../core/stages.ts";
import { type Dtype, writeSafetensors } from "../runtimes/safetensors.ts";

/** A stage's arrays as the bytes of a safetensors file. */
export function stateArrays(arrays: Readonly<Record<string, StateArray>>): Uint8Array {
  const stored = Object.entries(arrays).map(([name, { shape, data }]) => {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return [name, { dtype: dtypeOf(data), shape, bytes }] as const;
  });
  return writeSafetensors(new Map(stored));
}

function dtypeOf(data: StateArray["data"]): Dtype {
  if (data instanceof Float32Array) return "F32";
  return data instanceof Int32Array ? "I32" : "U8";
}
