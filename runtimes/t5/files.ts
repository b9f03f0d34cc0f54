/** A T5's folder in Hugging Face layout as files in memory. */

import { join } from "node:path";
import { readFile } from "../files/read.ts";
import { storeFloat32, writeSafetensors } from "../weights/safetensors.ts";
import { type T5Config, t5ConfigJson } from "./config.ts";
import type { Parameter } from "./parameters.ts";

/** Files by their paths in the folder. */
type Files = Record<string, Uint8Array>;

/** Bytes of a tokenizer's file. */
const MOST_BYTES = 2 ** 26;

/** Files beside the weights that a folder needs to be opened. */
const BESIDE = [
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "generation_config.json",
  "spiece.model",
];

/** config.json and model.safetensors. */
export function t5WeightFiles(
  config: T5Config,
  parameters: ReadonlyMap<string, Parameter>,
): Files {
  const stored = new Map(
    [...parameters].map(([name, { values, shape }]) => [name, storeFloat32(values, shape)]),
  );
  return {
    "config.json": new TextEncoder().encode(JSON.stringify(t5ConfigJson(config), null, 2) + "\n"),
    "model.safetensors": writeSafetensors(stored, { format: "pt" }),
  };
}

/** {@linkcode t5WeightFiles}, and the encoder and the merged decoder in onnx/. */
export async function t5Files(
  config: T5Config,
  parameters: ReadonlyMap<string, Parameter>,
): Promise<Files> {
  const { t5Graph } = await import("./onnx_export.ts");
  return {
    ...t5WeightFiles(config, parameters),
    "onnx/encoder_model.onnx": t5Graph("encoder_model", config, parameters),
    "onnx/decoder_model_merged.onnx": t5Graph("decoder_model_merged", config, parameters),
  };
}

/** The tokenizer's files of a folder, those that it has. */
export async function tokenizerFiles(dir: string): Promise<Files> {
  const files: Files = {};
  for (const name of BESIDE) {
    const bytes = await readFile(join(dir, name), MOST_BYTES).catch(() => undefined);
    if (bytes) files[name] = bytes;
  }
  return files;
}
