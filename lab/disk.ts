/** Writing files so that a full or forbidden disk gives one clear sentence. */
import { dirname } from "node:path";
import { TandemError } from "../core/errors.ts";
import { disk } from "./files.ts";

/** What the system says, and what a person can do about it. */
const CAUSES: readonly [said: RegExp, sentence: string][] = [
  [
    /ENOSPC|EDQUOT|No space left|quota exceeded|File too large/i,
    "the disk is full. Free some space or choose another folder with --out.",
  ],
  [
    /NotCapable/,
    "Deno was not permitted to write there. Choose a folder within the present one or in /tmp.",
  ],
  [/EROFS|PermissionDenied/, "permission is denied. Choose another folder with --out."],
  [/ENOTDIR|NotADirectory/, "a part of the path is a file. Choose another folder with --out."],
];

/** The E_DISK error for what the system answered when `path` was to be written. */
export function diskError(path: string, error: unknown): TandemError {
  if (error instanceof TandemError) return error;
  const { name, code, message } = error as Error & { code?: string };
  const known = CAUSES.find(([said]) => said.test(`${name} ${code} ${message}`));
  const reason = known ? known[1] : `${message}.`;
  return new TandemError("E_DISK", `"${path}" cannot be written: ${reason}`, { cause: error });
}

/**
 * Writes a file whole or not at all, and safe from a crash: under another name first, then renamed.
 *
 * @throws {TandemError} E_DISK; what the file held before is kept.
 */
export function writeAtomically(path: string, content: string | Uint8Array): void {
  const draft = `${path}.tmp`;
  try {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    disk.write(draft, bytes);
    disk.sync(draft);
    disk.rename(draft, path);
    disk.sync(dirname(path));
  } catch (error) {
    removeQuietly(draft);
    throw diskError(path, error);
  }
}

/** Removes a file or folder if it is there and may be removed. */
export function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch {
    // It was not there, or it cannot be helped.
  }
}
