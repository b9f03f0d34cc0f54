/** The file of a recording: a new one, or one that is a cassette already. */
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { TandemError } from "@tandem/core";
import { draftOf } from "@tandem/runtimes/files";
import { outsideText } from "@tandem/core/internal";
import { isHeader } from "./tape.ts";

/** Bytes in which a cassette's first line must end. */
const LONGEST_HEADER = 2 ** 20;

/** Whether a path leads out of the working directory, as far as its letters tell. */
export function isOutside(file: string): boolean {
  return leadsOut(Deno.cwd(), resolve(file));
}

/**
 * Opens the file of a new recording for writing. What was there is another cassette, or stays.
 *
 * @throws {TandemError} E_FILE where something else is there, where it is a link, or where a folder on
 * the way is one that leads out of the working directory; what the system throws otherwise.
 */
export function openForRecording(file: string): Deno.FsFile {
  const folder = Deno.realPathSync(dirname(resolve(file)));
  if (!isOutside(file) && leadsOut(Deno.realPathSync(Deno.cwd()), folder)) {
    throw refused(file, "a link on its way leads out of the working directory");
  }
  const path = join(folder, basename(file));
  const info = entryAt(path);
  // A new file is made in one step: a link that appears meanwhile is not followed.
  if (!info) return Deno.openSync(path, { write: true, createNew: true });
  if (info.isSymlink) throw refused(file, "it is a link");
  if (!info.isFile || !holdsCassette(path)) {
    throw refused(file, "it is something else than a cassette and is not overwritten");
  }
  // Whoever still plays or records the old one keeps it.
  const draft = draftOf(path);
  const handle = Deno.openSync(draft, { write: true, createNew: true });
  try {
    Deno.renameSync(draft, path);
    return handle;
  } catch (error) {
    handle.close();
    Deno.removeSync(draft);
    throw error;
  }
}

function leadsOut(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way.split(/[\\/]/)[0] === ".." || isAbsolute(way);
}

function entryAt(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function holdsCassette(path: string): boolean {
  using file = Deno.openSync(path, { read: true });
  const bytes = new Uint8Array(LONGEST_HEADER);
  let length = 0;
  for (let read: number | null = 1; read !== null && read > 0 && length < bytes.length;) {
    read = file.readSync(bytes.subarray(length));
    length += read ?? 0;
    if (bytes.subarray(0, length).includes("\n".charCodeAt(0))) break;
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
