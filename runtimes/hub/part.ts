/** The part of a file that has come so far, beside the place where the whole will stand. */
import type { Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { TandemError } from "@tandem/core";
import { builtin } from "@tandem/core/internal";
import { type FileLock, lockFile } from "../files/lock.ts";
import { isMissing } from "../files/system_error.ts";
import { lookAt, writing } from "./inside.ts";

/** What a file's content must hash to. "git" is the name that Git gives it: SHA-1 of a header and the content. */
export interface Checksum {
  /** SHA-256 of the bytes, or the id of the blob in Git. */
  readonly kind: "sha256" | "git";
  /** In hexadecimal digits. */
  readonly hex: string;
}

/** Milliseconds between two looks at a part that another call works on. */
const LOOK_EVERY = 100;

/** How a part is waited for. */
export interface PartOptions {
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Called with the bytes there are, while another call or process adds to them. */
  readonly onWait: (bytes: number) => void;
}

/**
 * "PATH.part", which one call at a time works on: "PATH.lock" beside it is locked, by the operating
 * system where the engine can ask for that, so that a process that dies is in nobody's way.
 */
export class Part {
  readonly #file: FileHandle;
  readonly #lock: FileLock;
  readonly #whole: string;
  readonly #path: string;

  private constructor(file: FileHandle, lock: FileLock, whole: string) {
    this.#file = file;
    this.#lock = lock;
    this.#whole = whole;
    this.#path = `${whole}.part`;
  }

  /**
   * Takes the part of a file, after waiting for whoever has it.
   *
   * @throws TandemError E_DISK where it is a link or cannot be written; what `sleep` throws.
   */
  static async take(whole: string, { sleep, onWait }: PartOptions): Promise<Part> {
    const path = `${whole}.part`;
    while (true) {
      const found = await lookAt(path);
      checkOwn(path, found);
      const lock = await lockOf(whole);
      if (lock) return await Part.#open(whole, path, lock);
      onWait(found?.size ?? 0);
      await sleep(LOOK_EVERY);
    }
  }

  static async #open(whole: string, path: string, lock: FileLock): Promise<Part> {
    const { constants: { O_RDWR, O_CREAT }, promises } = builtin("node:fs");
    try {
      // What the one before has done with it meanwhile.
      checkOwn(path, await lookAt(path));
      return new Part(
        await writing(whole, () => promises.open(path, O_RDWR | O_CREAT)),
        lock,
        whole,
      );
    } catch (error) {
      await letGo(whole, lock);
      throw error;
    }
  }

  /** Bytes that have come. */
  async size(): Promise<number> {
    return (await this.#file.stat()).size;
  }

  /** Forgets the bytes from `length` on; further ones are put there. */
  async cut(length: number): Promise<void> {
    await writing(this.#whole, () => this.#file.truncate(length));
  }

  /** Adds bytes. */
  async write(bytes: Uint8Array): Promise<void> {
    await writing(this.#whole, async () => {
      for (let at = 0, end = await this.size(); at < bytes.length;) {
        const rest = bytes.length - at;
        at += (await this.#file.write(bytes, at, rest, end + at)).bytesWritten;
      }
    });
  }

  /** The hash of what has come, in hexadecimal. */
  async hash(kind: Checksum["kind"]): Promise<string> {
    return await hashOf(this.#file, kind);
  }

  /** Puts the part in the place of the whole. */
  async finish(): Promise<void> {
    // Still locked: whoever waits for it finds that the whole is there.
    await writing(this.#whole, () => builtin("node:fs").promises.rename(this.#path, this.#whole));
  }

  /** Removes the part. */
  async remove(): Promise<void> {
    await builtin("node:fs").promises.rm(this.#path);
  }

  /** Lets others have it. */
  async close(): Promise<void> {
    await this.#file.close();
    await letGo(this.#whole, this.#lock);
  }
}

/** The hash of a file on disk, in hexadecimal. */
export async function hashFile(path: string, kind: Checksum["kind"]): Promise<string> {
  const file = await builtin("node:fs").promises.open(path, "r");
  try {
    return await hashOf(file, kind);
  } finally {
    await file.close();
  }
}

async function hashOf(file: FileHandle, kind: Checksum["kind"]): Promise<string> {
  const hash = builtin("node:crypto").createHash(kind === "git" ? "sha1" : "sha256");
  if (kind === "git") hash.update(`blob ${(await file.stat()).size}\0`);
  const buffer = new Uint8Array(2 ** 20);
  for (let at = 0, count = 1; count > 0; at += count) {
    count = (await file.read(buffer, 0, buffer.length, at)).bytesRead;
    hash.update(buffer.subarray(0, count));
  }
  return hash.digest("hex");
}

/** The lock of a part, if it is free. */
async function lockOf(whole: string): Promise<FileLock | undefined> {
  const path = `${whole}.lock`;
  checkOwn(path, await lookAt(path));
  return await writing(whole, async () => {
    await (await builtin("node:fs").promises.open(path, "a")).close();
    try {
      return lockFile(path);
    } catch (error) {
      if (isMissing(error)) return undefined; // Who had it has just removed it.
      throw error;
    }
  });
}

async function letGo(whole: string, lock: FileLock): Promise<void> {
  // Removed while it is locked: who waits for it sees that it is another by then.
  await builtin("node:fs").promises.rm(`${whole}.lock`, { force: true });
  lock.close();
}

/** A link, of either kind, would lead what is written to a file elsewhere. */
function checkOwn(path: string, found: Stats | undefined): void {
  if (!found || found.isFile() && found.nlink <= 1) return;
  const what = found.isDirectory() ? "a folder" : "a link";
  throw new TandemError(
    "E_DISK",
    `"${path}" is ${what}; remove it: nothing is written through links.`,
  );
}
