/** The file of a recording: a new one, or one that is a cassette already. */
import type { Stats } from "node:fs";
import { TandemError } from "@tandem/core";
import { outsideText, workingFolder } from "@tandem/core/internal";
import { builtin, draftOf, isMissing } from "@tandem/runtimes/files";
import { isHeader } from "./tape.ts";

/** Bytes in which a cassette's first line must end. */
const LONGEST_HEADER = 2 ** 20;

/** Whether a path leads out of the working directory, as far as its letters tell. */
export function isOutside(file: string): boolean {
  return leadsOut(workingFolder(), builtin("node:path").resolve(file));
}

/**
 * Opens the file of a new recording for writing, and gives its number. What was there is another cassette, or stays.
 *
 * @throws {TandemError} E_FILE where something else is there, where it is a link, or where a folder on
 * the way is one that leads out of the working directory; what the system throws otherwise.
 */
export function openForRecording(file: string): number {
  const { closeSync, openSync, realpathSync, renameSync, rmSync } = builtin("node:fs");
  const { basename, dirname, join, resolve } = builtin("node:path");
  const folder = realpathSync(dirname(resolve(file)));
  if (!isOutside(file) && leadsOut(realpathSync(workingFolder()), folder)) {
    throw refused(file, "a link on its way leads out of the working directory");
  }
  const path = join(folder, basename(file));
  const info = entryAt(path);
  // A new file is made in one step: a link that appears meanwhile is not followed.
  if (!info) return openSync(path, "wx");
  if (info.isSymbolicLink()) throw refused(file, "it is a link");
  if (!info.isFile() || !holdsCassette(path)) {
    throw refused(file, "it is something else than a cassette and is not overwritten");
  }
  // Whoever still plays or records the old one keeps it.
  const draft = draftOf(path);
  const handle = openSync(draft, "wx");
  try {
    renameSync(draft, path);
    return handle;
  } catch (error) {
    closeSync(handle);
    rmSync(draft);
    throw error;
  }
}

function leadsOut(folder: string, path: string): boolean {
  const { isAbsolute, relative } = builtin("node:path");
  const way = relative(folder, path);
  return way.split(/[\\/]/)[0] === ".." || isAbsolute(way);
}

function entryAt(path: string): Stats | undefined {
  try {
    return builtin("node:fs").lstatSync(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function holdsCassette(path: string): boolean {
  const { closeSync, openSync, readSync } = builtin("node:fs");
  const file = openSync(path, "r");
  const bytes = new Uint8Array(LONGEST_HEADER);
  let length = 0;
  try {
    for (let read = 1; read > 0 && length < bytes.length;) {
      read = readSync(file, bytes.subarray(length));
      length += read;
      if (bytes.subarray(0, length).includes("\n".charCodeAt(0))) break;
    }
  } finally {
    closeSync(file);
  }
  const [first = ""] = new TextDecoder().decode(bytes.subarray(0, length)).split("\n");
  return isHeader(first);
}

function refused(file: string, why: string): TandemError {
  return new TandemError(
    "E_FILE",
    `The cassette "${outsideText(file)}" is not recorded: ${why}. Name another file.`,
  );
}
