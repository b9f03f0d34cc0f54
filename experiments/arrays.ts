import type { ArrayFormat, StateArrays } from "../lab/checkpoint_file.ts";
import type { StateArray } from "../core/stages/mod.ts";
import {
  type Dtype,
  readSafetensors,
  type StoredTensor,
  writeSafetensors,
} from "../runtimes/weights/safetensors.ts";
import { TandemError } from "../core/base/errors.ts";

/** The arrays of stages as safetensors files. */
export const stateArrays: ArrayFormat = {
  write(arrays) {
    const stored = Object.entries(arrays).map(([name, { shape, data }]) => {
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      return [name, { dtype: dtypeOf(data), shape, bytes }] as const;
    });
    return writeSafetensors(new Map(stored));
  },
  read(bytes, name): StateArrays {
    const { tensors } = readSafetensors(bytes, name);
    return Object.fromEntries(Array.from(tensors, ([key, tensor]) => [key, arrayOf(tensor, name)]));
  },
};

function dtypeOf(data: StateArray["data"]): Dtype {
  if (data instanceof Float32Array) return "F32";
  return data instanceof Int32Array ? "I32" : "U8";
}

function arrayOf({ dtype, shape, bytes }: StoredTensor, name: string): StateArray {
  const { buffer } = bytes.slice();
  if (dtype === "F32") return { shape, data: new Float32Array(buffer) };
  if (dtype === "I32") return { shape, data: new Int32Array(buffer) };
  if (dtype === "U8") return { shape, data: new Uint8Array(buffer) };
  throw new TandemError("E_CHECKPOINT", `"${name}" holds "${dtype}"; right would be F32, I32, U8.`);
}
