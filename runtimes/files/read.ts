/**
 * Reading files that others may have made. A name may stand for a pipe, on which one waits for ever, for
 * a device without an end, or for a file of terabytes that are not there: none of them is read.
 */

/**
 * Refuses what is no file, or a larger one than is sensible. Links are followed.
 *
 * @param most Its most bytes.
 * @returns Its bytes.
 * @throws {Error} with what is wrong, as the end of a sentence; what the system throws where there is nothing.
 */
export function expectFile(path: string, most: number): number {
  return sizeOf(Deno.statSync(path), most);
}

/**
 * The bytes of a file, of so many at most.
 *
 * @throws As {@linkcode expectFile}, and where it grows while it is read.
 * @example
 * ```ts
 * import { readFile } from "@tandem/runtimes/files";
 * import assert from "node:assert/strict";
 * await assert.rejects(readFile("/dev/zero", 1000), /it is no file/);
 * ```
 */
export async function readFile(path: string, most: number): Promise<Uint8Array> {
  const room = roomFor(sizeOf(await Deno.stat(path), most));
  using file = await Deno.open(path, { read: true });
  let length = 0;
  for (let read: number | null = 1; read !== null; length += read ?? 0) {
    read = await file.read(free(room, length));
  }
  return room.subarray(0, length);
}

/** As {@linkcode readFile}, without a turn of the event loop: for small files. */
export function readFileSync(path: string, most: number): Uint8Array {
  const room = roomFor(expectFile(path, most));
  using file = Deno.openSync(path, { read: true });
  let length = 0;
  for (let read: number | null = 1; read !== null; length += read ?? 0) {
    read = file.readSync(free(room, length));
  }
  return room.subarray(0, length);
}

/** The text in a file, as {@linkcode readFile} reads it; a byte order mark stays. */
export async function readTextFile(path: string, most: number): Promise<string> {
  return UTF_8.decode(await readFile(path, most));
}

/** As {@linkcode readTextFile}, without a turn of the event loop. */
export function readTextFileSync(path: string, most: number): string {
  return UTF_8.decode(readFileSync(path, most));
}

const UTF_8 = new TextDecoder("utf-8", { ignoreBOM: true });

function sizeOf({ isFile, size }: Deno.FileInfo, most: number): number {
  if (!isFile) throw new Error("it is no file");
  if (size > most) throw new RangeError(`it has ${size} bytes, and at most ${most} are read`);
  return size;
}

/** One byte more than there is: it stays free, unless the file grows. */
function roomFor(size: number): Uint8Array {
  return new Uint8Array(size + 1);
}

function free(room: Uint8Array, length: number): Uint8Array {
  if (length < room.length) return room.subarray(length);
  throw new Error("it grows while it is read");
}
