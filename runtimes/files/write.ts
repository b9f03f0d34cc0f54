/** Writing files: whole or not at all, through no link, and beside others who do the same. */
import { TandemError } from "@tandem/core";
import { builtin } from "@tandem/core/internal";
import { diskError } from "./disk_error.ts";
import { draftOf, isDraft } from "./draft.ts";
import { disk, type Files } from "./files.ts";
import { refuseLinks } from "./links.ts";

/** What {@linkcode writeAtomically} and {@linkcode writeFolder} take. */
export interface WriteOptions {
  /**
   * The folder that is Tandem's own: no name below it on the way to the file may be a link. Default:
   * the folder that the file is in.
   */
  readonly within?: string;
  /** Where it is written; the disk unless told. */
  readonly files?: Files;
  /** Whether the folder that it is in is made where there is none. */
  readonly makesFolder?: boolean;
}

/**
 * Writes a file whole or not at all, and safe from a crash: under another name first, then renamed.
 *
 * @throws {TandemError} E_DISK where the disk takes no more, and E_FILE where a link is in the way;
 * what the file held before is kept.
 */
export function writeAtomically(
  path: string,
  content: string | Uint8Array,
  { within, files = disk, makesFolder = false }: WriteOptions = {},
): void {
  const { dirname } = builtin("node:path");
  const draft = draftOf(path);
  try {
    if (makesFolder) files.makeFolder(dirname(path));
    refuseLinks(path, within ?? dirname(path), files);
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    files.write(draft, bytes);
    files.sync(draft);
    files.rename(draft, path);
    files.sync(dirname(path));
  } catch (error) {
    removeQuietly(draft, files);
    throw diskError(path, error);
  }
}

/**
 * Writes a folder of files whole or not at all, as {@linkcode writeAtomically} writes a file.
 *
 * @param content By path within the folder, parted by "/".
 * @param replaces Whether a folder that stands there goes; else it is in the way.
 * @throws {TandemError} E_DISK, and E_FILE where a link is in the way or a name leads out of the folder.
 */
export function writeFolder(
  path: string,
  content: Iterable<readonly [name: string, bytes: Uint8Array]>,
  { within, files = disk, replaces = false }: WriteOptions & {
    readonly replaces?: boolean;
  } = {},
): void {
  const { basename, dirname } = builtin("node:path");
  const draft = draftOf(path);
  try {
    refuseLinks(path, within ?? dirname(path), files);
    if (!replaces && files.list(dirname(path)).includes(basename(path))) {
      throw new TandemError("E_FILE", `"${path}" stands in the way. Remove it, or name another.`);
    }
    fill(draft, content, files);
    if (replaces) files.remove(path);
    files.rename(draft, path);
    files.sync(dirname(path));
  } catch (error) {
    removeQuietly(draft, files);
    throw diskError(path, error);
  }
}

/**
 * Removes the drafts in a folder that were left by processes that are gone.
 *
 * @param age Milliseconds since they were last written: 0 where no other process may be at work on the
 * folder, an hour where one may.
 */
export function sweepDrafts(folder: string, age: number, now: number = Date.now()): void {
  const { lstatSync, rmSync } = builtin("node:fs");
  for (const name of disk.list(folder).filter(isDraft)) {
    const path = builtin("node:path").join(folder, name);
    try {
      if (now - lstatSync(path).mtime.getTime() >= age) rmSync(path, { recursive: true });
    } catch {
      // Its process was not gone and has renamed it, or it cannot be helped.
    }
  }
}

/** Removes a file or folder if it is there and may be removed. */
export function removeQuietly(path: string, files: Pick<Files, "remove"> = disk): void {
  try {
    files.remove(path);
  } catch {
    // It cannot be helped.
  }
}

function fill(
  draft: string,
  content: Iterable<readonly [name: string, bytes: Uint8Array]>,
  files: Files,
): void {
  const { dirname, join } = builtin("node:path");
  const folders = new Set([draft]);
  files.makeFolder(draft);
  for (const [name, bytes] of content) {
    const file = join(draft, name);
    refuseLinks(file, draft, files);
    for (let place = dirname(file); !folders.has(place); place = dirname(place)) folders.add(place);
    files.makeFolder(dirname(file));
    files.write(file, bytes);
    files.sync(file);
  }
  for (const folder of folders) files.sync(folder);
}
