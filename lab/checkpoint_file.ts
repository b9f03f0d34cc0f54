/**
 * A checkpoint as three files: state.json, arrays.safetensors, and manifest.json with the SHA-256 of
 * both. The manifest is a line of JSON and, on a second line, the SHA-256 of the first.
 */
import * as v from "valibot";
import { type Checkpoint, type StateArray, TandemError } from "@tandem/core";
import { checkVersion, exactJson, outsideReason, parseExactJson } from "@tandem/core/internal";
import { sha256 } from "./digest.ts";

/** Named arrays by name. */
export type StateArrays = Readonly<Record<string, StateArray>>;

/**
 * Turns named arrays into the bytes of a safetensors file and back.
 *
 * @internal
 */
export interface ArrayFormat {
  write(arrays: StateArrays): Uint8Array;
  /** @param name Named in errors. */
  read(bytes: Uint8Array, name: string): StateArrays;
}

/** What a checkpoint's manifest says of the run beside the checkpoint. */
export interface CheckpointNote {
  /** SHA-256 of what the run was started with: another run's checkpoint is refused. */
  readonly run: string;
  /** Bytes of events.jsonl that had been written. */
  readonly events: number;
  /** Seconds that the run had taken. */
  readonly seconds: number;
}

const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const part = v.strictObject({ bytes: count, sha256: hash });

const MANIFEST: v.GenericSchema<unknown, Manifest> = v.strictObject({
  tandem: v.literal("checkpoint"),
  version: v.number(),
  iteration: count,
  success: v.nullable(v.number()),
  run: hash,
  events: count,
  seconds: v.number(),
  parts: v.strictObject({ "state.json": part, "arrays.safetensors": part }),
});

const STATE = v.object({
  version: v.number(),
  iteration: count,
  success: v.nullable(v.number()),
  json: v.record(v.string(), v.unknown()),
});

/** One of a checkpoint's files, as the manifest knows it. */
interface PartNote {
  readonly bytes: number;
  readonly sha256: string;
}

/** The parsed manifest.json. */
export interface Manifest extends CheckpointNote {
  readonly tandem: "checkpoint";
  readonly version: number;
  readonly iteration: number;
  readonly success: number | null;
  readonly parts: Readonly<Record<"state.json" | "arrays.safetensors", PartNote>>;
}

/** The names of a checkpoint's files. */
export const CHECKPOINT_FILES = ["state.json", "arrays.safetensors", "manifest.json"] as const;

/** The content of a checkpoint's files. */
export type CheckpointFiles = Readonly<Record<typeof CHECKPOINT_FILES[number], Uint8Array>>;

/** A checkpoint as files. */
export function encodeCheckpoint(
  { arrays, ...state }: Checkpoint,
  note: CheckpointNote,
  format: Pick<ArrayFormat, "write">,
): CheckpointFiles {
  const parts = {
    "state.json": new TextEncoder().encode(exactJson(state) + "\n"),
    "arrays.safetensors": format.write(arrays),
  };
  const { version, iteration, success } = state;
  const manifest: Manifest = {
    tandem: "checkpoint",
    ...{ version, iteration, success },
    ...note,
    parts: {
      "state.json": described(parts["state.json"]),
      "arrays.safetensors": described(parts["arrays.safetensors"]),
    },
  };
  const line = JSON.stringify(manifest);
  const text = `${line}\n${sha256(new TextEncoder().encode(line))}\n`;
  return { ...parts, "manifest.json": new TextEncoder().encode(text) };
}

/**
 * The manifest in a file.
 *
 * @throws {TandemError} E_CHECKPOINT where it is damaged or of another version.
 */
export function parseManifest(bytes: Uint8Array): Manifest {
  const [line = "", sum, end, ...rest] = new TextDecoder().decode(bytes).split("\n");
  const isWhole = sum === sha256(new TextEncoder().encode(line)) && end === "" && rest.length === 0;
  if (!isWhole) throw damaged("its manifest.json is not what was written");
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw damaged("its manifest.json is no JSON");
  }
  checkVersion((value as { version?: unknown } | null)?.version);
  const parsed = v.safeParse(MANIFEST, value);
  if (!parsed.success) throw damaged("its manifest.json lacks something");
  return parsed.output;
}

/**
 * The checkpoint in files, each of which is what was written.
 *
 * @throws {TandemError} E_CHECKPOINT where one is not.
 */
export function decodeCheckpoint(
  files: CheckpointFiles,
  format: Pick<ArrayFormat, "read">,
): { checkpoint: Checkpoint; manifest: Manifest } {
  const manifest = parseManifest(files["manifest.json"]);
  for (const name of ["state.json", "arrays.safetensors"] as const) {
    const { bytes, sha256: sum } = manifest.parts[name];
    if (files[name].length !== bytes || sha256(files[name]) !== sum) {
      throw damaged(`its ${name} is not what was written`);
    }
  }
  try {
    const state = v.parse(STATE, parseExactJson(new TextDecoder().decode(files["state.json"])));
    const arrays = format.read(files["arrays.safetensors"], "arrays.safetensors");
    return { checkpoint: { ...state, arrays }, manifest };
  } catch (error) {
    throw damaged(outsideReason(error).replace(/\.$/, ""));
  }
}

function described(bytes: Uint8Array): Manifest["parts"]["state.json"] {
  return { bytes: bytes.length, sha256: sha256(bytes) };
}

function damaged(why: string): TandemError {
  return new TandemError("E_CHECKPOINT", `The checkpoint is damaged: ${why}.`);
}
