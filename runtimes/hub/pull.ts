/** Brings a model from the Hugging Face Hub, or a server of its shape, into the cache. */
import { join } from "node:path";
import { TandemError } from "../../core/errors.ts";
import { readModelConfig } from "../language_model/config.ts";
import { type ModelDtype, modelFileSets, onnxName } from "../language_model/files.ts";
import { Hub, type HubOptions, type LocalFile, type RemoteFile } from "./hub.ts";
import { ModelCache } from "./snapshot.ts";

/** Where models are kept unless said otherwise. */
export const DEFAULT_CACHE_DIR = "models/cache";

/** How far a file has come. */
export interface PullProgress {
  readonly file: string;
  /** Bytes on disk. */
  readonly received: number;
  /** Bytes in all, where known. */
  readonly size?: number;
}

/** How a model is pulled. */
export interface PullOptions extends HubOptions {
  /** Branch, tag or commit. Default "main". It is pinned to its commit. */
  readonly revision?: string;
  /** Weight format of the ONNX files. Default: the first that the model has, fp32 first. */
  readonly dtype?: ModelDtype | "auto";
  readonly cacheDir?: string;
  readonly onProgress?: (progress: PullProgress) => void;
}

/** A model in the cache. */
export interface PulledModel {
  readonly id: string;
  readonly commit: string;
  /** The folder to open. */
  readonly dir: string;
  readonly files: readonly LocalFile[];
  /** Whether the server could not be reached and the pinned snapshot serves. */
  readonly offline: boolean;
}

const SMALL_FILES = [
  "config.json",
  "generation_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "reference.json",
  "README.md",
  "LICENSE",
];

/**
 * Pulls a model: config, tokenizer and the ONNX files of one weight format, or its safetensors where
 * it has no ONNX files. What is in the cache already is not fetched again; an interrupted pull goes
 * on where it stopped. Where the server cannot be asked, what an earlier pull pinned serves.
 *
 * @param id The model's name on the Hub, as "google/flan-t5-small".
 * @throws TandemError E_MODEL where there is no such model or nothing in it to run, E_DOWNLOAD where
 * the server fails or sends other content than it announced, E_DISK where the cache is not writable.
 */
export async function pullModel(id: string, options: PullOptions = {}): Promise<PulledModel> {
  const { revision = "main", dtype = "auto" } = options;
  const cache = new ModelCache(options.cacheDir ?? DEFAULT_CACHE_DIR, id);
  const hub = new Hub(id, options);
  let commit: string;
  try {
    commit = await hub.commitOf(revision);
  } catch (error) {
    const pinned = await pinnedModel(cache, revision);
    if (pinned && error instanceof TandemError && error.code === "E_DOWNLOAD") return pinned;
    throw error;
  }
  const dir = cache.snapshot(commit);
  const listed = await hub.list(commit);
  const fetchAll = (files: readonly RemoteFile[]) => fetchFiles(hub, commit, dir, files, options);
  const small = await fetchAll(smallFiles(id, listed));
  const { encoderDecoder } = await readModelConfig(dir);
  const weights = await fetchAll(weightFiles(id, listed, encoderDecoder, dtype));
  const before = await cache.read(commit);
  const fresh = [...small, ...weights];
  const kept = before?.files.filter(({ path }) => !fresh.some((file) => file.path === path)) ?? [];
  const files = [...fresh, ...kept];
  await cache.finish({ id, revision, commit, files });
  await cache.pin(revision, commit);
  return { id, commit, dir, files, offline: false };
}

/**
 * The folder of a model pulled before, without any network; undefined where it has not been pulled.
 *
 * @throws TandemError E_MODEL where `id` is no model's name.
 */
export async function findPulled(
  id: string,
  { revision = "main", cacheDir = DEFAULT_CACHE_DIR }: PullOptions = {},
): Promise<string | undefined> {
  return (await pinnedModel(new ModelCache(cacheDir, id), revision))?.dir;
}

async function pinnedModel(cache: ModelCache, revision: string): Promise<PulledModel | undefined> {
  const commit = await cache.commitOf(revision);
  const list = commit === undefined ? undefined : await cache.read(commit);
  if (commit === undefined || !list) return undefined;
  return { id: cache.id, commit, dir: cache.snapshot(commit), files: list.files, offline: true };
}

async function fetchFiles(
  hub: Hub,
  commit: string,
  dir: string,
  files: readonly RemoteFile[],
  { onProgress = () => {} }: PullOptions,
): Promise<LocalFile[]> {
  const fetched: LocalFile[] = [];
  for (const file of files) {
    const report = (received: number) => onProgress({ file: file.path, received, size: file.size });
    fetched.push(await hub.fetchFile(commit, file, join(dir, file.path), report));
  }
  return fetched;
}

function smallFiles(id: string, listed: readonly RemoteFile[]): RemoteFile[] {
  for (const needed of ["config.json", "tokenizer.json"]) {
    if (listed.some(({ path }) => path === needed)) continue;
    throw new TandemError("E_MODEL", `The model "${id}" has no ${needed}; Tandem needs it.`);
  }
  return listed.filter(({ path }) => SMALL_FILES.includes(path));
}

/** Whole or in shards, with their index. */
const SAFETENSORS = /^model(?:-\d+-of-\d+)?\.safetensors(?:\.index\.json)?$/;

/**
 * The graphs of the best set in a weight format with their data files, else the safetensors. Of
 * fp32 weights int8 is made while loading.
 */
function weightFiles(
  id: string,
  listed: readonly RemoteFile[],
  encoderDecoder: boolean,
  dtype: ModelDtype | "auto",
): RemoteFile[] {
  const graphs = new Map<string, string>();
  for (const { path } of listed) {
    const name = onnxName(path);
    if (name !== undefined) graphs.set(name, path);
  }
  const find = (format: ModelDtype | "auto") =>
    modelFileSets(graphs, encoderDecoder, format).sets[0];
  const set = find(dtype) ?? (dtype === "int8" ? find("fp32") : undefined);
  if (set) {
    const chosen = [set.encoder, set.first, set.next].filter((path) => path !== undefined);
    return listed.filter(({ path }) => chosen.some((graph) => isOf(path, graph)));
  }
  const weights = listed.filter(({ path }) => SAFETENSORS.test(path));
  if (weights.length > 0 && ["auto", "fp32", "int8"].includes(dtype)) return weights;
  throw new TandemError(
    "E_MODEL",
    `The model "${id}" has no ONNX files of the format "${dtype}" and no model.safetensors.`,
  );
}

/** Whether a file is a graph or holds its data. */
function isOf(path: string, graph: string): boolean {
  return path === graph || path.startsWith(`${graph}_data`) || path.startsWith(`${graph}.data`);
}
