/** Symbolic links: a folder from elsewhere may hold some, and the system follows them wherever they lead. */
import type { Dirent, Stats } from "node:fs";
import { TandemError } from "@tandem/core";
import { builtin, outsideText } from "@tandem/core/internal";
import { disk, type Files } from "./files.ts";
import { isMissing, isNoFolder, systemReason } from "./system_error.ts";

/**
 * Refuses a path where a name in it, below a folder, is a link. The folder itself may be reached through
 * links: that is what the person typed.
 *
 * @param path A file or folder in it, which need not exist yet.
 * @throws {TandemError} E_FILE where there is a link on the way, or the way leads out of the folder.
 * @example
 * ```ts
 * import { refuseLinks } from "@tandem/runtimes/files";
 * import assert from "node:assert/strict";
 * refuseLinks("/tmp/run/state/student.json", "/tmp/run");
 * assert.throws(() => refuseLinks("/tmp/run/../other", "/tmp/run"), { code: "E_FILE" });
 * ```
 */
export function refuseLinks(path: string, folder: string, files: Pick<Files, "isLink"> = disk) {
  const { join, relative, sep } = builtin("node:path");
  const names = relative(folder, path).split(sep);
  if (names[0] === ".." || relative(folder, path).startsWith(sep)) {
    throw new TandemError("E_FILE", `"${path}" is not in "${folder}", and is left alone.`);
  }
  let place = folder;
  for (const name of names) {
    place = join(place, name);
    if (files.isLink(place)) throw linkError(place);
  }
}

/**
 * Refuses a folder in which, at any depth, a link lies, or something else that is neither a file nor a
 * folder: to read a pipe may take for ever.
 *
 * @param most Names that are looked at; a folder with more is refused.
 * @throws {TandemError} E_FILE
 */
export function refuseLinksIn(folder: string, most = 100_000): void {
  const folders = [folder];
  let seen = 0;
  for (let place = folders.pop(); place !== undefined; place = folders.pop()) {
    for (const entry of namesIn(place)) {
      const path = builtin("node:path").join(place, entry.name);
      if (entry.isSymbolicLink()) throw linkError(path);
      if (entry.isDirectory()) folders.push(path);
      else if (!entry.isFile()) throw new TandemError("E_FILE", noFile(path));
      if (++seen <= most) continue;
      throw new TandemError("E_FILE", `"${folder}" holds more than ${most} files.`);
    }
  }
}

/** Nothing where there is no folder. */
function namesIn(folder: string): Dirent[] {
  try {
    return builtin("node:fs").readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error) || isNoFolder(error)) return [];
    throw new TandemError(
      "E_FILE",
      `"${folder}" cannot be read: ${outsideText(systemReason(error), { max: 300 })}`,
    );
  }
}

/**
 * Refuses a file that is written in place and has another name elsewhere, a hard link: what is written
 * to the one is written to the other.
 *
 * @throws {TandemError} E_FILE where it is a link of either kind, or no file.
 */
export function refuseShared(path: string): void {
  let found: Stats;
  try {
    found = builtin("node:fs").lstatSync(path);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  if (found.isSymbolicLink()) throw linkError(path);
  if (!found.isFile()) throw new TandemError("E_FILE", noFile(path));
  if (found.nlink < 2) return;
  throw new TandemError(
    "E_FILE",
    `"${
      outsideText(path)
    }" has a second name elsewhere (a hard link), which would be written to as well. ` +
      "Copy it and put the copy in its place.",
  );
}

function noFile(path: string): string {
  return `"${outsideText(path)}" is neither a file nor a folder, and stands where only those may.`;
}

function linkError(path: string): TandemError {
  return new TandemError(
    "E_FILE",
    `"${
      outsideText(path)
    }" is a link, and nothing is read or written through one. Put a copy in its place.`,
  );
}
