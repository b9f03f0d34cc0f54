/** A server of the Hugging Face Hub's shape. */
import { listFiles, modelInfo } from "@huggingface/hub";
import { TandemError } from "../../core/errors.ts";
import { type Checksum, download, type Patience } from "./download.ts";

/** Where models come from unless said otherwise. */
export const DEFAULT_ENDPOINT = "https://huggingface.co";

/** How a server is asked. */
export interface HubOptions {
  readonly endpoint?: string;
  /** A token for models that need one. */
  readonly token?: string;
  readonly fetch?: typeof fetch;
  readonly patience?: Patience;
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
  readonly path: string;
  readonly size: number;
  readonly checksum?: Checksum;
}

/** A server asked about one model. */
export class Hub {
  readonly #id: string;
  readonly #endpoint: string;
  readonly #options: HubOptions;
  readonly #fetch: typeof fetch;

  constructor(id: string, options: HubOptions) {
    this.#id = id;
    this.#options = options;
    this.#endpoint = (options.endpoint ?? DEFAULT_ENDPOINT).replace(/\/+$/, "");
    this.#fetch = options.fetch ?? fetch;
  }

  /** The commit that a revision stands for. */
  async commitOf(revision: string): Promise<string> {
    const { sha } = await this.#ask(
      () => modelInfo({ ...this.#access(), name: this.#id, revision, additionalFields: ["sha"] }),
      ` at revision "${revision}"`,
    );
    if (typeof sha === "string" && /^[0-9a-f]{40}$/.test(sha)) return sha;
    throw this.#garbage(`no commit of "${this.#id}"`);
  }

  /** The files of a commit. */
  async list(commit: string): Promise<RemoteFile[]> {
    const repo = { type: "model", name: this.#id } as const;
    const entries = await this.#ask(
      () =>
        Array.fromAsync(listFiles({ ...this.#access(), repo, revision: commit, recursive: true })),
    );
    return entries.filter(({ type }) => type === "file").map(({ path, size, lfs, oid }) => {
      if (typeof path !== "string" || !isPlainPath(path)) {
        throw this.#garbage(`the file name "${path}", which could leave the model's folder`);
      }
      const hex = lfs?.oid ?? oid;
      const checksum = hex && /^[0-9a-f]+$/.test(hex)
        ? { kind: lfs ? "sha256" as const : "git" as const, hex }
        : undefined;
      const bytes = lfs?.size ?? size;
      return { path, checksum, size: Number.isSafeInteger(bytes) ? bytes : undefined };
    });
  }

  /** Fetches a file unless it is there in full length. */
  async fetchFile(
    commit: string,
    { path, size, checksum }: RemoteFile,
    to: string,
    onBytes: (received: number) => void,
  ): Promise<LocalFile> {
    const { token, patience = {}, signal } = this.#options;
    const present = await fileSize(to);
    if (present !== undefined && present === size) {
      onBytes(present);
      return { path, size: present, checksum };
    }
    const encoded = path.split("/").map(encodeURIComponent).join("/");
    const held = await download({
      url: `${this.#endpoint}/${this.#id}/resolve/${commit}/${encoded}`,
      path: to,
      size,
      checksum,
      headers: token ? { Authorization: `Bearer ${token}` } : {},
      fetch: this.#fetch,
      patience,
      signal,
      onBytes,
    });
    return { path, size: (await Deno.stat(to)).size, checksum: held };
  }

  #access() {
    const { token, patience, signal } = this.#options;
    const limited: typeof fetch = (input, init) => {
      const limit = AbortSignal.timeout(patience?.stall ?? 30_000);
      return this.#fetch(input, {
        ...init,
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
      });
    };
    return { hubUrl: this.#endpoint, fetch: limited, ...(token ? { accessToken: token } : {}) };
  }

  /** Asks the server's API; errors become sentences. */
  async #ask<T>(question: () => Promise<T>, where = ""): Promise<T> {
    try {
      return await question();
    } catch (cause) {
      const { signal } = this.#options;
      if (signal?.aborted) throw signal.reason;
      const status = (cause as { statusCode?: unknown } | null)?.statusCode;
      if (status === 401 || status === 403 || status === 404) {
        throw new TandemError(
          "E_MODEL",
          `The model "${this.#id}"${where} is not at ${this.#endpoint}, or needs a token (${status}).`,
          { cause },
        );
      }
      const why = status ? `it answered ${status}` : "it gave no answer that can be read";
      throw new TandemError(
        "E_DOWNLOAD",
        `The server ${this.#endpoint} could not be asked for "${this.#id}": ${why}.`,
        { cause },
      );
    }
  }

  #garbage(what: string): TandemError {
    return new TandemError("E_DOWNLOAD", `The server ${this.#endpoint} gave ${what}.`);
  }
}

function isPlainPath(path: string): boolean {
  return path !== "" && !/[\\\0:]/.test(path) &&
    path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

async function fileSize(path: string): Promise<number | undefined> {
  try {
    return (await Deno.stat(path)).size;
  } catch {
    return undefined;
  }
}
