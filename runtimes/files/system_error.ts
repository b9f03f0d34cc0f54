/** What the system answered, told by its code, whichever engine asked it. */

/** Whether there is nothing of the name. */
export function isMissing(error: unknown): boolean {
  return is(error, "ENOENT", "NotFound");
}

/** Whether a part of the path is a file where a folder is needed. */
export function isNoFolder(error: unknown): boolean {
  return is(error, "ENOTDIR", "NotADirectory");
}

/** Whether something has the name already. */
export function isTaken(error: unknown): boolean {
  return is(error, "EEXIST", "AlreadyExists");
}

/** Whether Deno's permissions stand in the way. */
export function isNotCapable(error: unknown): boolean {
  return is(error, "NotCapable");
}

/**
 * What the system says, without its code and the call that failed.
 *
 * @example
 * ```ts
 * import { systemReason } from "./system_error.ts";
 * import assert from "node:assert/strict";
 * const error = new Error("ENOENT: no such file or directory, open '/tmp/none'");
 * assert.equal(systemReason(error), "no such file or directory");
 * ```
 */
export function systemReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /^E[A-Z0-9]+: (.+?), \w+(?: '.*)?$/s.exec(message)?.[1] ?? message;
}

function is(error: unknown, ...names: readonly string[]): boolean {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return names.some((each) => each === code || each === name);
}
