/** Graphs in files, with the data files that they name, and no others. */
import { TandemError } from "@tandem/core";
import { builtin, outsideReason, outsideText } from "@tandem/core/internal";
import { diskPath, folderOf, inFolder, serverUrl } from "../files/location.ts";
import { isPlainPath } from "../files/names.ts";
import { readFile } from "../files/read.ts";
import { factsOf } from "./facts.ts";
import type { GraphSource } from "./source.ts";

/** A graph in a file, with the data files that it names. */
export function graphFile(file: string): GraphSource {
  return { name: file, read: () => readGraphFile(file) };
}

/** Largest graph and largest data file: what protobuf and WebAssembly can hold. */
const MOST_GRAPH = 2 ** 31;
const MOST_DATA = 2 ** 32;

/**
 * The files that hold weights of a graph, by their names beside it; none where it is no graph, which
 * opening it tells.
 *
 * @throws TandemError E_MODEL where it names a file outside of its folder.
 */
export async function readDataFiles(file: string): Promise<string[]> {
  const bytes = await readWhole(file, MOST_GRAPH);
  try {
    factsOf(bytes);
  } catch {
    return [];
  }
  return dataFilesOf(bytes, file);
}

/** Reads a graph and the data files that it names. */
async function readGraphFile(file: string): ReturnType<GraphSource["read"]> {
  const bytes = await readWhole(file, MOST_GRAPH);
  const externalData: { path: string; data: Uint8Array }[] = [];
  for (const path of dataFilesOf(bytes, file)) {
    const data = inFolder(folderOf(file), path);
    if (!await isWithin(data, file)) throw outside(file, path);
    externalData.push({ path, data: await readWhole(data, MOST_DATA) });
  }
  return { bytes, externalData };
}

function dataFilesOf(bytes: Uint8Array, file: string): string[] {
  let names: string[];
  try {
    names = [...new Set(factsOf(bytes).external.map(({ location }) => location))];
  } catch (cause) {
    const why = outsideReason(cause);
    throw new TandemError("E_MODEL", `The file "${file}" is no ONNX model: ${why}.`, { cause });
  }
  const odd = names.find((name) => !isPlainPath(name));
  if (odd !== undefined) throw outside(file, odd);
  return names;
}

/**
 * Whether a data file lies in its graph's folder, links followed. Hugging Face's cache has links for
 * files, all into one folder: so a graph that is a link may have its data beside what it leads to.
 */
async function isWithin(data: string, graph: string): Promise<boolean> {
  if (serverUrl(graph)) return true; // Its URL is the graph's with another name, and no link is followed.
  const { realpath } = builtin("node:fs").promises;
  const real = await realpath(diskPath(data)).catch(() => undefined);
  if (real === undefined) return true; // It is missing, which reading it tells.
  const folders = [await realpath(folderOf(graph)), folderOf(await realpath(diskPath(graph)))];
  return folders.some((folder) => real.startsWith(builtin("node:path").join(folder, "/")));
}

function outside(file: string, name: string): TandemError {
  return new TandemError(
    "E_MODEL",
    `The model file "${file}" keeps weights in "${
      outsideText(name, { max: 100 })
    }"; a file in its own folder is needed.`,
  );
}

async function readWhole(file: string, most: number): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file, most);
  } catch (cause) {
    if (cause instanceof TandemError) throw cause; // of a server
    const why = cause instanceof RangeError
      ? `is too large: ${cause.message}`
      : "is missing or unreadable";
    throw new TandemError("E_MODEL", `The model file "${file}" ${why}.`, { cause });
  }
  if (bytes.length > 0) return bytes;
  throw new TandemError("E_MODEL", `The model file "${file}" is empty.`);
}
