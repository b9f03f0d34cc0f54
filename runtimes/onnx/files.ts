/** Graphs in files, with the data files that they name, and no others. */
import { dirname, join } from "node:path";
import { TandemError } from "@tandem/core";
import { outsideReason, outsideText } from "@tandem/core/internal";
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
    const data = join(dirname(file), path);
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
  const real = await Deno.realPath(data).catch(() => undefined);
  if (real === undefined) return true; // It is missing, which reading it tells.
  const folders = [await Deno.realPath(dirname(graph)), dirname(await Deno.realPath(graph))];
  return folders.some((folder) => real.startsWith(join(folder, "/")));
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
  const found = await Deno.stat(file).catch(() => undefined);
  if (found && found.size > most) {
    throw new TandemError(
      "E_MODEL",
      `The model file "${file}" has ${found.size} bytes; at most ${most} can be loaded.`,
    );
  }
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file, most);
  } catch (cause) {
    throw new TandemError("E_MODEL", `The model file "${file}" is missing or unreadable.`, {
      cause,
    });
  }
  if (bytes.length > 0) return bytes;
  throw new TandemError("E_MODEL", `The model file "${file}" is empty.`);
}
