/** Columns of numbers, one behind the other. */
import type { Tensor, Tensors } from "../stages/mod.ts";
import { mapTensors } from "./tensors.ts";

/** What rollouts and past steps keep numbers in. */
export type Column = Float32Array | Float64Array | Int32Array | Uint8Array;

/** The numbers of several columns of one kind, at least one, as one. */
export function joinColumns<T extends Column>(columns: readonly T[]): T {
  const length = columns.reduce((sum, column) => sum + column.length, 0);
  const joined = new (columns[0]!.constructor as new (length: number) => T)(length);
  let at = 0;
  for (const column of columns) {
    joined.set(column, at);
    at += column.length;
  }
  return joined;
}

/** The rows of tensors by the same names, at least one of each, behind one another. */
export function joinTensors(parts: readonly Tensors[]): Tensors {
  return mapTensors(parts[0]!, (tensor, name): Tensor => {
    const all = parts.map((part) => part[name]!);
    const rows = all.reduce((sum, { shape }) => sum + shape[0]!, 0);
    const data = joinColumns(all.map(({ data }) => data));
    return { ...tensor, shape: [rows, ...tensor.shape.slice(1)], data } as Tensor;
  });
}
