/**
 * The graphs of a model: files of its folder, files whose weights are quantised on the way, or
 * graphs made from a T5's safetensors where it has no ONNX files.
 */
import { join } from "node:path";
import { TandemError } from "@tandem/core";
import type { GraphSource } from "../onnx/onnx.ts";
import { graphFile } from "../onnx/files.ts";
import { readT5Config } from "../t5/config.ts";
import { readT5Parameters } from "../t5/folder.ts";
import type { ModelConfig } from "../model_folder/config.ts";
import {
  type DecoderLayout,
  listOnnx,
  type ModelDtype,
  type ModelFiles,
  modelFileSets,
} from "../model_folder/files.ts";

/** What to look for in a folder. */
export interface GraphRequest {
  /**
   * Weight format. Default: the first that the folder holds, fp32 before fp16 before int8. "int8" is
   * made of fp32 while loading where the folder holds none.
   */
  readonly dtype?: ModelDtype | "auto";
  /** Which decoder graphs to use. Default: merged, else with past, else plain. */
  readonly layout?: DecoderLayout;
}

/** The graphs of one model in one weight format. */
export interface ModelGraphs {
  readonly dtype: ModelDtype;
  readonly layout: DecoderLayout;
  /** Absent in decoder-only models. */
  readonly encoder?: GraphSource;
  /** The graph that starts a sequence, and the one that continues it from a cache, perhaps the same. */
  readonly first: GraphSource;
  readonly next?: GraphSource;
}

const SAFETENSORS = "model.safetensors";

/**
 * The best graphs that fit a request.
 *
 * @throws TandemError E_MODEL where there are none.
 */
export async function findGraphs(
  dir: string,
  config: ModelConfig,
  request: GraphRequest = {},
): Promise<ModelGraphs> {
  const { dtype = "auto", layout } = request;
  const present = await listOnnx(dir);
  const find = (format: ModelDtype | "auto") =>
    modelFileSets(present, config.encoderDecoder, format).sets
      .find((set) => set.layout === (layout ?? set.layout));
  const found = find(dtype);
  if (found) return fileGraphs(found);
  const full = dtype === "int8" ? find("fp32") : undefined;
  if (full) return quantised(fileGraphs(full));
  const fromWeights = present.size === 0 && await hasT5Weights(dir, config) &&
    (layout ?? "merged") === "merged";
  if (fromWeights && (dtype === "auto" || dtype === "fp32")) return await t5Graphs(dir);
  if (fromWeights && dtype === "int8") return quantised(await t5Graphs(dir));
  throw nothingFits(dir, present, config, request);
}

/** The graphs of a set of files. */
export function fileGraphs({ dtype, layout, encoder, first, next }: ModelFiles): ModelGraphs {
  const start = graphFile(first);
  return {
    dtype,
    layout,
    ...(encoder ? { encoder: graphFile(encoder) } : {}),
    first: start,
    ...(next ? { next: next === first ? start : graphFile(next) } : {}),
  };
}

/** Whether a folder holds the weights of a T5, of which graphs can be made. */
export async function hasT5Weights(dir: string, { type }: ModelConfig): Promise<boolean> {
  const present = (name: string) => Deno.stat(join(dir, name)).then(() => true, () => false);
  return type === "t5" &&
    (await present(SAFETENSORS) || await present(`${SAFETENSORS}.index.json`));
}

/** Graphs made of a T5's safetensors. @throws TandemError E_MODEL where they are damaged. */
export async function t5Graphs(dir: string): Promise<ModelGraphs> {
  const config = await readT5Config(dir);
  const parameters = await readT5Parameters(dir, config);
  const source = (name: "encoder_model" | "decoder_model_merged"): GraphSource => ({
    name: `${join(dir, SAFETENSORS)} (${name})`,
    async read() {
      const { t5Graph } = await import("../t5/onnx_export.ts");
      return { bytes: t5Graph(name, config, parameters), externalData: [] };
    },
  });
  const decoder = source("decoder_model_merged");
  const encoder = source("encoder_model");
  return { dtype: "fp32", layout: "merged", encoder, first: decoder, next: decoder };
}

function quantised({ layout, encoder, first, next }: ModelGraphs): ModelGraphs {
  const source = (full: GraphSource): GraphSource => ({
    name: full.name,
    async read() {
      const { quantiseToInt8 } = await import("../onnx/quantise.ts");
      const { bytes, externalData } = await full.read();
      return { bytes: quantiseToInt8(bytes, externalData) ?? bytes, externalData };
    },
  });
  const start = source(first);
  return {
    dtype: "int8",
    layout,
    ...(encoder ? { encoder: source(encoder) } : {}),
    first: start,
    ...(next ? { next: next === first ? start : source(next) } : {}),
  };
}

function nothingFits(
  dir: string,
  present: ReadonlyMap<string, string>,
  { encoderDecoder }: ModelConfig,
  { dtype = "auto", layout }: GraphRequest,
): TandemError {
  const names = [...present.keys()].map((name) => `${name}.onnx`).join(", ") || "none";
  const wanted = encoderDecoder
    ? "encoder_model.onnx and decoder_model_merged.onnx or decoder_model.onnx"
    : "model.onnx, decoder_model_merged.onnx or decoder_model.onnx";
  const asked = layout ? `${dtype}, ${layout}` : dtype;
  return new TandemError(
    "E_MODEL",
    `The folder "${dir}" has no ONNX files that fit (asked for: ${asked}; found: ${names}); it needs ${wanted}.`,
  );
}
