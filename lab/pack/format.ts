/** What a pack is made of: a folder in Hugging Face's layout, each of its files named and hashed. */
import * as v from "valibot";
import { TandemError } from "@tandem/core";
import { outsideText, parseJson } from "@tandem/core/internal";
import { sha256 } from "../digest.ts";

/** The file that names the others, and the only one that nothing holds to a hash but the card. */
export const PACK_MANIFEST = "pack.json";
/** The model card, which its owner may write on. */
export const PACK_CARD = "README.md";

/** The stages of which a pack has what they had learned. */
export const PACKED_STAGES = ["student", "teacher"] as const;

/** The names of a stage's files; the student is the model, by which the Hub knows it. */
export const STATE_FILES = {
  student: { json: "student.json", arrays: "model.safetensors" },
  teacher: { json: "teacher.json", arrays: "teacher.safetensors" },
} as const;

const [SMALL, JSON_STATE, ARRAYS] = [2 ** 26, 2 ** 29, 2 ** 32];

/** All files that a pack may have beside the manifest and the card, and the most bytes of each. */
export const PACK_FILES = {
  "config.json": SMALL,
  "pipeline.json": SMALL,
  "vocabulary.json": SMALL,
  "evaluation.json": SMALL,
  [STATE_FILES.student.json]: JSON_STATE,
  [STATE_FILES.student.arrays]: ARRAYS,
  [STATE_FILES.teacher.json]: JSON_STATE,
  [STATE_FILES.teacher.arrays]: ARRAYS,
} as const;

/** The name of a file of a pack. */
export type PackFile = keyof typeof PACK_FILES;

/** Those without which it is none. */
const NEEDED: readonly PackFile[] = [
  "config.json",
  "pipeline.json",
  "vocabulary.json",
  "evaluation.json",
  STATE_FILES.student.json,
];

/** A whole number from 0 on. */
export const COUNT: v.GenericSchema<number> = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const MANIFEST = v.strictObject({
  tandem: v.literal("pack"),
  version: v.literal(1),
  files: v.record(
    v.picklist(Object.keys(PACK_FILES) as PackFile[]),
    v.strictObject({ bytes: COUNT, sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) }),
  ),
});

/** pack.json: which files there are, with their bytes and hashes. */
export type PackManifest = v.InferOutput<typeof MANIFEST>;

/** The manifest of some files. */
export function packManifest(files: ReadonlyMap<PackFile, Uint8Array>): PackManifest {
  const described = Array.from(
    files,
    ([name, bytes]) => [name, { bytes: bytes.length, sha256: sha256(bytes) }] as const,
  );
  return { tandem: "pack", version: 1, files: Object.fromEntries(described) };
}

/**
 * The manifest in a file.
 *
 * @param from Where the pack is, for messages.
 * @throws {TandemError} E_FILE where it is none, names another file, or one is larger than any is.
 */
export function parseManifest(bytes: Uint8Array, from: string): PackManifest {
  const parsed = v.safeParse(MANIFEST, jsonIn(bytes, PACK_MANIFEST, from));
  if (!parsed.success) {
    const key = v.getDotPath(parsed.issues[0]!) ?? "whole";
    throw noPack(from, `its ${PACK_MANIFEST} has no right "${key}"`);
  }
  const { files } = parsed.output;
  const missing = NEEDED.find((name) => !files[name]);
  if (missing) throw noPack(from, `its ${PACK_MANIFEST} names no "${missing}"`);
  for (const [name, { bytes }] of Object.entries(files)) {
    const most = PACK_FILES[name as PackFile];
    if (bytes > most) {
      throw noPack(from, `"${name}" would have ${bytes} bytes, at most ${most} are read`);
    }
  }
  return parsed.output;
}

/** @throws {TandemError} E_FILE where a file is not the one that the manifest names. */
export function expectFile(
  bytes: Uint8Array,
  name: PackFile,
  { files }: PackManifest,
  from: string,
): void {
  const named = files[name];
  if (named && named.bytes === bytes.length && named.sha256 === sha256(bytes)) return;
  throw noPack(from, `"${name}" is not the file that its ${PACK_MANIFEST} names`);
}

/** JSON that came from outside. @throws {TandemError} E_FILE */
export function jsonIn(bytes: Uint8Array, name: string, from: string): unknown {
  try {
    return parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw noPack(from, `its ${name} is no JSON`, cause);
  }
}

/** The error for a pack that cannot be taken. */
export function noPack(from: string, why: string, cause?: unknown): TandemError {
  const shown = outsideText(from, { max: 300 });
  return new TandemError("E_FILE", `"${shown}" is no whole pack of a run: ${why}.`, { cause });
}
