/** Columns of typed arrays as a stage's state, and back. */

import { type StageState, TandemError } from "@tandem/core";

/** Typed arrays by name, each with a row a world. */
export type Columns = Readonly<Record<string, Uint8Array | Int32Array>>;

/** A copy of all columns; shapes are [rows, entries]. */
export function saveColumns(rows: number, json: unknown, columns: Columns): StageState {
  const arrays = Object.entries(columns).map(([name, data]) => {
    return [name, { shape: [rows, data.length / rows], data: data.slice() }] as const;
  });
  return { json, arrays: Object.fromEntries(arrays) };
}

/**
 * Fills all columns from a state.
 *
 * @throws TandemError E_SHAPE where one is missing or has another length; nothing is filled then.
 */
export function loadColumns(state: StageState, columns: Columns): void {
  for (const [name, column] of Object.entries(columns)) {
    const length = state.arrays?.[name]?.data.length;
    if (length === column.length) continue;
    throw new TandemError(
      "E_SHAPE",
      `The saved array "${name}" has ${length ?? "no"} entries and should have ${column.length}.`,
    );
  }
  for (const [name, column] of Object.entries(columns)) column.set(state.arrays![name]!.data);
}
