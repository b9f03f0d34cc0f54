/** T5 folders in Hugging Face layout: config.json and model.safetensors, whole or in shards. */

import { TandemError } from "@tandem/core";
import { builtin } from "@tandem/core/internal";
import { diskPath, inFolder } from "../files/location.ts";
import { isPlainPath } from "../files/names.ts";
import { isThere, readFile } from "../files/read.ts";
import { readJsonObject } from "../model_folder/files.ts";
import { readSafetensors, type StoredTensor } from "../weights/safetensors.ts";
import type { Tensors } from "../tfjs/tfjs.ts";
import { readT5Config, type T5Config } from "./config.ts";
import { t5WeightFiles } from "./files.ts";
import { type Parameter, takeParameters } from "./parameters.ts";
import { T5 } from "./t5.ts";

const WEIGHTS = "model.safetensors";
const MOST_SHARDS = 1000;
/** Bytes of one file of weights. */
const MOST_BYTES = 2 ** 32;

/**
 * Loads a T5 for training.
 *
 * @param dir A folder with config.json and model.safetensors (or its shards and their index).
 * @throws TandemError E_MODEL where a file is missing, damaged or does not fit the configuration.
 */
export async function readT5(tensors: Tensors, dir: string): Promise<T5> {
  const config = await readT5Config(dir);
  return new T5(tensors, config, await readT5Parameters(dir, config));
}

/** Reads the weights of a T5's folder. @throws TandemError E_MODEL as {@linkcode readT5}. */
export async function readT5Parameters(
  dir: string,
  config: T5Config,
): Promise<Map<string, Parameter>> {
  const stored = new Map<string, StoredTensor>();
  const passedOver = new Map<string, string>();
  for (const file of await weightFiles(dir)) {
    const path = inFolder(dir, file);
    const read = readSafetensors(await readBytes(path), path);
    for (const [name, tensor] of read.tensors) stored.set(name, tensor);
    for (const [name, type] of read.passedOver) passedOver.set(name, type);
  }
  return takeParameters(config, stored, inFolder(dir, WEIGHTS), passedOver);
}

/** Writes config.json and model.safetensors; other files of the folder stay. */
export async function writeT5(
  dir: string,
  config: T5Config,
  parameters: ReadonlyMap<string, Parameter>,
): Promise<void> {
  const { mkdir, writeFile } = builtin("node:fs").promises;
  await mkdir(diskPath(dir), { recursive: true });
  for (const [name, bytes] of Object.entries(t5WeightFiles(config, parameters))) {
    await writeFile(diskPath(inFolder(dir, name)), bytes);
  }
}

async function weightFiles(dir: string): Promise<string[]> {
  if (await isThere(inFolder(dir, WEIGHTS))) return [WEIGHTS];
  const index = inFolder(dir, `${WEIGHTS}.index.json`);
  if (!await isThere(index)) {
    throw new TandemError("E_MODEL", `The folder "${dir}" has no "${WEIGHTS}"; training needs it.`);
  }
  const { weight_map: shards } = await readJsonObject(index, "E_MODEL");
  const names = [...new Set(Object.values(shards ?? {}))].map(String);
  const beside = (name: string) => /^[^/]+\.safetensors$/.test(name) && isPlainPath(name);
  if (names.length <= MOST_SHARDS && names.every(beside)) return names;
  throw new TandemError("E_MODEL", `The file "${index}" names files outside its folder.`);
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path, MOST_BYTES);
  } catch (cause) {
    if (cause instanceof TandemError) throw cause; // of a server
    throw new TandemError("E_MODEL", `The file "${path}" is missing or unreadable.`, { cause });
  }
}
