/** Small pieces for feeding graphs: integer tensors, empty caches, rows picked from a batch. */
import { TandemError } from "@tandem/core";
import type { OnnxData, OnnxSpec, OnnxTensor, OnnxType } from "../onnx/onnx.ts";
import { floatsOfHalves, newHalves } from "../weights/half.ts";
import type { ModelConfig } from "../model_folder/config.ts";

/** A cache by input name: keys and values [rows, heads, length, width], and states [rows, ...]. */
export type Past = Readonly<Record<string, OnnxTensor>>;

/** A tensor of whole numbers from a list or a table with rows of one length, in the type asked for. */
export function integers(
  spec: Pick<OnnxSpec, "type">,
  values: readonly number[] | readonly (readonly number[])[],
): OnnxTensor {
  const table = values as readonly (readonly number[])[];
  const dims = Array.isArray(values[0]) ? [table.length, table[0]!.length] : [values.length];
  const flat = values.flat() as number[];
  return spec.type === "int32"
    ? { type: "int32", dims, data: Int32Array.from(flat) }
    : { type: "int64", dims, data: BigInt64Array.from(flat, BigInt) };
}

/** Copies rows (entries of the first dimension) of a tensor in the order given. */
export function selectRows(tensor: OnnxTensor, rows: readonly number[]): OnnxTensor {
  const stride = tensor.data.length / tensor.dims[0]!;
  const data = newData(tensor.type, rows.length * stride);
  rows.forEach((row, i) => {
    // The two arrays are of one type, which the compiler cannot see through the union.
    (data as Float32Array).set(
      tensor.data.subarray(row * stride, (row + 1) * stride) as Float32Array,
      i * stride,
    );
  });
  return { type: tensor.type, dims: [rows.length, ...tensor.dims.slice(1)], data };
}

/** Floats of 32 or 16 bits as those of 32. */
export function floatsOf(data: OnnxData): Float32Array {
  if (data instanceof Float32Array) return data;
  return data instanceof Uint16Array
    ? floatsOfHalves(data)
    : Float32Array.from(data as Float16Array);
}

/** A cache of length 0 for a graph that always takes one. */
export function emptyPast(
  spec: OnnxSpec,
  rows: number,
  config: ModelConfig,
  file: string,
): OnnxTensor {
  const [, heads, , width] = spec.dims;
  const size = (dim: number | string | undefined, fallback: number | undefined) =>
    sizeOf(typeof dim === "number" ? dim : fallback, file);
  return zeros(spec, [rows, size(heads, config.cacheHeads), 0, size(width, config.headWidth)]);
}

/** Most numbers of a state that a graph asks for: 1 GiB of them. */
const MOST_STATE = 2 ** 28;

/** What a convolution or a recurrence begins from: zeros [rows, ...] as the graph has their sizes. */
export function emptyState(
  spec: OnnxSpec,
  rows: number,
  _config: ModelConfig,
  file: string,
): OnnxTensor {
  const sizes = spec.dims.slice(1).map((dim) =>
    sizeOf(typeof dim === "number" ? dim : undefined, file)
  );
  const dims = [rows, ...sizes];
  if (dims.reduce((size, dim) => size * dim, 1) <= MOST_STATE) return zeros(spec, dims);
  throw new TandemError("E_MODEL", `The model "${file}" asks for a state of ${dims.join(" x ")}.`);
}

function sizeOf(known: number | undefined, file: string): number {
  if (known !== undefined) return known;
  throw new TandemError(
    "E_MODEL",
    `The sizes of the cache of "${file}" stand neither in the graph nor in config.json.`,
  );
}

function zeros(spec: OnnxSpec, dims: readonly number[]): OnnxTensor {
  const type: OnnxType = spec.type === "float16" ? "float16" : "float32";
  return { type, dims, data: newData(type, dims.reduce((size, dim) => size * dim, 1)) };
}

function newData(type: OnnxType, length: number): OnnxData {
  switch (type) {
    case "float32":
      return new Float32Array(length);
    case "float16":
      return newHalves(length);
    case "int64":
      return new BigInt64Array(length);
    case "int32":
      return new Int32Array(length);
    case "bool":
      return new Uint8Array(length);
  }
}
