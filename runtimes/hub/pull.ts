/**
 * Brings a model from the Hugging Face Hub, or a server of its shape, into the cache.
 *
 * `snapshotDownload` of @huggingface/hub (2.17.5) does not serve: it brings every file of a repository,
 * begins a file that was broken off anew, and compares no hash.
 */
import { TandemError } from "@tandem/core";
import { type ModelKind, readModelConfig } from "../model_folder/config.ts";
import { type ModelDtype, modelFileSets, onnxName } from "../model_folder/files.ts";
import { readDataFiles } from "../onnx/files.ts";
import { folderOf, inFolder } from "../files/location.ts";
import { Hub, type HubOptions, type LocalFile, type RemoteFile } from "./hub.ts";
import { makeFolderInside } from "./inside.ts";
import { ModelCache } from "./snapshot.ts";

/** Where models are kept unless said otherwise. */
export const DEFAULT_CACHE_DIR = "models/cache";

/** Most bytes that a model may have unless said otherwise: 64 GiB. */
export const MOST_BYTES = 2 ** 36;
/** Most bytes of a file that is no weights, and of a file whose size is not announced. */
const MOST_SMALL = 2 ** 26;
const MOST_UNANNOUNCED = 2 ** 30;

/** How far a file has come. */
export interface PullProgress {
  /** The file at hand. */
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
  /** Where models are kept. */
  readonly cacheDir?: string;
  /** Most bytes that a model may have. Default {@linkcode MOST_BYTES}. */
  readonly maxBytes?: number;
  /** Told what config.json says, before any weights are fetched; what it throws ends the pull. */
  readonly accepts?: (kind: ModelKind) => void;
  /** Told as bytes come. */
  readonly onProgress?: (progress: PullProgress) => void;
}

/** A model in the cache. */
export interface PulledModel {
  /** Its name, such as "google/flan-t5-small". */
  readonly id: string;
  /** The revision that was pulled. */
  readonly commit: string;
  /** The folder to open. */
  readonly dir: string;
  /** Its files. */
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
  "chat_template.jinja",
  "reference.json",
  "README.md",
  "LICENSE",
];

/**
 * Pulls a model: config, tokenizer and the ONNX files of one weight format with the data files that
 * they name, or its safetensors where it has no ONNX files. What is in the cache already is not
 * fetched again; an interrupted pull goes on where it stopped. Two pulls of one model at once wait for
 * each other. Where the server cannot be asked, what an earlier pull pinned serves.
 *
 * @param id The model's name on the Hub, as "google/flan-t5-small".
 * @throws TandemError E_MODEL where there is no such model or nothing in it to run, E_DOWNLOAD where
 * the server fails, sends other content than it announced or more than is taken, E_DISK where the
 * cache is not writable or leads elsewhere by a link, E_OPTION where endpoint or token are none.
 */
export async function pullModel(id: string, options: PullOptions = {}): Promise<PulledModel> {
  const { revision = "main", dtype = "auto" } = options;
  const cache = new ModelCache(options.cacheDir ?? DEFAULT_CACHE_DIR, id);
  cache.checkRevision(revision);
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
  const before = (await cache.read(commit))?.files ?? [];
  const listed = await hub.list(commit);
  const pull = new Pull(hub, cache, commit, before, options);
  await pull.fetch(smallFiles(id, listed), MOST_SMALL);
  const config = await readModelConfig(dir);
  options.accepts?.(config);
  const weights = weightFiles(id, listed, config.encoderDecoder, dtype);
  await pull.fetch(weights);
  await pull.fetch(await dataFiles(id, listed, dir, weights));
  const fresh = pull.files;
  const kept = before.filter(({ path }) => !fresh.some((file) => file.path === path));
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

/** One model on its way into the cache. */
class Pull {
  /** What has come. */
  readonly files: LocalFile[] = [];
  /** Bytes that may still come. */
  #left: number;

  constructor(
    readonly hub: Hub,
    readonly cache: ModelCache,
    readonly commit: string,
    /** Files of an earlier pull, whose hashes are not taken again. */
    readonly before: readonly LocalFile[],
    readonly options: PullOptions,
  ) {
    this.#left = options.maxBytes ?? MOST_BYTES;
  }

  /** Fetches files one after another. @throws TandemError E_DOWNLOAD where they are too large. */
  async fetch(files: readonly RemoteFile[], largest = Infinity): Promise<void> {
    const { cache, commit, before, options: { onProgress = () => {}, maxBytes = MOST_BYTES } } =
      this;
    const announced = files.reduce((sum, { size = 0 }) => sum + size, 0);
    const large = files.find(({ size = 0 }) => size > largest);
    if (large) throw tooLarge(`the file "${large.path}"`, large.size!, largest);
    if (announced > this.#left) {
      throw tooLarge(`the model "${cache.id}"`, maxBytes - this.#left + announced, maxBytes);
    }
    for (const file of files) {
      const { path, size } = file;
      const to = inFolder(cache.snapshot(commit), path);
      await makeFolderInside(cache.folder, folderOf(to));
      const came = await this.hub.fetchFile(commit, file, to, {
        most: Math.min(largest, this.#left, MOST_UNANNOUNCED),
        known: before.some((known) => known.path === path && known.size === size),
        onBytes: (received) => onProgress({ file: path, received, size }),
      });
      this.#left -= came.size;
      this.files.push(came);
    }
  }
}

function tooLarge(what: string, size: number, most: number): TandemError {
  return new TandemError(
    "E_DOWNLOAD",
    `The server announces ${size} bytes for ${what}; at most ${most} are taken.`,
  );
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
 * The graphs of the best set in a weight format, else the safetensors. Of fp32 weights int8 is made
 * while loading.
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
    const chosen = [set.encoder, set.first, set.next];
    return listed.filter(({ path }) => chosen.includes(path));
  }
  const weights = listed.filter(({ path }) => SAFETENSORS.test(path));
  if (weights.length > 0 && ["auto", "fp32", "int8"].includes(dtype)) return weights;
  throw new TandemError(
    "E_MODEL",
    `The model "${id}" has no ONNX files of the format "${dtype}" and no model.safetensors.`,
  );
}

/**
 * The files that pulled graphs name as those of their weights, and those that exports usually name so.
 *
 * @throws TandemError E_MODEL where a graph names a file that the model does not list.
 */
async function dataFiles(
  id: string,
  listed: readonly RemoteFile[],
  dir: string,
  weights: readonly RemoteFile[],
): Promise<RemoteFile[]> {
  const found = new Set<RemoteFile>();
  for (const { path } of weights) {
    if (!path.endsWith(".onnx")) continue;
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    for (const file of listed) {
      if (file.path.startsWith(folder) && isUsualData(file.path, path)) found.add(file);
    }
    for (const name of await readDataFiles(inFolder(dir, path))) {
      const file = listed.find((file) => file.path === folder + name);
      if (!file) throw missingData(id, path, name);
      found.add(file);
    }
  }
  return [...found];
}

/** X.onnx_data, X.onnx_data_1, X.onnx.data and X.data are the data of X.onnx. */
function isUsualData(path: string, graph: string): boolean {
  const rest = path.startsWith(graph) ? path.slice(graph.length) : undefined;
  return rest !== undefined && /^[._]data(_\d+)?$/.test(rest) ||
    path === graph.replace(/\.onnx$/, ".data");
}

function missingData(id: string, graph: string, name: string): TandemError {
  return new TandemError(
    "E_MODEL",
    `The graph "${graph}" of the model "${id}" keeps weights in "${name}", which the model does not have.`,
  );
}
