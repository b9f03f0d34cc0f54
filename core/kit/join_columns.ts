/** Columns of numbers, one behind the other. */

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
