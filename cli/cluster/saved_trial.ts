/** A trial that was broken off, as bytes: a line of JSON and the checkpoint's files behind it. */
import { exactJson, parseExactJson } from "../../core/packing.ts";
import {
  CHECKPOINT_FILES,
  type CheckpointFiles,
  decodeCheckpoint,
} from "../../lab/checkpoint_file.ts";
import { stateArrays } from "../arrays.ts";
import type { SavedTrial } from "../trial_worker.ts";

interface Head {
  readonly sizes: readonly number[];
  readonly record: unknown;
}

/** The bytes of a saved trial. */
export function encodeSaved({ files, record }: SavedTrial): Uint8Array {
  const parts = CHECKPOINT_FILES.map((name) => files[name]);
  const head: Head = { sizes: parts.map(({ length }) => length), record };
  const line = new TextEncoder().encode(`${exactJson(head)}\n`);
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, line.length));
  let at = 0;
  for (const part of [line, ...parts]) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The saved trial in bytes, or undefined where they are damaged or of another trial: it starts again. */
export function decodeSaved(
  bytes: Uint8Array,
  key: string,
): { saved: SavedTrial; iteration: number } | undefined {
  try {
    let at = bytes.indexOf("\n".charCodeAt(0)) + 1;
    const head = parseExactJson(new TextDecoder().decode(bytes.subarray(0, at))) as Head;
    const files = Object.fromEntries(CHECKPOINT_FILES.map((name, k) => {
      const part = bytes.slice(at, at + head.sizes[k]!);
      at += part.length;
      return [name, part];
    })) as CheckpointFiles;
    const { manifest } = decodeCheckpoint(files, stateArrays);
    if (manifest.run !== key) return undefined;
    return { saved: { files, record: head.record }, iteration: manifest.iteration };
  } catch {
    return undefined;
  }
}
