/** Tarballs as npm has them: gzipped ustar archives whose files lie in "package/". */
import { Buffer } from "node:buffer";
import { gunzipSync, gzipSync } from "node:zlib";

/** Contents by path within the package: "package.json", "kit/mod.js". */
export type PackageFiles = ReadonlyMap<string, Uint8Array>;

const BLOCK = 512;
/** Bytes of a path that fit into a header's field; longer ones have a prefix before a slash. */
const [NAME_SIZE, PREFIX_SIZE] = [100, 155];
/** 1985-10-26T08:15:00Z, the time that npm gives every file. */
const TIME = 499_162_500;
/** The byte of a gzip header that names the system that wrote it, and the value for "unknown". */
const [SYSTEM_BYTE, UNKNOWN_SYSTEM] = [9, 255];

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * A tarball of files. The same files give the same bytes: they are sorted, and have npm's time and mode.
 *
 * @throws {RangeError} for a path that an archive cannot hold.
 * @example
 * ```ts
 * import { readTarball, writeTarball } from "./tar.ts";
 * import assert from "node:assert/strict";
 * const files = new Map([["package.json", new TextEncoder().encode("{}")]]);
 * assert.deepEqual(readTarball(writeTarball(files)), files);
 * ```
 */
export function writeTarball(files: PackageFiles): Uint8Array<ArrayBuffer> {
  const sorted = [...files].sort(([a], [b]) => a < b ? -1 : 1);
  const blocks = sorted.flatMap(([path, data]) => [
    header(`package/${path}`, data.length),
    data,
    new Uint8Array(padding(data.length)),
  ]);
  const archive = Buffer.concat([...blocks, new Uint8Array(2 * BLOCK)]);
  const zipped = new Uint8Array(gzipSync(archive, { level: 9 }));
  zipped[SYSTEM_BYTE] = UNKNOWN_SYSTEM;
  return zipped;
}

/** The files of a tarball, without the first folder of their paths. Links and folders are left out. */
export function readTarball(tarball: Uint8Array): Map<string, Uint8Array> {
  const archive = new Uint8Array(gunzipSync(tarball));
  const files = new Map<string, Uint8Array>();
  let longPath: string | undefined;
  for (let at = 0; at + BLOCK <= archive.length && archive[at] !== 0;) {
    const { path, size, type } = readHeader(archive.subarray(at, at + BLOCK));
    const data = archive.slice(at + BLOCK, at + BLOCK + size);
    if (type === "x") longPath = /\d+ path=(.*)\n/.exec(decoder.decode(data))?.[1];
    else {
      const whole = longPath ?? path;
      if (type === "0" || type === "\0") files.set(whole.slice(whole.indexOf("/") + 1), data);
      longPath = undefined;
    }
    at += BLOCK + size + padding(size);
  }
  return files;
}

const padding = (size: number) => (BLOCK - size % BLOCK) % BLOCK;

/** A ustar header; its checksum is that of the header with spaces in the checksum's place. */
function header(path: string, size: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (text: string, at: number) => block.set(encoder.encode(text), at);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0") + "\0";
  const [prefix, name] = splitPath(path);
  put(name, 0);
  put(octal(0o644, 7) + octal(0, 7) + octal(0, 7) + octal(size, 11) + octal(TIME, 11), NAME_SIZE);
  put(" ".repeat(8) + "0", 148);
  put("ustar\x0000", 257);
  put(prefix, 345);
  put(octal(block.reduce((sum, byte) => sum + byte, 0), 6), 148);
  return block;
}

function splitPath(path: string): [prefix: string, name: string] {
  const long = (text: string) => encoder.encode(text).length;
  if (long(path) <= NAME_SIZE) return ["", path];
  for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
    const [prefix, name] = [path.slice(0, slash), path.slice(slash + 1)];
    if (long(prefix) <= PREFIX_SIZE && long(name) <= NAME_SIZE) return [prefix, name];
  }
  throw new RangeError(`The path "${path}" is too long for an archive.`);
}

function readHeader(block: Uint8Array): { path: string; size: number; type: string } {
  const text = (at: number, size: number) => decoder.decode(block.subarray(at, at + size));
  const field = (at: number, size: number) => text(at, size).split("\0")[0]!;
  const prefix = field(257, 6) === "ustar" ? field(345, PREFIX_SIZE) : "";
  const path = (prefix && `${prefix}/`) + field(0, NAME_SIZE);
  return { path, size: parseInt(field(124, 12), 8), type: text(156, 1) };
}
