/** The part of a file that has come so far, beside the place where the whole will stand. */
import { createHash } from "node:crypto";
import { TandemError } from "@tandem/core";
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
 * "PATH.part", which one call at a time works on: it is locked, by the operating system, so that a
 * process that dies leaves no lock behind.
 */
export class Part implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #whole: string;
  readonly #path: string;

  private constructor(file: Deno.FsFile, whole: string) {
    this.#file = file;
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
      checkOwn(path, await lookAt(path));
      const file = await writing(
        whole,
        () => Deno.open(path, { read: true, write: true, create: true }),
      );
      let kept = false;
      try {
        const free = await writing(whole, () => file.tryLock(true));
        kept = free && await isStill(path, file);
        if (kept) return new Part(file, whole);
        if (!free) onWait((await file.stat()).size);
      } finally {
        if (!kept) file.close();
      }
      await sleep(LOOK_EVERY);
    }
  }

  /** Bytes that have come. */
  async size(): Promise<number> {
    return (await this.#file.stat()).size;
  }

  /** Forgets the bytes from `length` on; further ones are put there. */
  async cut(length: number): Promise<void> {
    await writing(this.#whole, async () => {
      await this.#file.truncate(length);
      await this.#file.seek(length, Deno.SeekMode.Start);
    });
  }

  /** Adds bytes. */
  async write(bytes: Uint8Array): Promise<void> {
    await writing(this.#whole, async () => {
      for (let at = 0; at < bytes.length;) at += await this.#file.write(bytes.subarray(at));
    });
  }

  /** The hash of what has come, in hexadecimal. */
  async hash(kind: Checksum["kind"]): Promise<string> {
    return await hashOf(this.#file, kind);
  }

  /** Puts the part in the place of the whole. */
  async finish(): Promise<void> {
    // Still locked: whoever waits for it finds that the part is gone.
    await writing(this.#whole, () => Deno.rename(this.#path, this.#whole));
  }

  /** Removes the part. */
  async remove(): Promise<void> {
    await Deno.remove(this.#path);
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** The hash of a file on disk, in hexadecimal. */
export async function hashFile(path: string, kind: Checksum["kind"]): Promise<string> {
  using file = await Deno.open(path);
  return await hashOf(file, kind);
}

async function hashOf(file: Deno.FsFile, kind: Checksum["kind"]): Promise<string> {
  const hash = createHash(kind === "git" ? "sha1" : "sha256");
  if (kind === "git") hash.update(`blob ${(await file.stat()).size}\0`);
  await file.seek(0, Deno.SeekMode.Start);
  const buffer = new Uint8Array(2 ** 20);
  for (let count; (count = await file.read(buffer)) !== null;) {
    hash.update(buffer.subarray(0, count));
  }
  return hash.digest("hex");
}

/** Whether the file that was opened is the one that has the name now. */
async function isStill(path: string, file: Deno.FsFile): Promise<boolean> {
  const [named, opened] = [await lookAt(path), await file.stat()];
  checkOwn(path, named);
  return named !== undefined && named.ino === opened.ino && named.dev === opened.dev;
}

/** A link, of either kind, would lead what is written to a file elsewhere. */
function checkOwn(path: string, found: Deno.FileInfo | undefined): void {
  if (!found || found.isFile && (found.nlink ?? 1) <= 1) return;
  const what = found.isDirectory ? "a folder" : "a link";
  throw new TandemError(
    "E_DISK",
    `"${path}" is ${what}; remove it: nothing is written through links.`,
  );
}
