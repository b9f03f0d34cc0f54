/** The safetensors format: eight bytes of header length, a JSON header, the values end to end. */

import { TandemError } from "../core/errors.ts";
import { sizeOf } from "./initialisers.ts";

/** The element types read and written, with their bytes an element. */
export const DTYPES = { F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, U8: 1 } as const;

/** A key of {@linkcode DTYPES}. */
export type Dtype = keyof typeof DTYPES;

/** A tensor as it lies in the file: row-major, little-endian. */
export interface StoredTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** A file's tensors by name, and its free text. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const PREFIX = 8;
/** The format's own bound: a longer header is an attack or damage. */
const LONGEST_HEADER = 100_000_000;

/**
 * Reads a file. Tensors are views of `file`, nothing is copied, and nothing that the header claims
 * is allocated before it is found to lie in the file.
 *
 * @param name Named in errors.
 * @throws TandemError E_MODEL where the file is truncated, inconsistent or no safetensors file.
 *
 * @example
 * ```ts
 * import { float32Of, readSafetensors, storeFloat32, writeSafetensors } from "./safetensors.ts";
 * import assert from "node:assert/strict";
 * const file = writeSafetensors(new Map([["w", storeFloat32(Float32Array.of(1, 2), [2, 1])]]));
 * const { tensors } = readSafetensors(file, "model.safetensors");
 * assert.deepEqual(tensors.get("w")?.shape, [2, 1]);
 * assert.deepEqual([...float32Of(tensors.get("w")!)], [1, 2]);
 * ```
 */
export function readSafetensors(file: Uint8Array, name: string): Safetensors {
  const header = readHeader(file, name);
  const data = file.subarray(PREFIX + header.length);
  const tensors = new Map<string, StoredTensor>();
  const spans: [number, number][] = [];
  for (const [key, entry] of Object.entries(header.entries)) {
    if (key === "__metadata__") continue;
    const { dtype, shape, begin, end } = checkEntry(entry, key, data.length, name);
    tensors.set(key, { dtype, shape, bytes: data.subarray(begin, end) });
    spans.push([begin, end]);
  }
  checkCover(spans, data.length, name);
  return { tensors, metadata: checkMetadata(header.entries["__metadata__"], name) };
}

/**
 * Writes a file that every reader of the format takes: wide elements first, so that values are
 * aligned; by name within a width.
 *
 * @param metadata Free text beside the tensors, as `{ format: "pt" }`.
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const sorted = [...tensors].sort(([a, { dtype: x }], [b, { dtype: y }]) =>
    DTYPES[y] - DTYPES[x] || (a < b ? -1 : 1)
  );
  const entries: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) entries["__metadata__"] = metadata;
  let size = 0;
  for (const [name, { dtype, shape, bytes }] of sorted) {
    entries[name] = { dtype, shape, data_offsets: [size, size += bytes.length] };
  }
  const json = JSON.stringify(entries);
  const padding = " ".repeat(-new TextEncoder().encode(json).length & (PREFIX - 1));
  const header = new TextEncoder().encode(json + padding);
  const file = new Uint8Array(PREFIX + header.length + size);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, PREFIX);
  let at = PREFIX + header.length;
  for (const [, { bytes }] of sorted) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

/** The values as 32-bit floats; a copy. 64-bit integers lose what a float cannot hold. */
export function float32Of({ dtype, bytes }: StoredTensor): Float32Array {
  const { buffer } = bytes.slice();
  switch (dtype) {
    case "F32":
      return new Float32Array(buffer);
    case "F16":
      return Float32Array.from(new Float16Array(buffer));
    case "BF16":
      return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (x) => x << 16).buffer);
    case "I64":
      return Float32Array.from(new BigInt64Array(buffer), Number);
    case "I32":
      return Float32Array.from(new Int32Array(buffer));
    case "U8":
      return Float32Array.from(new Uint8Array(buffer));
  }
}

/** Stores 32-bit floats, rounded to nearest even where `dtype` is narrower. */
export function storeFloat32(
  values: Float32Array,
  shape: readonly number[],
  dtype: "F32" | "F16" | "BF16" = "F32",
): StoredTensor {
  if (sizeOf(shape) !== values.length) {
    throw new TandemError(
      "E_SHAPE",
      `A shape of "${shape}" does not hold ${values.length} values.`,
    );
  }
  const narrow = dtype === "F32"
    ? values.slice()
    : dtype === "F16"
    ? Float16Array.from(values)
    : Uint16Array.from(new Uint32Array(values.slice().buffer), roundToBfloat);
  return { dtype, shape, bytes: new Uint8Array(narrow.buffer) };
}

/** The upper half of a float's bits, rounded to nearest even; a NaN stays one. */
function roundToBfloat(bits: number): number {
  const isNaN = (bits & 0x7fffffff) > 0x7f800000;
  return isNaN ? (bits >>> 16) | 0x40 : (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

function broken(name: string, what: string): TandemError {
  return new TandemError("E_MODEL", `"${name}" is no whole safetensors file: ${what}.`);
}

function readHeader(file: Uint8Array, name: string) {
  if (file.length < PREFIX) throw broken(name, `it has ${file.length} bytes`);
  const length = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true);
  if (length > Math.min(LONGEST_HEADER, file.length - PREFIX)) {
    throw broken(name, `its header claims ${length} bytes, the file has ${file.length}`);
  }
  let entries: unknown;
  try {
    const text = new TextDecoder("utf-8", { fatal: true });
    entries = JSON.parse(text.decode(file.subarray(PREFIX, PREFIX + Number(length))));
  } catch {
    throw broken(name, "its header is not JSON");
  }
  if (!isRecord(entries)) throw broken(name, "its header is not an object");
  return { length: Number(length), entries };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function checkEntry(entry: unknown, key: string, available: number, name: string) {
  const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  if (typeof dtype !== "string" || !Object.hasOwn(DTYPES, dtype)) {
    const known = Object.keys(DTYPES).join(", ");
    throw broken(name, `"${key}" has the type "${dtype}", known are ${known}`);
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    throw broken(name, `"${key}" has the shape ${JSON.stringify(shape)}`);
  }
  const [begin, end] = Array.isArray(offsets) && offsets.length === 2 ? offsets : [];
  if (!isCount(begin) || !isCount(end) || begin > end || end > available) {
    throw broken(name, `"${key}" lies outside the file, which may be cut short`);
  }
  if (sizeOf(shape) * DTYPES[dtype as Dtype] !== end - begin) {
    throw broken(name, `"${key}" has ${end - begin} bytes, which its shape does not fit`);
  }
  return { dtype: dtype as Dtype, shape: shape as number[], begin, end };
}

/** The tensors must fill the data without a gap or an overlap, as the format says. */
function checkCover(spans: [number, number][], size: number, name: string): void {
  let filled = 0;
  for (const [begin, end] of spans.sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (begin !== filled) throw broken(name, `its tensors overlap or leave a gap at ${filled}`);
    filled = end;
  }
  if (filled !== size) throw broken(name, `${size - filled} bytes belong to no tensor`);
}

function checkMetadata(metadata: unknown, name: string): Record<string, string> {
  if (metadata === undefined) return {};
  if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== "string")) {
    throw broken(name, "its metadata is not text by name");
  }
  return metadata as Record<string, string>;
}
