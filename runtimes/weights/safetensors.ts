/** The safetensors format: eight bytes of header length, a JSON header, the values end to end. */

import { TandemError } from "@tandem/core";
import { outsideText } from "@tandem/core/internal";
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

/** The format's other types with their bits an element: tensors of them are passed over. */
const PASSED_OVER: Readonly<Record<string, number>> = {
  ...{ BOOL: 8, I8: 8, F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8, F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8 },
  ...{ I16: 16, U16: 16, U32: 32, F64: 64, U64: 64, C64: 64 },
  ...{ F4: 4, F6_E2M3: 6, F6_E3M2: 6 },
};

/** A file's tensors by name, and its free text. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** The types of the tensors that are not read, by name. */
  readonly passedOver: ReadonlyMap<string, string>;
  readonly metadata: Readonly<Record<string, string>>;
}

const PREFIX = 8;
/** The format's own bound: a longer header is an attack or damage. */
const LONGEST_HEADER = 100_000_000;

/**
 * Reads a file. Tensors of types that are not read are passed over; the others are views of `file`, nothing is copied, and nothing that the header claims
 * is allocated before it is found to lie in the file.
 *
 * @param name Named in errors.
 * @throws TandemError E_MODEL where the file is truncated, inconsistent or no safetensors file.
 *
 * @example
 * ```ts
 * import { float32Of, readSafetensors, storeFloat32, writeSafetensors } from "@tandem/runtimes/weights";
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
  const passedOver = new Map<string, string>();
  const spans: [number, number][] = [];
  for (const [key, entry] of Object.entries(header.entries)) {
    if (key === "__metadata__") continue;
    const { dtype, shape, begin, end } = checkEntry(entry, shown(key), data.length, name);
    spans.push([begin, end]);
    if (isRead(dtype)) tensors.set(key, { dtype, shape, bytes: data.subarray(begin, end) });
    else passedOver.set(key, dtype);
  }
  checkCover(spans, data.length, name);
  const metadata = checkMetadata(header.entries["__metadata__"], name);
  return { tensors, passedOver, metadata };
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
  // Without a prototype any name is a name, "__proto__" too.
  const entries: Record<string, unknown> = Object.create(null);
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
  let text: string;
  let entries: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true })
      .decode(file.subarray(PREFIX, PREFIX + Number(length)));
    entries = JSON.parse(text);
  } catch {
    throw broken(name, "its header is not JSON");
  }
  if (!isRecord(entries)) throw broken(name, "its header is not an object");
  const twice = repeatedName(text);
  if (twice !== undefined) throw broken(name, `it has "${shown(twice)}" twice`);
  return { length: Number(length), entries };
}

/** A name that an object has twice: JSON.parse would take the last and say nothing. */
function repeatedName(json: string): string | undefined {
  const names = new Set<string>();
  let depth = 0;
  for (
    const [token, string] of json.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}[\]]/g)
  ) {
    if (token === "{" || token === "[") depth++;
    if (token === "}" || token === "]") depth--;
    if (string === undefined || depth !== 1) continue;
    const name = JSON.parse(string) as string;
    if (names.has(name)) return name;
    names.add(name);
  }
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function checkEntry(entry: unknown, key: string, available: number, name: string) {
  const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  const bits = bitsOf(dtype);
  if (bits === undefined) {
    const known = [...Object.keys(DTYPES), ...Object.keys(PASSED_OVER)].join(", ");
    throw broken(name, `"${key}" has the type "${shown(String(dtype))}", known are ${known}`);
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    throw broken(name, `"${key}" has the shape ${shown(JSON.stringify(shape) ?? "nothing")}`);
  }
  const [begin, end] = Array.isArray(offsets) && offsets.length === 2 ? offsets : [];
  if (!isCount(begin) || !isCount(end) || begin > end || end > available) {
    throw broken(name, `"${key}" lies outside the file, which may be cut short`);
  }
  if (sizeOf(shape) * bits !== 8 * (end - begin)) {
    throw broken(name, `"${key}" has ${end - begin} bytes, which its shape does not fit`);
  }
  return { dtype: dtype as string, shape: shape as number[], begin, end };
}

function isRead(dtype: string): dtype is Dtype {
  return Object.hasOwn(DTYPES, dtype);
}

function bitsOf(dtype: unknown): number | undefined {
  if (typeof dtype !== "string") return undefined;
  if (isRead(dtype)) return 8 * DTYPES[dtype];
  return Object.hasOwn(PASSED_OVER, dtype) ? PASSED_OVER[dtype] : undefined;
}

/** A name in a file as it may be shown. */
function shown(text: string): string {
  return outsideText(text, { max: 100 });
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
