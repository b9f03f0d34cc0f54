/** A server of the Hugging Face Hub's shape. */
import * as v from "valibot";
import { TandemError } from "@tandem/core";
import { builtin, outsideText } from "@tandem/core/internal";
import { ask, type Home, plainBody } from "./answer.ts";
import { download } from "./download.ts";
import { isPlainPath } from "../files/names.ts";
import { type Checksum, hashFile } from "./part.ts";
import { insist, Interrupted, isPassing, passingAnswer, type Patience, Watch } from "./patience.ts";

/** Where models come from unless said otherwise. */
export const DEFAULT_ENDPOINT = "https://huggingface.co";

/** Most bytes of an answer of the API, most files of a model, and most pages that list them. */
const MOST_ANSWER = 2 ** 24;
const MOST_FILES = 100_000;
const MOST_PAGES = 200;

/** How a server is asked. */
export interface HubOptions {
  /** Its address; a path or a query that it has stay in every request. */
  readonly endpoint?: string;
  /** A token for models that need one. It goes to the endpoint's own host alone. */
  readonly token?: string;
  /** What fetches; the global one unless told. */
  readonly fetch?: typeof fetch;
  /** How long is waited for what, and how often. */
  readonly patience?: Patience;
  /** Aborted to give up. */
  readonly signal?: AbortSignal;
}

/** A file of a model as the server announces it. */
export interface RemoteFile {
  readonly path: string;
  readonly size?: number;
  readonly checksum?: Checksum;
}

/** A file on disk. */
export interface LocalFile {
  /** Its path in the model's folder. */
  readonly path: string;
  /** Its bytes. */
  readonly size: number;
  /** What it is checked against. */
  readonly checksum?: Checksum;
}

/** Where a file goes, and what is known of it. */
export interface FetchOptions {
  /** Most bytes that are taken where the server announces no size. */
  readonly most: number;
  /** Whether a file that is there was held to its hash before. */
  readonly known: boolean;
  readonly onBytes: (received: number) => void;
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const model = v.object({ sha: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)) });
const entries = v.array(v.object({
  type: v.string(),
  path: v.string(),
  size: v.optional(v.fallback(v.optional(count), undefined)),
  oid: v.optional(v.string()),
  lfs: v.nullish(v.object({ oid: v.string(), size: v.fallback(v.optional(count), undefined) })),
}));

/** A server asked about one model. */
export class Hub {
  readonly #id: string;
  readonly #home: Home;
  readonly #options: HubOptions;

  /** @throws TandemError E_OPTION where the endpoint is no address or the token none. */
  constructor(id: string, options: HubOptions) {
    this.#id = id;
    this.#options = options;
    this.#home = homeOf(options);
  }

  /** The commit that a revision stands for. */
  async commitOf(revision: string): Promise<string> {
    const url = this.#url(`api/models/${this.#id}/revision/${encodeURIComponent(revision)}`);
    url.searchParams.append("expand", "sha");
    const { value } = await this.#askApi(url, ` at revision "${outsideText(revision)}"`);
    const parsed = v.safeParse(model, value);
    if (parsed.success) return parsed.output.sha;
    throw this.#garbage(`no commit of "${this.#id}"`);
  }

  /** The files of a commit whose names are names on every system. */
  async list(commit: string): Promise<RemoteFile[]> {
    const files = new Map<string, RemoteFile>();
    let url: URL | undefined = this.#url(`api/models/${this.#id}/tree/${commit}`);
    url.searchParams.set("recursive", "true");
    for (let page = 0; url; page++) {
      if (page >= MOST_PAGES) throw this.#garbage(`a list of more than ${MOST_PAGES} pages`);
      const { value, headers }: { value: unknown; headers: Headers } = await this.#askApi(url);
      const parsed = v.safeParse(entries, value);
      if (!parsed.success) throw this.#garbage("a list of files that cannot be read");
      for (const entry of parsed.output) {
        const file = this.#fileOf(entry);
        if (file) files.set(file.path, file);
      }
      if (files.size > MOST_FILES) throw this.#garbage(`a list of more than ${MOST_FILES} files`);
      url = this.#nextPage(headers, url);
    }
    return [...files.values()];
  }

  /** Fetches a file unless it is there; its folder is. */
  async fetchFile(
    commit: string,
    { path, size, checksum }: RemoteFile,
    to: string,
    { most, known, onBytes }: FetchOptions,
  ): Promise<LocalFile> {
    const isThere = async () => {
      if (size === undefined || await sizeAt(to) !== size) return false;
      return known || !checksum || await hashFile(to, checksum.kind) === checksum.hex;
    };
    if (size !== undefined && await isThere()) {
      onBytes(size);
      return { path, size, checksum };
    }
    const { patience = {}, signal } = this.#options;
    const encoded = path.split("/").map(encodeURIComponent).join("/");
    const url = this.#url(`${this.#id}/resolve/${commit}/${encoded}`);
    const held = await download({
      home: this.#home,
      url,
      path: to,
      size,
      most,
      checksum,
      patience,
      signal,
      isThere,
      onBytes,
    });
    return { path, size: await sizeAt(to) ?? 0, checksum: held };
  }

  /** An address below the endpoint, whose query stays. */
  #url(path: string): URL {
    const url = new URL(this.#home.url);
    url.pathname = `${url.pathname.replace(/\/+$/, "")}/${path}`;
    return url;
  }

