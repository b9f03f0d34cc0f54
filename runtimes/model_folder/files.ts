/** The files of a model folder in Hugging Face layout: which graphs there are. */
import { TandemError } from "@tandem/core";
import { parsePythonJson } from "../files/python_json.ts";
import { builtin } from "@tandem/core/internal";
import { diskPath, inFolder, serverUrl } from "../files/location.ts";
import { isThere, readTextFile } from "../files/read.ts";
import { isMissing } from "../files/system_error.ts";

/** Weight formats, and the suffixes that exports give their files, the usual one first. */
const DTYPE_SUFFIXES: Readonly<Record<ModelDtype, readonly string[]>> = {
  fp32: [""],
  fp16: ["_fp16"],
  int8: ["_int8", "_quantized"],
  uint8: ["_uint8"],
  q8: ["_quantized", "_int8"],
  q4: ["_q4"],
  q4f16: ["_q4f16"],
  bnb4: ["_bnb4"],
};

/** The weight formats. */
export const MODEL_DTYPES = [
  "fp32",
  "fp16",
  "int8",
  "uint8",
  "q8",
  "q4",
  "q4f16",
  "bnb4",
] as const;

/** A weight format. */
export type ModelDtype = typeof MODEL_DTYPES[number];

/** How a folder's decoder is spread over files. */
export type DecoderLayout = "merged" | "past" | "plain";

/** The graphs of one model in one weight format (paths). */
export interface ModelFiles {
  readonly dtype: ModelDtype;
  /** encoder_model.onnx; absent in decoder-only models. */
  readonly encoder?: string;
  /** The graph that starts a sequence, and the one that continues it from a cache, perhaps the same. */
  readonly first: string;
  readonly next?: string;
  readonly layout: DecoderLayout;
}

/** Most bytes of a configuration or a tokenizer. */
const MOST_JSON = 2 ** 26;

/** Reads a JSON object, as Python may have written it. @throws TandemError with `code` where it is missing or malformed. */
export async function readJsonObject(
  file: string,
  code: "E_MODEL" | "E_TOKENIZER",
): Promise<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parsePythonJson(await readTextFile(file, MOST_JSON));
  } catch (cause) {
    if (cause instanceof TandemError) throw cause; // of a server
    const why = isMissing(cause)
      ? "is missing"
      : cause instanceof RangeError
      ? `is deeper or larger than the ${MOST_JSON} bytes that are read`
      : "is not readable JSON";
    throw new TandemError(code, `The file "${file}" ${why}; a model folder needs it.`, { cause });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new TandemError(code, `The file "${file}" does not hold a JSON object.`);
}

/** The like of {@linkcode readJsonObject} for a file that may be missing: then an empty object. */
export async function readOptionalJsonObject(
  file: string,
  code: "E_MODEL" | "E_TOKENIZER",
): Promise<Record<string, unknown>> {
  return await isThere(file) ? await readJsonObject(file, code) : {};
}

/** Every set of graphs that a folder holds, and the ONNX files that belong to none. */
export interface ModelFileSets {
  readonly sets: readonly ModelFiles[];
  readonly unused: readonly string[];
}

/** Names of a graph that starts a sequence and continues it; the second is a decoder-only model's. */
const WHOLE = ["decoder_model_merged", "model"] as const;
const LAYOUTS: readonly DecoderLayout[] = ["merged", "past", "plain"];

/**
 * The sets that ONNX files make up, the best first.
 *
 * @param present The files: names without .onnx to paths, as {@linkcode listOnnx} gives them.
 * @param dtype Limits the sets to one weight format.
 */
export function modelFileSets(
  present: ReadonlyMap<string, string>,
  encoderDecoder: boolean,
  dtype: ModelDtype | "auto" = "auto",
): ModelFileSets {
  const sets: ModelFiles[] = [];
  const dtypes = dtype === "auto" ? Object.keys(DTYPE_SUFFIXES) as ModelDtype[] : [dtype];
  const add = (dtype: ModelDtype, files: Omit<ModelFiles, "dtype"> | undefined) => {
    const known = sets.some(({ first, next }) => first === files?.first && next === files?.next);
    if (files && !known) sets.push({ dtype, ...files });
  };
  for (const name of dtypes) {
    for (const layout of LAYOUTS) {
      for (const suffix of DTYPE_SUFFIXES[name]) {
        for (const whole of WHOLE) {
          add(name, filesWith(present, suffix, encoderDecoder, layout, whole));
        }
      }
    }
  }
  const used = new Set(sets.flatMap(({ encoder, first, next }) => [encoder, first, next]));
  const unused = dtype === "auto" ? [...present.values()].filter((file) => !used.has(file)) : [];
  return { sets, unused };
}

/** The name by which a graph is looked for, of a path in a model's repository, or undefined. */
export function onnxName(path: string): string | undefined {
  return /^(?:onnx\/)?([^/]+)\.onnx$/.exec(path)?.[1];
}

function filesWith(
  present: ReadonlyMap<string, string>,
  suffix: string,
  encoderDecoder: boolean,
  layout: DecoderLayout,
  whole: typeof WHOLE[number],
): Omit<ModelFiles, "dtype"> | undefined {
  const at = (name: string) => present.get(name + suffix);
  const encoder = encoderDecoder ? at("encoder_model") : undefined;
  if (encoderDecoder && !encoder) return undefined;
  const merged = encoderDecoder && whole === "model" ? undefined : at(whole);
  const first = layout === "merged" ? merged : at("decoder_model");
  const next = { merged, past: at("decoder_with_past_model"), plain: undefined }[layout];
  if (!first || (layout !== "plain" && !next)) return undefined;
  return { ...(encoder ? { encoder } : {}), first, ...(next ? { next } : {}), layout };
}

/**
 * The ONNX files of a folder, names (without .onnx) to paths; onnx/ wins over the folder itself. None
 * of one at a server, which does not say what it holds: a T5 is read from its model.safetensors there.
 *
 * @throws TandemError E_MODEL where the folder is missing or unreadable.
 */
export async function listOnnx(dir: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  if (serverUrl(dir)) return found;
  const { readdir } = builtin("node:fs").promises;
  for (const folder of [dir, inFolder(dir, "onnx")]) {
    try {
      for (const name of await readdir(diskPath(folder))) {
        if (name.endsWith(".onnx")) {
          found.set(name.slice(0, -".onnx".length), inFolder(folder, name));
        }
      }
    } catch (cause) {
      if (folder !== dir) continue;
      throw new TandemError("E_MODEL", `The model folder "${dir}" is missing or unreadable.`, {
        cause,
      });
    }
  }
  return new Map([...found].sort(([a], [b]) => a < b ? -1 : 1));
}
