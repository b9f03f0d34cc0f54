/** What a full, forbidden or broken disk answered, as one clear sentence. */
import { TandemError } from "@tandem/core";
import { systemReason } from "./system_error.ts";

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
  [
    /EROFS|EACCES|EPERM|PermissionDenied/,
    "permission is denied. Choose another folder with --out.",
  ],
  [
    /ENOTDIR|NotADirectory|EEXIST|AlreadyExists/,
    "a part of the path is a file. Choose another folder with --out.",
  ],
];

/** The E_DISK error for what the system answered when `path` was to be written. */
export function diskError(path: string, error: unknown): TandemError {
  if (error instanceof TandemError) return error;
  const { name, code, message } = error as Error & { code?: string };
  const known = CAUSES.find(([said]) => said.test(`${name} ${code} ${message}`));
  const reason = known ? known[1] : `${systemReason(error)}.`;
  return new TandemError("E_DISK", `"${path}" cannot be written: ${reason}`, { cause: error });
}
