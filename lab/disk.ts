/** Writing files so that a full or forbidden disk gives one clear sentence. */
import { TandemError } from "../core/errors.ts";

/** What the system says, and what a person can do about it. */
const CAUSES: readonly [test: (error: Error & { code?: string }) => boolean, sentence: string][] = [
  [
    (error) => error.code === "ENOSPC" || error.code === "EDQUOT" || error.code === "EFBIG",
    "the disk is full. Free some space or choose another folder with --out.",
  ],
  [
    (error) => error instanceof Deno.errors.NotCapable,
    "Deno was not permitted to write there. Choose a folder within the present one or in /tmp.",
  ],
  [
    (error) => error instanceof Deno.errors.PermissionDenied || error.code === "EROFS",
    "permission is denied. Choose another folder with --out.",
  ],
  [
    (error) => error instanceof Deno.errors.NotADirectory || error.code === "ENOTDIR",
    "a part of the path is a file. Choose another folder with --out.",
  ],
];

/** The E_DISK error for what the system answered when `path` was to be written. */
export function diskError(path: string, error: unknown): TandemError {
  if (error instanceof TandemError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  const known = CAUSES.find(([test]) => test(cause));
  const reason = known ? known[1] : `${cause.message.replace(/[.:]?\s*$/, "")}.`;
  return new TandemError("E_DISK", `"${path}" cannot be written: ${reason}`, { cause: error });
}

/**
 * Writes a file whole or not at all: under another name first, then renamed.
 *
 * @throws {TandemError} E_DISK; what the file held before is kept.
 */
export function writeAtomically(path: string, content: string | Uint8Array): void {
  const draft = `${path}.tmp`;
  try {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    Deno.writeFileSync(draft, bytes);
    Deno.renameSync(draft, path);
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
