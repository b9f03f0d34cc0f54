/**
 * A trial that was interrupted, as bytes: the SHA-256 of all that follows on a line, a line of JSON,
 * and the checkpoint's files behind it.
 */
import * as v from "valibot";
import { TandemError } from "../core/base/errors.ts";
import { exactJson, parseExactJson } from "../core/kit/packing.ts";
import {
  CHECKPOINT_FILES,
  type CheckpointFiles,
  decodeCheckpoint,
} from "../lab/checkpoint_file.ts";
import { sha256 } from "../lab/digest.ts";
import { stateArrays } from "./arrays.ts";
import type { SavedTrial } from "./trial_worker.ts";
import { joinedBytes } from "../runtimes/files/joined_bytes.ts";

/** A saved trial as it was found, and the iterations that it has done. */
export interface FoundTrial {
  readonly saved: SavedTrial;
  readonly iteration: number;
}

const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** The line of JSON. What had been recorded is judged by who takes it up. */
const HEAD = v.strictObject({
  sizes: v.pipe(v.array(size), v.length(CHECKPOINT_FILES.length)),
  record: v.unknown(),
});

type Head = v.InferOutput<typeof HEAD>;

const LINE_END = "\n".charCodeAt(0);

/** The bytes of a saved trial. */
export function encodeSaved({ files, record }: SavedTrial): Uint8Array {
  const parts = CHECKPOINT_FILES.map((name) => files[name]);
  const head: Head = { sizes: parts.map(({ length }) => length), record };
  const encoder = new TextEncoder();
  const body = joinedBytes([encoder.encode(`${exactJson(head)}\n`), ...parts]);
  return joinedBytes([encoder.encode(`${sha256(body)}\n`), body]);
}

/**
 * The saved trial in bytes.
 *
 * @param key The trial that it must be of.
 * @throws {TandemError} E_CHECKPOINT where they are damaged, of another trial or of another version.
 */
export function decodeSaved(bytes: Uint8Array, key: string): FoundTrial {
  const [sum, body] = afterLine(bytes);
  if (sum !== sha256(body)) throw unusable("it is not what was written");
  const [line, rest] = afterLine(body);
  const { sizes, record } = headIn(line, rest.length);
  let at = 0;
  const files = Object.fromEntries(
    CHECKPOINT_FILES.map((name, k) => [name, rest.slice(at, at += sizes[k]!)]),
  ) as CheckpointFiles;
  const { manifest } = decodeCheckpoint(files, stateArrays);
  if (manifest.run !== key) throw unusable("it is of another trial");
  return { saved: { files, record }, iteration: manifest.iteration };
}

/** @throws {TandemError} E_CHECKPOINT where a line is none, or not of so many bytes. */
function headIn(line: string, bytes: number): Head {
  let json: unknown;
  try {
    json = parseExactJson(line);
  } catch {
    throw unusable("it begins with no JSON");
  }
  const parsed = v.safeParse(HEAD, json);
  if (!parsed.success) throw unusable("it does not begin as a trial's checkpoint does");
  const { sizes } = parsed.output;
  if (sizes.reduce((sum, size) => sum + size, 0) !== bytes) throw unusable("its sizes do not fit");
  return parsed.output;
}

/** The first line and what is behind it. */
function afterLine(bytes: Uint8Array): [line: string, rest: Uint8Array] {
  const end = bytes.indexOf(LINE_END);
  return [new TextDecoder().decode(bytes.subarray(0, Math.max(0, end))), bytes.subarray(end + 1)];
}

function unusable(why: string): TandemError {
  return new TandemError("E_CHECKPOINT", `The trial's checkpoint cannot be used: ${why}.`);
}