  #fileOf(entry: v.InferOutput<typeof entries>[number]): RemoteFile | undefined {
    const { type, path, size, lfs, oid } = entry;
    if (type !== "file") return undefined;
    if (path.startsWith("/") || /^[a-z]:/i.test(path) || /(?:^|[/\\])\.\.?(?:[/\\]|$)/.test(path)) {
      const name = outsideText(path, { max: 100 });
      throw this.#garbage(`the file name "${name}", which could leave the model's folder`);
    }
    if (!isPlainPath(path)) return undefined; // Nothing that Tandem needs is called so.
    const kind = lfs ? "sha256" : "git";
    const hex = lfs?.oid ?? oid ?? "";
    const whole = kind === "git" ? /^[0-9a-f]{40}$/ : /^[0-9a-f]{64}$/;
    const checksum = whole.test(hex) ? { kind, hex } as const : undefined;
    return { path, checksum, size: lfs ? lfs.size : size };
  }

  #nextPage(headers: Headers, from: URL): URL | undefined {
    const next = /<([^>]{1,4000})>\s*;[^,]*\brel="?next"?/i.exec(headers.get("link") ?? "")?.[1];
    if (next === undefined) return undefined;
    const url = URL.parse(next, from);
    if (url?.origin === this.#home.url.origin) return url;
    throw this.#garbage("a list of files that goes on at another server");
  }

  /** Asks the server's API; errors become sentences. */
  async #askApi(url: URL, where = ""): Promise<{ value: unknown; headers: Headers }> {
    const { patience = {}, signal } = this.#options;
    const failed = (why: string) =>
      new TandemError(
        "E_DOWNLOAD",
        `The server ${this.#name} could not be asked for "${this.#id}": ${why}.`,
      );
    return await insist(() => this.#askOnce(url, where, failed), { patience, signal, failed });
  }

  async #askOnce(url: URL, where: string, failed: (why: string) => TandemError) {
    const { patience = {}, signal } = this.#options;
    // Its time is for the whole answer: bytes that come do not lengthen it.
    const watch = new Watch(patience, signal);
    try {
      const accept = { accept: "application/json" };
      const { response } = await ask(this.#home, url, accept, watch.signal);
      if (!response.ok) {
        await response.body?.cancel();
        throw this.#refusal(response, where, failed);
      }
      const text = await textWithin(response, MOST_ANSWER);
      if (text === undefined) throw failed(`its answer has more than ${MOST_ANSWER} bytes`);
      return { value: JSON.parse(text) as unknown, headers: response.headers };
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof TandemError || error instanceof Interrupted) throw error;
      throw failed(
        watch.signal.aborted
          ? "its answer did not come to an end in time"
          : "it gave no answer that can be read",
      );
    } finally {
      watch.end();
    }
  }

  #refusal(
    response: Response,
    where: string,
    failed: (why: string) => TandemError,
  ): TandemError | Interrupted {
    const { status } = response;
    if (isPassing(status)) return passingAnswer(response);
    if (status !== 401 && status !== 403 && status !== 404) return failed(`it answered ${status}`);
    return new TandemError(
      "E_MODEL",
      `The model "${this.#id}"${where} is not at ${this.#name}, or needs a token (${status}).`,
    );
  }

  /** The endpoint as it may be shown: without its query. */
  get #name(): string {
    const { origin, pathname } = this.#home.url;
    return `${origin}${pathname.replace(/\/+$/, "")}`;
  }

  #garbage(what: string): TandemError {
    return new TandemError("E_DOWNLOAD", `The server ${this.#name} gave ${what}.`);
  }
}

function homeOf({ endpoint = DEFAULT_ENDPOINT, token, fetch: own = fetch }: HubOptions): Home {
  const url = URL.parse(endpoint);
  // A name or a password in it is not shown, as a query is not: either may be secret.
  if (url?.protocol !== "http:" && url?.protocol !== "https:" || url.username || url.password) {
    const shown = url
      ? `${url.protocol}//${url.host}`
      : outsideText(endpoint.replace(/^[^/]*\/\/[^@]*@|[?#].*$/gs, ""), { max: 100 });
    throw new TandemError(
      "E_OPTION",
      `The endpoint "${shown}" does not fit; an address as "${DEFAULT_ENDPOINT}" is needed, without a name or a password in it.`,
    );
  }
  url.hash = "";
  if (token === undefined || token === "") return { url, fetch: own };
  // Not shown: a token with a line's end in it is a token all the same.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new TandemError(
      "E_OPTION",
      'The option "token" holds characters that no token has, such as a space or the end of a line.',
    );
  }
  return { url, fetch: own, authorization: `Bearer ${token}` };
}

/** The bytes of a file, or undefined where there is none. */
async function sizeAt(path: string): Promise<number | undefined> {
  const found = await builtin("node:fs").promises.stat(path).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}

/** A body's text, or undefined where it has more bytes than `most`. */
async function textWithin(response: Response, most: number): Promise<string | undefined> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const bytes of plainBody(response) ?? []) {
    size += bytes.length;
    if (size > most) return undefined; // Leaving the loop ends the connection.
    chunks.push(bytes as Uint8Array<ArrayBuffer>);
  }
  return (await new Blob(chunks).text()).replace(/^\ufeff/, "");
}
