/** One file over HTTP, whole: resumed where a line is cut, given up where it stalls, held to its hash. */
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { TandemError } from "../../core/errors.ts";

/** What a file's content must hash to. "git" is the name that Git gives it: SHA-1 of a header and the content. */
export interface Checksum {
  readonly kind: "sha256" | "git";
  readonly hex: string;
}

/** How patiently a download goes on. */
export interface Patience {
  /** Milliseconds without a byte after which a connection is given up. Default 30,000. */
  readonly stall?: number;
  /** Attempts in a row that may bring nothing. Default 5. */
  readonly attempts?: number;
  /** Milliseconds before the second attempt; doubled for each further one. Default 500. */
  readonly backoff?: number;
}

/** A file to fetch. */
export interface Download {
  readonly url: string;
  /** Where it goes. Beside it, "PATH.part" holds what has come so far. */
  readonly path: string;
  /** Bytes, where known. */
  readonly size?: number;
  /** The hash, where known before; else the server's ETag is taken if it is one. */
  readonly checksum?: Checksum;
  readonly headers?: Readonly<Record<string, string>>;
  readonly fetch: typeof fetch;
  readonly patience: Patience;
  readonly signal?: AbortSignal;
  /** Bytes on disk so far. */
  readonly onBytes: (received: number) => void;
}

/** Attempts at most, however little each brings. */
const MOST_ATTEMPTS = 100;

/** What is told to go on: another attempt may do better. */
class Interrupted extends Error {}

/**
 * Fetches a file, going on from what an earlier call left.
 *
 * @returns The hash that the content was held to, if there was one.
 * @throws TandemError E_DOWNLOAD where the server refuses, gives up or sends other content, E_DISK
 * where it cannot be written.
 */
export async function download(file: Download): Promise<Checksum | undefined> {
  const { attempts = 5, backoff = 500 } = file.patience;
  await writing(file, () => Deno.mkdir(dirname(file.path), { recursive: true }));
  let idle = 0;
  for (let attempt = 0;; attempt++) {
    const before = await sizeOf(partOf(file));
    let why: string;
    try {
      const checksum = await attemptOnce(file, before);
      await writing(file, () => Deno.rename(partOf(file), file.path));
      return checksum;
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      why = error.message;
    }
    idle = await sizeOf(partOf(file)) > before ? 0 : idle + 1;
    if (idle >= attempts || attempt >= MOST_ATTEMPTS) {
      throw failed(file, `it ${why} ${idle} times in a row`);
    }
    await pause(idle === 0 ? 0 : backoff * 2 ** (idle - 1), file.signal);
  }
}

async function attemptOnce(file: Download, have: number): Promise<Checksum | undefined> {
  if (file.size !== undefined && have > file.size) {
    await remove(partOf(file));
    throw new Interrupted("had too many bytes on disk");
  }
  let checksum = file.checksum;
  if (file.size === undefined || have < file.size) {
    const watch = new Watch(file.patience.stall ?? 30_000, file.signal);
    try {
      const response = await request(file, have, watch);
      checksum ??= checksumOf(response.headers);
      await receive(file, response, have, watch);
    } catch (error) {
      throw await interruption(file, error, watch);
    } finally {
      watch.stop();
    }
  }
  await verify(file, checksum, have > 0);
  return checksum;
}

async function request(file: Download, have: number, watch: Watch): Promise<Response> {
  // Ranges and sizes count bytes of the file itself, not of a compressed form of it.
  const plain = { ...file.headers, "Accept-Encoding": "identity" };
  const headers = have > 0 ? { ...plain, Range: `bytes=${have}-` } : plain;
  const response = await file.fetch(file.url, { headers, signal: watch.signal });
  if (response.ok) return response;
  await response.body?.cancel();
  if (response.status === 416) {
    await remove(partOf(file));
    throw new Interrupted("could not be resumed");
  }
  const passing = response.status >= 500 || response.status === 408 || response.status === 429;
  if (passing) throw new Interrupted(`was answered with ${response.status}`);
  throw failed(file, `the server answered ${response.status}${hintFor(response.status)}`);
}

