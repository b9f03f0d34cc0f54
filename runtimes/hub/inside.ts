/** Folders and small files below a root, of which nothing is written through a link. */
import { dirname, join, relative, sep } from "node:path";
import { TandemError } from "@tandem/core";
import { draftOf } from "../files/draft.ts";

/**
 * Makes a folder below a root, which may itself lie anywhere.
 *
 * @throws TandemError E_DISK where a part of the way below the root is a link or a file, or where it
 * cannot be made.
 */
export async function makeFolderInside(root: string, folder: string): Promise<void> {
  await writing(folder, async () => {
    await Deno.mkdir(dirname(root), { recursive: true });
    let at = root;
    for (const part of ["", ...relative(root, folder).split(sep)]) {
      at = join(at, part);
      const found = await lookAt(at);
      if (!found) await Deno.mkdir(at).catch(unlessThere);
      else if (!found.isDirectory) {
        throw new TandemError(
          "E_DISK",
          `"${at}" is ${
            found.isSymlink ? "a link" : "no folder"
          }; a folder is needed there, and nothing is written through links.`,
        );
      }
    }
  });
}

/** Writes a small file below a root, whole or not at all; what stands there, a link too, is replaced. */
export async function writeInside(root: string, path: string, text: string): Promise<void> {
  await makeFolderInside(root, dirname(path));
  await writing(path, async () => {
    const draft = draftOf(path);
    await Deno.writeTextFile(draft, text, { createNew: true });
    await Deno.rename(draft, path);
  });
}

/** What stands at a path, links not followed; undefined for nothing. */
export async function lookAt(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Errors of the disk become sentences. @throws TandemError E_DISK. */
export async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable || cause instanceof TandemError) throw cause;
    throw new TandemError("E_DISK", `The file "${path}" cannot be written.`, { cause });
  }
}

function unlessThere(error: unknown): void {
  // Another process made it in between.
  if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
}
