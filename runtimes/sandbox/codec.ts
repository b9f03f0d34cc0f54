/**
 * Values on their way into a sandbox and out again: JSON for what is small, one buffer for typed
 * arrays. This file runs on both sides, and inside it takes what it needs of the language before
 * a rule can replace it; so it has no `for of`, no spreading and no methods of arrays.
 */

/** A packed value. */
export interface Packed {
  /** JSON in which `{ "$": [...] }` stands for what JSON cannot say. */
  readonly json: string;
  /** The bytes of all typed arrays, each at a multiple of 8. */
  readonly bytes: ArrayBuffer;
}

/** The typed arrays that cross. */
const ARRAYS = {
  ...{ Float32Array, Float64Array, Int8Array, Int16Array, Int32Array },
  ...{ Uint8Array, Uint8ClampedArray, Uint16Array, Uint32Array },
} as const;

type ArrayName = keyof typeof ARRAYS;
type Crossing = InstanceType<(typeof ARRAYS)[ArrayName]>;

/** Objects and arrays within each other, at most. */
export const MOST_DEPTH = 64;

const { parse, stringify } = JSON;
const { create, hasOwn, keys } = Object;
const { apply } = Reflect;
const { isArray } = Array;
const { isSafeInteger } = Number;
const { ceil } = Math;
const { isView } = ArrayBuffer;
const copyInto = Uint8Array.prototype.set;
const kindOf = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)!.get!;
const [Bytes, Failure] = [Uint8Array, TypeError];

/** What was met on the way. */
interface Luggage {
  readonly arrays: Crossing[];
  /** Bytes of all arrays. */
  size: number;
}

/**
 * Packs a value of plain objects, arrays, texts, numbers, booleans, null and typed arrays. Undefined
 * properties and functions are left out, as in JSON; in lists they stay as undefined.
 *
 * @throws {TypeError} where something else is met, or more than {@linkcode MOST_DEPTH} levels.
 * @example
 * ```ts
 * import { pack, unpack } from "./codec.ts";
 * import assert from "node:assert/strict";
 * const value = { signs: Int8Array.of(1, -1), mean: NaN, words: ["good", undefined], "$": -0 };
 * assert.deepEqual(unpack(pack(value)), value);
 * ```
 */
export function pack(value: unknown): Packed {
  const luggage: Luggage = { arrays: [], size: 0 };
  const json = stringify(encoded(value, luggage, 0));
  const bytes = new Bytes(luggage.size);
  let offset = 0;
  for (let i = 0; i < luggage.arrays.length; i++) {
    const { buffer, byteOffset, byteLength } = luggage.arrays[i]!;
    apply(copyInto, bytes, [new Bytes(buffer, byteOffset, byteLength), offset]);
    offset += padded(byteLength);
  }
  return { json, bytes: bytes.buffer };
}

/**
 * The value that was packed; its arrays are views of the packed bytes.
 *
 * @throws {SyntaxError | TypeError | RangeError} where it was not packed by {@linkcode pack}.
 */
export function unpack({ json, bytes }: Packed): unknown {
  return decoded(parse(json), bytes, 0);
}

function encoded(value: unknown, luggage: Luggage, depth: number): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return value - value === 0 && (value !== 0 || 1 / value > 0) ? value : marked(
        value === 0 ? "-0" : `${value}`,
      );
    case "undefined":
    case "function":
      return marked("undefined");
    case "object":
      return value === null ? null : encodedObject(value, luggage, depth);
    default:
      throw new Failure(`a ${typeof value} cannot cross`);
  }
}

function encodedObject(value: object, luggage: Luggage, depth: number): unknown {
  if (depth >= MOST_DEPTH) throw new Failure(`more than ${MOST_DEPTH} levels cannot cross`);
  if (isView(value)) return encodedArray(value as Crossing, luggage);
  if (isArray(value)) {
    const list: unknown[] = [];
    for (let i = 0; i < value.length; i++) {
      const item = value[i];
      list[i] = typeof item === "string" ? item : encoded(item, luggage, depth + 1);
    }
    return list;
  }
  const record = create(null);
  const names = keys(value);
  for (let i = 0; i < names.length; i++) {
    const item = (value as Record<string, unknown>)[names[i]!];
    if (item === undefined || typeof item === "function") continue;
    record[names[i]!] = encoded(item, luggage, depth + 1);
  }
  return hasOwn(record, "$") ? marked("object", record) : record;
}

function encodedArray(array: Crossing, luggage: Luggage): unknown {
  const name = apply(kindOf, array, []);
  if (!hasOwn(ARRAYS, name)) throw new Failure(`a ${name ?? "DataView"} cannot cross`);
  const offset = luggage.size;
  luggage.arrays[luggage.arrays.length] = array;
  luggage.size += padded(array.byteLength);
  return marked(name, offset, array.length);
}

function marked(...mark: readonly unknown[]): unknown {
  return { $: mark };
}

function padded(bytes: number): number {
  return ceil(bytes / 8) * 8;
}

/** Turns what JSON holds into what it stands for, in place. */
function decoded(value: unknown, bytes: ArrayBuffer, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > 2 * MOST_DEPTH) throw new Failure("it is nested too deeply");
  if (isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      if (typeof value[i] === "object") value[i] = decoded(value[i], bytes, depth + 1);
    }
    return value;
  }
  if (hasOwn(value, "$")) return unmarked((value as { $: unknown }).$, bytes, depth);
  return inPlace(value as Record<string, unknown>, bytes, depth);
}

function inPlace(holder: Record<string, unknown>, bytes: ArrayBuffer, depth: number): unknown {
  const names = keys(holder);
  for (let i = 0; i < names.length; i++) {
    const item = holder[names[i]!];
    if (typeof item !== "object" || item === null) continue;
    holder[names[i]!] = decoded(item, bytes, depth + 1);
  }
  return holder;
}

function unmarked(mark: unknown, bytes: ArrayBuffer, depth: number): unknown {
  if (!isArray(mark)) throw new Failure("a mark is no list");
  const name = mark[0];
  switch (name) {
    case "undefined":
      return undefined;
    case "NaN":
    case "Infinity":
    case "-Infinity":
    case "-0":
      return +name;
    case "object": {
      const record = mark[1];
      if (typeof record !== "object" || record === null) throw new Failure("it marks no object");
      return inPlace(record, bytes, depth + 1);
    }
  }
  const [offset, length] = [mark[1], mark[2]];
  const isKnown = typeof name === "string" && hasOwn(ARRAYS, name) &&
    isSafeInteger(offset) && isSafeInteger(length);
  if (!isKnown) throw new Failure("a mark is not known");
  return new ARRAYS[name as ArrayName](bytes, offset, length);
}
