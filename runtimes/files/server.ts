/** Files at a server, as a browser or a program elsewhere reads them: small answers are bounded as files are. */
import { TandemError } from "@tandem/core";
import { outsideText } from "@tandem/core/internal";
import { joinedBytes } from "./joined_bytes.ts";
import { isNotCapable } from "./system_error.ts";

/** Milliseconds in which something must come. */
const PATIENCE = 60_000;

/** There is no such file at a server. */
class NotServed extends Error {
  /** As of a file that a disk lacks. */
  readonly code = "ENOENT";
}

/** Whether a server says that it has something. @throws TandemError E_PERMISSION, E_DOWNLOAD */
export async function isServed(url: URL): Promise<boolean> {
  const watch = new Stall();
  try {
    const { ok } = await asked(url, () => fetch(url, { method: "HEAD", signal: watch.signal }));
    return ok;
  } finally {
    watch.end();
  }
}

/**
 * The bytes that a server gives, of so many at most.
 *
 * @throws {RangeError} with what is wrong, as the end of a sentence, where there are more; an error of
 * the code ENOENT where it has none.
 * @throws {TandemError} E_PERMISSION where Deno may not reach it, E_DOWNLOAD where it answers
 * otherwise, or nothing comes for a minute.
 */
export async function fetchBytes(url: URL, most: number): Promise<Uint8Array> {
  const watch = new Stall();
  try {
    return await asked(url, async () => {
      const response = await fetch(url, { signal: watch.signal });
      if (response.ok) return await within(response, most, watch);
      await response.body?.cancel();
      if (response.status === 404 || response.status === 410) {
        throw new NotServed("it is not there");
      }
      throw failed(url, `it answers ${response.status}`);
    });
  } finally {
    watch.end();
  }
}

async function within(response: Response, most: number, watch: Stall): Promise<Uint8Array> {
  const announced = Number(response.headers.get("content-length") ?? 0);
  const refuse = (size: string) =>
    new RangeError(`it has ${size} bytes, and at most ${most} are read`);
  if (announced > most) {
    await response.body?.cancel();
    throw refuse(String(announced));
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (let next = await reader?.read(); next && !next.done; next = await reader!.read()) {
    watch.reset();
    length += next.value.length;
    if (length > most) {
      await reader!.cancel();
      throw refuse(`${length} or more`);
    }
    chunks.push(next.value);
  }
  return joinedBytes(chunks);
}

/** Errors of the network become sentences. */
async function asked<T>(url: URL, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof TandemError || cause instanceof RangeError) throw cause;
    if (cause instanceof NotServed) throw cause;
    if (isNotCapable(cause)) throw notAllowed(url, cause);
    throw failed(url, "it cannot be reached, or broke off", cause);
  }
}

/** The error for a server that Deno's permissions keep out. */
export function notAllowed({ host }: URL, cause: unknown): TandemError {
  return new TandemError(
    "E_PERMISSION",
    `The server "${host}" may not be reached; allow it by --allow-net=${host}.`,
    { cause },
  );
}

function failed({ origin, pathname }: URL, why: string, cause?: unknown): TandemError {
  const shown = outsideText(`${origin}${pathname}`, { max: 200 });
  return new TandemError("E_DOWNLOAD", `The file "${shown}" cannot be read: ${why}.`, { cause });
}

/** Aborts what nothing comes of. */
class Stall {
  readonly #ending = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.reset();
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Something has come. */
  reset(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ending.abort(), PATIENCE);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
