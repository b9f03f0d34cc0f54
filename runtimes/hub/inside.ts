/** Folders and small files below a root, of which nothing is written through a link. */
import type { Stats } from "node:fs";
import { TandemError } from "@tandem/core";
import { builtin } from "@tandem/core/internal";
import { draftOf } from "../files/draft.ts";
import { isMissing, isNotCapable, isTaken } from "../files/system_error.ts";

/**
 * Makes a folder below a root, which may itself lie anywhere.
 *
 * @throws TandemError E_DISK where a part of the way below the root is a link or a file, or where it
 * cannot be made.
 */
export async function makeFolderInside(root: string, folder: string): Promise<void> {
  const { dirname, join, relative, sep } = builtin("node:path");
  const { mkdir } = builtin("node:fs").promises;
  await writing(folder, async () => {
    await mkdir(dirname(root), { recursive: true });
    let at = root;
    for (const part of ["", ...relative(root, folder).split(sep)]) {
      at = join(at, part);
      const found = await lookAt(at);
      if (!found) await mkdir(at).catch(unlessThere);
      else if (!found.isDirectory()) {
        throw new TandemError(
          "E_DISK",
          `"${at}" is ${
            found.isSymbolicLink() ? "a link" : "no folder"
          }; a folder is needed there, and nothing is written through links.`,
        );
      }
    }
  });
}

/** Writes a small file below a root, whole or not at all; what stands there, a link too, is replaced. */
export async function writeInside(root: string, path: string, text: string): Promise<void> {
  await makeFolderInside(root, builtin("node:path").dirname(path));
  await writing(path, async () => {
    const draft = draftOf(path);
    const { rename, writeFile } = builtin("node:fs").promises;
    await writeFile(draft, text, { flag: "wx" });
    await rename(draft, path);
  });
}

/** What stands at a path, links not followed; undefined for nothing. */
export async function lookAt(path: string): Promise<Stats | undefined> {
  try {
    return await builtin("node:fs").promises.lstat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Errors of the disk become sentences. @throws TandemError E_DISK. */
export async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (isNotCapable(cause) || cause instanceof TandemError) throw cause;
    throw new TandemError("E_DISK", `The file "${path}" cannot be written.`, { cause });
  }
}

function unlessThere(error: unknown): void {
  // Another process made it in between.
  if (!isTaken(error)) throw error;
}
