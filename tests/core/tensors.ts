/** One tensor of bytes, as most worlds of the tests show it. */
import type { Tensor, Tensors } from "../../core/stages/mod.ts";

/** The numbers of the only tensor; written to, it changes. */
export function bytesIn(tensors: Tensors): Uint8Array {
  const [tensor, ...rest] = Object.values(tensors);
  if (tensor?.dtype === "uint8" && rest.length === 0) return tensor.data;
  throw new Error(`there is not one tensor of bytes but "${Object.keys(tensors)}"`);
}

/** A tensor of bytes for N environments, or T of them. */
export function bytes<Name extends string>(
  name: Name,
  data: Uint8Array,
  lead: readonly number[],
): Readonly<Record<Name, Tensor<"uint8">>> {
  const rows = lead.reduce((product, size) => product * size, 1);
  const shape = [...lead, data.length / rows];
  const tensor: Tensor<"uint8"> = { dtype: "uint8", shape, place: "host", data };
  return { [name]: tensor } as Record<Name, Tensor<"uint8">>;
}
