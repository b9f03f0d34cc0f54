/**
 * Files that one process at a time works on. Deno asks the system for the lock, which lets go of it
 * when the process ends, however it ends. Node and Bun cannot ask for one: there a file beside it holds
 * the number of the process, and one that a dead process left is taken over. Deno and the others do
 * not see each other's.
 */
import { builtin } from "@tandem/core/internal";
import { isMissing, isTaken } from "./system_error.ts";

/** A lock, held until it is closed. */
export interface FileLock {
  /** Lets go of it. */
  close(): void;
}

/** What of Deno and of processes a lock needs. */
interface Host {
  readonly Deno?: { openSync(path: string, options: { readonly read: boolean }): Lockable };
  readonly process?: { readonly pid: number; kill(pid: number, signal: 0): void };
}

interface Lockable extends FileLock {
  /** Whether it was free. Bun and Node may one day have a Deno without it. */
  tryLockSync?(exclusive: boolean): boolean;
  statSync(): { readonly ino: number | null };
}

/**
 * Takes the lock of a file that is there.
 *
 * @returns Undefined where another has it.
 * @throws What the system answers.
 */
export function lockFile(path: string): FileLock | undefined {
  const file = (globalThis as Host).Deno?.openSync(path, { read: true });
  if (!file?.tryLockSync) {
    file?.close();
    return lockBeside(`${path}.pid`);
  }
  if (file.tryLockSync(true) && hasName(file, path)) return file;
  file.close();
  return undefined;
}

/** Whether the file that was opened is still the one of the name: who had the lock may have replaced it. */
function hasName(file: Lockable, path: string): boolean {
  const { ino } = file.statSync();
  const named = builtin("node:fs").statSync(path, { throwIfNoEntry: false });
  return named !== undefined && (ino === null || named.ino === ino);
}

function lockBeside(path: string): FileLock | undefined {
  const { writeFileSync, rmSync } = builtin("node:fs");
  const own = `${(globalThis as Host).process?.pid} ${crypto.randomUUID()}`;
  removeLeft(path);
  try {
    writeFileSync(path, own, { flag: "wx" });
    return { close: () => textOf(path) === own && rmSync(path) };
  } catch (error) {
    if (isTaken(error)) return undefined;
    throw error;
  }
}

/** Removes the lock of a process that is dead. */
function removeLeft(path: string): void {
  const { linkSync, renameSync, rmSync } = builtin("node:fs");
  const text = textOf(path);
  if (text === undefined || isAlive(Number.parseInt(text))) return;
  const aside = `${path}.${crypto.randomUUID()}`;
  try {
    renameSync(path, aside);
    // Another was faster, and has the lock by now: it gets it back.
    if (textOf(aside) !== text) linkSync(aside, path);
    rmSync(aside);
  } catch (error) {
    if (!isMissing(error) && !isTaken(error)) throw error;
  }
}

function textOf(path: string): string | undefined {
  try {
    return builtin("node:fs").readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Also of a process that another user started, and of a lock that is being written. */
function isAlive(pid: number): boolean {
  if (Number.isNaN(pid)) return true;
  try {
    (globalThis as Host).process?.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code !== "ESRCH";
  }
}
