/** Tensors of spaces: made, checked, and written as the rows that students learn from. */
import type { Pcg64 } from "./random.ts";
import { TandemError } from "../base/errors.ts";
import {
  type ActionKind,
  type Actions,
  type Dtype,
  type EnvSpec,
  kindOf,
  type ObservationKind,
  type Observations,
  sizeOf,
  type Spaces,
  type Tensor,
  type TensorArrays,
  type Tensors,
} from "../stages/mod.ts";

const ARRAYS: { readonly [D in Dtype]: new (length: number) => TensorArrays[D] } = {
  float32: Float32Array,
  int32: Int32Array,
  uint8: Uint8Array,
};

/** Bytes of a number. */
const BYTES: Readonly<Record<Dtype, number>> = { float32: 4, int32: 4, uint8: 1 };

/** A tensor of zeros. */
export function zeros<D extends Dtype>(dtype: D, shape: readonly number[]): Tensor<D> {
  return { dtype, shape, place: "host", data: new ARRAYS[dtype](sizeOf(shape)) } as never;
}

/**
 * Tensors of zeros, one a space.
 *
 * @param lead What stands before each space's own shape, such as [T, N].
 * @example
 * ```ts
 * import { zerosOf } from "./tensors.ts";
 * import { box } from "@tandem/core/kit";
 * import assert from "node:assert/strict";
 * const { state } = zerosOf({ state: box({ shape: [4] }) }, [2]);
 * assert.deepEqual([state!.shape, state!.data.length], [[2, 4], 8]);
 * ```
 */
export function zerosOf<S extends Spaces>(
  spaces: S,
  lead: readonly number[],
): { readonly [Name in keyof S]: Tensor<S[Name]["dtype"]> } {
  return mapTensors(spaces, ({ dtype, shape }) => zeros(dtype, [...lead, ...shape])) as never;
}

/** Bytes of one row of all spaces together. */
export function bytesOf(spaces: Spaces): number {
  return Object.values(spaces)
    .reduce((sum, { dtype, shape }) => sum + BYTES[dtype] * sizeOf(shape), 0);
}

/** The same names with other values. */
export function mapTensors<T, U>(
  record: Readonly<Record<string, T>>,
  map: (value: T, name: string) => U,
): Readonly<Record<string, U>> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, map(value, name)]),
  );
}

/** What an env shows and how it is acted on, as {@linkcode Trait}s. */
export function traitsOf(
  { observation, actionBox }: Pick<EnvSpec, "observation" | "actionBox">,
): readonly (ObservationKind | ActionKind)[] {
  const kinds = Object.values(observation).map(kindOf);
  return [...new Set(kinds), actionBox ? "continuous" : "discrete"];
}

/**
 * Number of categories of each entry of all discrete spaces, in the order of their names; length D.
 *
 * @example
 * ```ts
 * import { entryBounds } from "@tandem/core/internal";
 * import { box, discrete, multiDiscrete } from "@tandem/core/kit";
 * import assert from "node:assert/strict";
 * const spaces = { cells: multiDiscrete([7, 5]), speed: box({ shape: [1] }), side: discrete(2) };
 * assert.deepEqual(entryBounds(spaces), [7, 5, 2]);
 * ```
 */
export function entryBounds(spaces: Spaces): readonly number[] {
  return Object.values(spaces).flatMap((space) => {
    if (space.kind === "discrete") return [space.n];
    return space.kind === "multi-discrete" ? space.nvec : [];
  });
}

/** Floats of one row of all boxes together, F. */
export function floatWidth(spaces: Spaces): number {
  return Object.values(spaces)
    .reduce((sum, space) => sum + (space.kind === "box" ? sizeOf(space.shape) : 0), 0);
}

/** Writes the categories of all tensors as rows: [rows, D], from row 0 on. */
export function writeEntries(out: Uint8Array, tensors: Tensors, rows: number): void {
  writeRows(out, Object.values(tensors).filter(({ dtype }) => dtype === "uint8"), rows);
}

/** Writes the floats of all tensors as rows: [rows, F], from row 0 on. */
export function writeFloats(out: Float32Array, tensors: Tensors, rows: number): void {
  writeRows(out, Object.values(tensors).filter(({ dtype }) => dtype === "float32"), rows);
}

/** Uniformly random actions among the legal ones; of an unbounded box, normally distributed ones. */
export function randomActions(
  random: Pcg64,
  spec: Pick<EnvSpec, "envs" | "actions" | "actionBox">,
  { legal }: Pick<Observations, "legal"> = {},
): Actions {
  const { envs, actions: { length: count }, actionBox } = spec;
  if (actionBox) {
    const { low, high } = actionBox;
    return Float32Array.from({ length: envs * low.length }, (_, k) => {
      const [least, most] = [low[k % low.length]!, high[k % low.length]!];
      const isBounded = Number.isFinite(least) && Number.isFinite(most);
      if (isBounded) return random.uniform(least, most);
      return Math.min(most, Math.max(least, random.gaussian()));
    });
  }
  if (!legal) return Int32Array.from({ length: envs }, () => random.integers(0, count));
  return Int32Array.from({ length: envs }, (_, i) => {
    const row = legal.subarray(i * count, (i + 1) * count);
    let left = random.integers(0, countLegal(row));
    return row.findIndex((isLegal) => isLegal === 1 && left-- === 0);
  });
}

/** Actions as the env takes them: floats are brought within its box. */
export function withinBox(actions: Actions, { actionBox }: Pick<EnvSpec, "actionBox">): Actions {
  if (!actionBox) return actions;
  const { low, high } = actionBox;
  const within = new Float32Array(actions.length);
  for (let k = 0; k < within.length; k++) {
    const d = k % low.length;
    within[k] = Math.min(high[d]!, Math.max(low[d]!, actions[k]!));
  }
  return within;
}

/**
 * How many actions of a row are legal.
 *
 * @throws {TandemError} E_ACTION where none is.
 */
export function countLegal(row: Uint8Array): number {
  let count = 0;
  for (const isLegal of row) count += isLegal;
  if (count > 0) return count;
  throw new TandemError(
    "E_ACTION",
    'The env says of "0" actions that they are legal; right would be one at least.',
    { stage: "env" },
  );
}

function writeRows(
  out: Uint8Array | Float32Array,
  tensors: readonly Tensor[],
  rows: number,
): void {
  if (tensors.length === 1) return out.set(tensors[0]!.data);
  const width = tensors.reduce((sum, { data }) => sum + data.length / rows, 0);
  let from = 0;
  for (const { data } of tensors) {
    const own = data.length / rows;
    for (let row = 0; row < rows; row++) {
      out.set(data.subarray(row * own, (row + 1) * own), row * width + from);
    }
    from += own;
  }
}

/** The bytes of row i of all tensors, one after the other: what is told apart where nothing else is. */
export function rowBytes(tensors: Tensors, envs: number, i: number): Uint8Array {
  const rows = Object.values(tensors).map(({ data }) => {
    const width = data.byteLength / envs;
    return new Uint8Array(data.buffer, data.byteOffset + i * width, width);
  });
  if (rows.length === 1) return rows[0]!;
  const bytes = new Uint8Array(rows.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const row of rows) {
    bytes.set(row, at);
    at += row.length;
  }
  return bytes;
}
