/**
 * Reading files that others may have made. A name may stand for a pipe, on which one waits for ever, for
 * a device without an end, or for a file of terabytes that are not there: none of them is read. A
 * location is a path, or a URL of "file:", "http:" or "https:".
 */
import { builtin } from "@tandem/core/internal";
import { diskPath, serverUrl } from "./location.ts";
import { fetchBytes, isServed } from "./server.ts";

/**
 * Refuses what is no file, or a larger one than is sensible. Links are followed.
 *
 * @param path On a disk.
 * @param most Its most bytes.
 * @returns Its bytes.
 * @throws {Error} with what is wrong, as the end of a sentence; what the system throws where there is nothing.
 */
export function expectFile(path: string, most: number): number {
  return sizeOf(builtin("node:fs").statSync(path), most);
}

/** Whether there is a file or a folder, or a server has something to give. Never throws. */
export async function isThere(location: string): Promise<boolean> {
  try {
    const url = serverUrl(location);
    if (url) return await isServed(url);
    await builtin("node:fs").promises.stat(diskPath(location));
    return true;
  } catch {
    return false;
  }
}

/**
 * The bytes of a file, of so many at most.
 *
 * @throws As {@linkcode expectFile}, and where it grows while it is read; of a server, what
 * {@linkcode fetchBytes} throws.
 * @example
 * ```ts
 * import { readFile } from "@tandem/runtimes/files";
 * import assert from "node:assert/strict";
 * await assert.rejects(readFile("/dev/zero", 1000), /it is no file/);
 * ```
 */
export async function readFile(location: string, most: number): Promise<Uint8Array> {
  const url = serverUrl(location);
  if (url) return await fetchBytes(url, most);
  const { stat, open } = builtin("node:fs").promises;
  const path = diskPath(location);
  const room = roomFor(sizeOf(await stat(path), most));
  const file = await open(path, "r");
  try {
    let length = 0;
    for (let read = 1; read > 0; length += read) {
      const rest = free(room, length);
      read = (await file.read(rest, 0, rest.length, null)).bytesRead;
    }
    return room.subarray(0, length);
  } finally {
    await file.close();
  }
}

/** As {@linkcode readFile}, without a turn of the event loop: for small files on a disk. */
export function readFileSync(path: string, most: number): Uint8Array {
  const { openSync, readSync, closeSync } = builtin("node:fs");
  const room = roomFor(expectFile(path, most));
  const file = openSync(path, "r");
  try {
    let length = 0;
    for (let read = 1; read > 0; length += read) read = readSync(file, free(room, length));
    return room.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

/** So many bytes from a place in a file on a disk on, fewer where it ends before. */
export function readSlice(path: string, start: number, length: number): Uint8Array {
  const { openSync, readSync, closeSync } = builtin("node:fs");
  const file = openSync(path, "r");
  try {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, start));
  } finally {
    closeSync(file);
  }
}

/** The text in a file, as {@linkcode readFile} reads it; a byte order mark stays. */
export async function readTextFile(location: string, most: number): Promise<string> {
  return UTF_8.decode(await readFile(location, most));
}

/** As {@linkcode readTextFile}, without a turn of the event loop. */
export function readTextFileSync(path: string, most: number): string {
  return UTF_8.decode(readFileSync(path, most));
}

const UTF_8 = new TextDecoder("utf-8", { ignoreBOM: true });

function sizeOf(found: { isFile(): boolean; readonly size: number }, most: number): number {
  const { size } = found;
  if (!found.isFile()) throw new Error("it is no file");
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
