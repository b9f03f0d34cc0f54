/**
 * Values on their way into a sandbox and out again: JSON for what is small, one buffer for typed
 * arrays. This file runs on both sides.
 */

/** A packed value. */
export interface Packed {
  /** JSON in which `{ "$": [...] }` stands for what JSON cannot say. */
  readonly json: string;
  /** The bytes of all typed arrays, each at a multiple of 8. */
  readonly bytes: ArrayBuffer;
}

/** The typed arrays that cross. */
const ARRAYS = { Float32Array, Float64Array, Int8Array, Int32Array, Uint8Array } as const;

type ArrayName = keyof typeof ARRAYS;
type Crossing = InstanceType<(typeof ARRAYS)[ArrayName]>;

/**
 * Packs a value of plain objects, arrays, texts, numbers, booleans and typed arrays. Undefined
 * properties and functions are left out, as in JSON.
 *
 * @example
 * ```ts
 * import { pack, unpack } from "./codec.ts";
 * import assert from "node:assert/strict";
 * const value = { signs: Int8Array.of(1, -1), mean: NaN, words: ["good"] };
 * assert.deepEqual(unpack(pack(value)), value);
 * ```
 */
export function pack(value: unknown): Packed {
  const arrays: Crossing[] = [];
  let size = 0;
  const json = JSON.stringify(value, (_key, item) => {
    if (typeof item === "number" && !Number.isFinite(item)) return { $: [String(item)] };
    const name = nameOf(item);
    if (!name) return item;
    const offset = size;
    arrays.push(item);
    size += Math.ceil(item.byteLength / 8) * 8;
    return { $: [name, offset, item.length] };
  }) ?? "null";
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), offset);
    offset += Math.ceil(byteLength / 8) * 8;
  }
  return { json, bytes: bytes.buffer };
}

/** The value that was packed; its arrays are views of the packed bytes. */
export function unpack({ json, bytes }: Packed): unknown {
  return JSON.parse(json, (_key, item) => {
    if (typeof item !== "object" || item === null || !Array.isArray(item.$)) return item;
    const [name, offset, length] = item.$ as [string, number, number];
    if (!Object.hasOwn(ARRAYS, name)) return Number(name);
    return new ARRAYS[name as ArrayName](bytes, offset, length);
  });
}

function nameOf(value: unknown): ArrayName | undefined {
  if (!ArrayBuffer.isView(value)) return undefined;
  const name = value.constructor.name;
  return Object.hasOwn(ARRAYS, name) ? name as ArrayName : undefined;
}
