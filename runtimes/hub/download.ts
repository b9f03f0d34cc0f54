/** One file over HTTP, whole: resumed where a line is cut, given up where it stalls, held to its hash. */
import { systemClock, TandemError } from "@tandem/core";
import { type Answer, ask, compressionOf, type Home, plainBody } from "./answer.ts";
import { type Checksum, Part } from "./part.ts";
import { insist, Interrupted, isPassing, passingAnswer, type Patience, Watch } from "./patience.ts";

/** A file to fetch. */
export interface Download {
  readonly home: Home;
  readonly url: URL;
  /** Where it goes; its folder is there. Beside it, "PATH.part" holds what has come so far. */
  readonly path: string;
  /** Bytes, where known. */
  readonly size?: number;
  /** Most bytes that are taken where the size is not known. */
  readonly most: number;
  /** The hash, where known before; else the server's ETag is taken if it is one. */
  readonly checksum?: Checksum;
  readonly patience: Patience;
  readonly signal?: AbortSignal;
  /** Whether the whole is there already, by another call. */
  readonly isThere: () => Promise<boolean>;
  /** Bytes on disk so far. */
  readonly onBytes: (received: number) => void;
}

/**
 * Fetches a file, going on from what an earlier call left. Calls for one file, of other processes too,
 * wait for each other.
 *
 * @returns The hash that the content was held to, if there was one.
 * @throws TandemError E_DOWNLOAD where the server refuses, gives up or sends other content, E_DISK
 * where it cannot be written, E_PERMISSION where Deno may not reach the server.
 */
export async function download(file: Download): Promise<Checksum | undefined> {
  const { patience: { clock = systemClock }, signal, onBytes } = file;
  using part = await Part.take(file.path, {
    onWait: onBytes,
    async sleep(milliseconds) {
      await clock.sleep(milliseconds, signal);
      signal?.throwIfAborted();
    },
  });
  if (await file.isThere()) {
    await part.remove();
    return file.checksum;
  }
  try {
    const checksum = await insist(() => attempt(file, part), {
      patience: file.patience,
      signal,
      reached: () => part.size(),
      failed: (why) => failed(file, why),
    });
    await part.finish();
    return checksum;
  } catch (error) {
    // What came of a file that is not the right one is of no use to the next call.
    if (error instanceof Useless) await part.remove();
    throw error;
  }
}

/** The content is not what was announced. */
class Useless extends TandemError {}

async function attempt(file: Download, part: Part): Promise<Checksum | undefined> {
  const have = await part.size();
  if (have > (file.size ?? file.most)) {
    await part.cut(0);
    throw new Interrupted("had too many bytes on disk");
  }
  let { checksum } = file;
  if (file.size === undefined || have < file.size) {
    using watch = new Watch(file.patience, file.signal);
    try {
      const answer = await request(file, part, have, watch);
      checksum ??= checksumOf(answer.headers);
      await receive(file, part, answer.response, have, watch);
    } catch (error) {
      throw interruption(file, error, watch);
    }
  }
  await verify(file, part, checksum, have > 0);
  return checksum;
}

async function request(file: Download, part: Part, have: number, watch: Watch): Promise<Answer> {
  const range: Record<string, string> = have > 0 ? { Range: `bytes=${have}-` } : {};
  const answer = await ask(file.home, file.url, range, watch.signal);
  const { response } = answer;
  if (response.ok) return answer;
  await response.body?.cancel();
  if (response.status === 416) {
    await part.cut(0);
    throw new Interrupted("could not be resumed");
  }
  if (isPassing(response.status)) throw passingAnswer(response);
  throw failed(file, `the server answered ${response.status}${hintFor(response.status)}`);
}

function hintFor(status: number): string {
  return status === 401 || status === 403 ? "; a token with access to the model is needed" : "";
}

/** Adds a response's body to the part on disk, or begins anew where the server sends the whole. */
async function receive(
  file: Download,
  part: Part,
  response: Response,
  have: number,
  watch: Watch,
): Promise<void> {
  const start = response.status === 206
    ? Number(/^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1])
    : 0;
  // A piece of the compressed form does not continue the file.
  if (start !== 0 && (start !== have || compressionOf(response) !== "")) {
    await response.body?.cancel();
    await part.cut(0);
    throw new Interrupted("was resumed at another place");
  }
  const body = plainBody(response);
  if (!body) {
    await response.body?.cancel();
    const compression = compressionOf(response).slice(0, 20);
    throw failed(file, `it came compressed as "${compression}", which was not asked for`);
  }
  await part.cut(start);
  let received = start;
  for await (const bytes of body) {
    watch.touch(bytes.length);
    received += bytes.length;
    if (received > (file.size ?? file.most)) throw tooLong(file);
    await part.write(bytes);
    file.onBytes(received);
  }
  if (file.size !== undefined && received < file.size) throw new Interrupted("was cut off");
}

function interruption(file: Download, error: unknown, watch: Watch): unknown {
  if (file.signal?.aborted) return file.signal.reason;
  if (error instanceof TandemError || error instanceof Interrupted) return error;
  return new Interrupted(watch.stalled ? "stalled" : "was cut off");
}

async function verify(
  file: Download,
  part: Part,
  checksum: Checksum | undefined,
  resumed: boolean,
): Promise<void> {
  if (!checksum) return;
  const actual = await part.hash(checksum.kind);
  if (actual === checksum.hex) return;
  await part.cut(0);
  // What an earlier call left may be at fault: a whole file gets its chance.
  if (resumed) throw new Interrupted("did not match its checksum");
  const named = checksum.kind === "git" ? "Git hash" : "SHA-256";
  throw useless(file, `its ${named} is "${actual}", not "${checksum.hex}"`);
}

/** A hash from the headers of a Hub-shaped server: 64 digits are SHA-256, 40 are Git's. */
function checksumOf(all: readonly Headers[]): Checksum | undefined {
  const named = (name: string) => all.map((headers) => headers.get(name)).find((tag) => tag);
  const tag = named("x-linked-etag") ?? all.at(-1)?.get("etag") ?? "";
  const hex = /^(?:W\/)?"?([0-9a-f]{40}|[0-9a-f]{64})"?$/.exec(tag)?.[1];
  return hex === undefined ? undefined : { kind: hex.length === 64 ? "sha256" : "git", hex };
}

function tooLong(file: Download): TandemError {
  return useless(
    file,
    file.size === undefined
      ? `its size was not announced, and it has more than the ${file.most} bytes that are taken then`
      : `it is longer than the ${file.size} bytes that were announced`,
  );
}

function failed(file: Download, why: string): TandemError {
  return new TandemError("E_DOWNLOAD", messageOf(file, why));
}

function useless(file: Download, why: string): TandemError {
  return new Useless("E_DOWNLOAD", messageOf(file, why));
}

function messageOf({ url }: Download, why: string): string {
  return `The download of "${url.origin}${url.pathname}" failed: ${why}.`;
}
