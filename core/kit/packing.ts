/** Values as JSON that gives them back to the last bit. */

interface Arrays {
  f32: Float32Array;
  f64: Float64Array;
  i8: Int8Array;
  i32: Int32Array;
  u8: Uint8Array;
}

/**
 * The kinds of arrays that are packed.
 *
 * @internal
 */
export type ArrayName = keyof Arrays;

const OVER: { readonly [N in ArrayName]: (buffer: ArrayBuffer) => Arrays[N] } = {
  f32: (buffer) => new Float32Array(buffer),
  f64: (buffer) => new Float64Array(buffer),
  i8: (buffer) => new Int8Array(buffer),
  i32: (buffer) => new Int32Array(buffer),
  u8: (buffer) => new Uint8Array(buffer),
};

/** A typed array as JSON: its bytes in base64. */
export type Packed<N extends ArrayName> = { readonly [Name in N]: string };

/**
 * A typed array as JSON.
 *
 * @example
 * ```ts
 * import { pack, unpack } from "./packing.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(unpack("f32", pack("f32", Float32Array.of(NaN, -0))), Float32Array.of(NaN, -0));
 * ```
 */
export function pack<N extends ArrayName>(name: N, array: Arrays[N]): Packed<N> {
  const { buffer, byteOffset, byteLength } = array;
  return { [name]: new Uint8Array(buffer, byteOffset, byteLength).toBase64() } as Packed<N>;
}

/** The array that {@linkcode pack} was given; a copy. */
export function unpack<N extends ArrayName>(name: N, packed: Packed<N>): Arrays[N] {
  return OVER[name](Uint8Array.fromBase64(packed[name]).buffer);
}

/** What stands in JSON for a number that JSON cannot write. */
const NUMBER = "$number";

/**
 * JSON in which NaN, the infinities and -0 keep their values. As in all JSON, what is undefined is
 * left out of an object.
 */
export function exactJson(value: unknown): string {
  return JSON.stringify(value, (_key, item) => {
    if (typeof item !== "number") return item;
    if (Object.is(item, -0)) return { [NUMBER]: "-0" };
    return Number.isFinite(item) ? item : { [NUMBER]: String(item) };
  }) ?? "null";
}

/** The value that {@linkcode exactJson} wrote. @throws SyntaxError where it is no JSON. */
export function parseExactJson(text: string): unknown {
  return JSON.parse(text, (_key, item) => {
    const isNumber = typeof item === "object" && item !== null && NUMBER in item;
    return isNumber ? Number(item[NUMBER]) : item;
  });
}
