/** The files of a model folder in Hugging Face layout: which graphs there are, and how they are read. */
import { basename, dirname, join } from "node:path";
import { TandemError } from "../../core/errors.ts";

/** Weight formats, and the suffixes that exports give their files, the usual one first. */
const DTYPE_SUFFIXES = {
  fp32: [""],
  fp16: ["_fp16"],
  int8: ["_int8", "_quantized"],
  uint8: ["_uint8"],
  q8: ["_quantized", "_int8"],
  q4: ["_q4"],
  q4f16: ["_q4f16"],
  bnb4: ["_bnb4"],
} as const satisfies Record<string, readonly string[]>;

/** A weight format, a key of {@linkcode DTYPE_SUFFIXES}. */
export type ModelDtype = keyof typeof DTYPE_SUFFIXES;

/** The weight formats. */
export const MODEL_DTYPES = Object.keys(DTYPE_SUFFIXES) as ModelDtype[];

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

/** What to look for in a folder. */
export interface FilesRequest {
  /** Default: the first of {@linkcode DTYPE_SUFFIXES} that the folder holds. */
  readonly dtype?: ModelDtype | "auto";
  /** Default: merged, else with past, else plain. */
  readonly layout?: DecoderLayout;
}

/** Reads a JSON object. @throws TandemError with `code` where it is missing or malformed. */
export async function readJsonObject(
  file: string,
  code: "E_MODEL" | "E_TOKENIZER",
): Promise<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(await Deno.readTextFile(file));
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotFound ? "is missing" : "is not readable JSON";
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
  try {
    await Deno.stat(file);
  } catch {
    return {};
  }
  return await readJsonObject(file, code);
}

/** Every set of graphs that a folder holds, and the ONNX files that belong to none. */
export interface ModelFileSets {
  readonly sets: readonly ModelFiles[];
  readonly unused: readonly string[];
}

const LAYOUTS: readonly DecoderLayout[] = ["merged", "past", "plain"];

/**
 * Lists the sets of graphs of a folder, in onnx/ or beside config.json, the best first.
 *
 * @param dtype Limits the list to one weight format.
 * @throws TandemError E_MODEL where the folder is missing or unreadable.
 */
export async function listModelFiles(
  dir: string,
  encoderDecoder: boolean,
  dtype: ModelDtype | "auto" = "auto",
): Promise<ModelFileSets> {
  return modelFileSets(await listOnnx(dir), encoderDecoder, dtype);
}

/** {@linkcode listModelFiles} over graphs that are known: names without .onnx to paths. */
export function modelFileSets(
  present: ReadonlyMap<string, string>,
  encoderDecoder: boolean,
  dtype: ModelDtype | "auto" = "auto",
): ModelFileSets {
  const sets: ModelFiles[] = [];
  const dtypes = dtype === "auto" ? Object.keys(DTYPE_SUFFIXES) as ModelDtype[] : [dtype];
  for (const name of dtypes) {
    for (const layout of LAYOUTS) {
      for (const suffix of DTYPE_SUFFIXES[name]) {
        const files = filesWith(present, suffix, encoderDecoder, layout);
        if (
          files && !sets.some(({ first, next }) => first === files.first && next === files.next)
        ) {
          sets.push({ dtype: name, ...files });
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

/**
 * The best set of graphs that fits a request.
 *
 * @throws TandemError E_MODEL where there is none.
 */
export async function findModelFiles(
  dir: string,
  encoderDecoder: boolean,
  request: FilesRequest = {},
): Promise<ModelFiles> {
  const { sets } = await listModelFiles(dir, encoderDecoder, request.dtype);
  const found = sets.find(({ layout }) => layout === (request.layout ?? layout));
  if (found) return found;
  const names = [...(await listOnnx(dir)).keys()].map((name) => `${name}.onnx`).join(", ") ||
    "none";
  const wanted = encoderDecoder
    ? "encoder_model.onnx and decoder_model_merged.onnx or decoder_model.onnx"
    : "model.onnx, decoder_model_merged.onnx or decoder_model.onnx";
  const asked = [request.dtype ?? "auto", request.layout].filter(Boolean).join(", ");
  throw new TandemError(
    "E_MODEL",
    `The folder "${dir}" has no ONNX files that fit (asked for: ${asked}; found: ${names}); it needs ${wanted}.`,
  );
}

function filesWith(
  present: ReadonlyMap<string, string>,
  suffix: string,
  encoderDecoder: boolean,
  layout: DecoderLayout,
): Omit<ModelFiles, "dtype"> | undefined {
  const at = (name: string) => present.get(name + suffix);
  const encoder = encoderDecoder ? at("encoder_model") : undefined;
  if (encoderDecoder && !encoder) return undefined;
  const merged = at("decoder_model_merged") ?? (encoderDecoder ? undefined : at("model"));
  const first = layout === "merged" ? merged : at("decoder_model");
  const next = { merged, past: at("decoder_with_past_model"), plain: undefined }[layout];
  if (!first || (layout !== "plain" && !next)) return undefined;
  return { ...(encoder ? { encoder } : {}), first, ...(next ? { next } : {}), layout };
}

/** Names (without .onnx) to paths; onnx/ wins over the folder itself. */
async function listOnnx(dir: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const folder of [dir, join(dir, "onnx")]) {
    try {
      for await (const entry of Deno.readDir(folder)) {
        if (entry.name.endsWith(".onnx")) {
          found.set(entry.name.slice(0, -".onnx".length), join(folder, entry.name));
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

/** A file that a graph's tensors lie in, as ONNX Runtime takes it. */
export interface ExternalData {
  readonly path: string;
  readonly data: Uint8Array;
}

/** Reads a graph and the data files beside it that it names. */
export async function readModelFile(
  file: string,
): Promise<{ bytes: Uint8Array; externalData: ExternalData[] }> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(file);
  } catch (cause) {
    throw new TandemError("E_MODEL", `The model file "${file}" is missing or unreadable.`, {
      cause,
    });
  }
  if (bytes.length === 0) throw new TandemError("E_MODEL", `The model file "${file}" is empty.`);
  const externalData: ExternalData[] = [];
  for await (const entry of Deno.readDir(dirname(file))) {
    if (!isDataOf(entry.name, basename(file))) continue;
    externalData.push({
      path: entry.name,
      data: await Deno.readFile(join(dirname(file), entry.name)),
    });
  }
  return { bytes, externalData };
}

/** Exports name the data of X.onnx X.onnx_data, X.onnx_data_1, X.onnx.data or X.data. */
function isDataOf(name: string, model: string): boolean {
  const rest = name.startsWith(model) ? name.slice(model.length) : undefined;
  return rest !== undefined && /^[._]data(_\d+)?$/.test(rest) ||
    name === model.replace(/\.onnx$/, ".data");
}