function hintFor(status: number): string {
  return status === 401 || status === 403 ? "; a token with access to the model is needed" : "";
}

/** Appends a response's body to the part on disk, or begins anew where the server sends the whole. */
async function receive(
  file: Download,
  response: Response,
  have: number,
  watch: Watch,
): Promise<void> {
  const start = response.status === 206
    ? Number(/^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1])
    : 0;
  if (start !== 0 && start !== have) {
    await response.body?.cancel();
    await remove(partOf(file));
    throw new Interrupted("was resumed at another place");
  }
  const output = await writing(
    file,
    () =>
      Deno.open(partOf(file), {
        write: true,
        create: true,
        append: start > 0,
        truncate: start === 0,
      }),
  );
  let received = start;
  try {
    for await (const bytes of response.body ?? []) {
      watch.touch();
      received += bytes.length;
      if (file.size !== undefined && received > file.size) {
        throw failed(file, `it is longer than the ${file.size} bytes that were announced`);
      }
      await writing(file, () => writeAll(output, bytes));
      file.onBytes(received);
    }
  } finally {
    output.close();
  }
  if (file.size !== undefined && received < file.size) throw new Interrupted("was cut off");
}

async function interruption(file: Download, error: unknown, watch: Watch): Promise<unknown> {
  if (file.signal?.aborted) return file.signal.reason;
  if (error instanceof TandemError) {
    if (error.code === "E_DOWNLOAD") await remove(partOf(file));
    return error;
  }
  if (error instanceof Interrupted) return error;
  return new Interrupted(watch.stalled ? "stalled" : "was cut off");
}

async function verify(
  file: Download,
  checksum: Checksum | undefined,
  resumed: boolean,
): Promise<void> {
  if (!checksum) return;
  const actual = await hashFile(partOf(file), checksum.kind);
  if (actual === checksum.hex) return;
  await remove(partOf(file));
  // What an earlier call left may be at fault: a whole file gets its chance.
  if (resumed) throw new Interrupted("did not match its checksum");
  throw failed(
    file,
    `its ${checksum.kind === "git" ? "Git hash" : "SHA-256"} is "${actual}", not "${checksum.hex}"`,
  );
}

/** The hash of a file on disk, in hexadecimal. */
export async function hashFile(path: string, kind: Checksum["kind"]): Promise<string> {
  const hash = createHash(kind === "git" ? "sha1" : "sha256");
  if (kind === "git") hash.update(`blob ${await sizeOf(path)}\0`);
  const input = await Deno.open(path);
  for await (const bytes of input.readable) hash.update(bytes);
  return hash.digest("hex");
}

/** A hash from the headers of a Hub-shaped server: 64 digits are SHA-256, 40 are Git's. */
function checksumOf(headers: Headers): Checksum | undefined {
  const tag = headers.get("x-linked-etag") ?? headers.get("etag") ?? "";
  const hex = /^(?:W\/)?"?([0-9a-f]{40}|[0-9a-f]{64})"?$/.exec(tag)?.[1];
  return hex === undefined ? undefined : { kind: hex.length === 64 ? "sha256" : "git", hex };
}

/** Aborts a request when no byte has come for a while. */
class Watch {
  readonly #abort = new AbortController();
  readonly #stall: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  stalled = false;
  readonly signal: AbortSignal;

  constructor(stall: number, outer: AbortSignal | undefined) {
    this.#stall = stall;
    this.signal = outer ? AbortSignal.any([outer, this.#abort.signal]) : this.#abort.signal;
    this.touch();
  }

  touch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.stalled = true;
      this.#abort.abort();
    }, this.#stall);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

function partOf({ path }: Download): string {
  return `${path}.part`;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).size;
  } catch {
    return 0;
  }
}

async function remove(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function writeAll(output: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await output.write(bytes.subarray(at));
}

async function writing<T>(file: Download, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    throw new TandemError("E_DISK", `The file "${file.path}" cannot be written.`, { cause });
  }
}

function failed(file: Download, why: string): TandemError {
  return new TandemError("E_DOWNLOAD", `The download of "${file.url}" failed: ${why}.`);
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}
