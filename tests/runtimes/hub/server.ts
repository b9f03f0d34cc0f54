/** A server of the Hub's shape on this machine, which can be told to fail. */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";

/** How the server treats a request for a file. */
export type Fault =
  | { readonly kind: "cut"; readonly after: number }
  | { readonly kind: "stall"; readonly after: number }
  | {
    readonly kind: "status";
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
  }
  | { readonly kind: "compressed"; readonly as: "gzip" | "deflate" | "br" }
  | { readonly kind: "redirect"; readonly to: string }
  | { readonly kind: "slow" }
  | { readonly kind: "corrupt" }
  | { readonly kind: "longer" }
  | { readonly kind: "whole" };

/** An answer of the API: a status, a body and headers. */
export type ApiAnswer = readonly [number, string, Readonly<Record<string, string>>?];

/** A server of the files of the model "org/model"; ONNX files and safetensors are in LFS. */
export class HubServer implements AsyncDisposable {
  /** "PATH start" of every request for a file, in order. */
  readonly requests: string[] = [];
  /** What happens to the next requests for a file; each entry serves one. */
  readonly faults = new Map<string, Fault[]>();
  /** Answers of the API in place of the right ones. */
  readonly api: { model?: ApiAnswer; tree?: ApiAnswer } = {};
  /** Answers that the API gives first, one a question, whatever it is asked. */
  readonly first: ApiAnswer[] = [];
  /** The path with query, and the key, of every request. */
  readonly asked: { readonly url: string; readonly authorization?: string }[] = [];
  /** A path that every request begins with. */
  prefix = "";
  commit = "0123456789abcdef0123456789abcdef01234567";
  readonly #http = createServer((request, response) => this.#serve(request, response));

  private constructor(public files: Record<string, Uint8Array>) {}

  /** Starts a server on a free port. */
  static async start(files: Record<string, Uint8Array>): Promise<HubServer> {
    const server = new HubServer(files);
    await new Promise<void>((resolve) => server.#http.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    this.asked.push({ url: request.url!, authorization: request.headers.authorization });
    const url = new URL(request.url!, this.endpoint);
    const pathname = url.pathname.slice(this.prefix.length);
    if (pathname.startsWith("/api/")) {
      const odd = this.first.shift();
      if (odd) return send(response, odd);
    }
    if (pathname.startsWith("/api/models/org/model/revision/")) {
      const right = JSON.stringify({ _id: "1", id: "org/model", sha: this.commit });
      return send(response, this.api.model ?? [200, right]);
    }
    if (pathname === `/api/models/org/model/tree/${this.commit}`) {
      const right = JSON.stringify(Object.entries(this.files).map(entryOf));
      return send(response, this.api.tree ?? [200, right]);
    }
    const path = pathname.split(`/org/model/resolve/${this.commit}/`)[1];
    const content = path === undefined ? undefined : this.files[path];
    if (path === undefined || !content) return send(response, [404, "not found"]);
    this.#sendFile(path, content, request.headers.range, response);
  }

  #sendFile(
    path: string,
    content: Uint8Array,
    range: string | undefined,
    response: ServerResponse,
  ): void {
    const fault = this.faults.get(path)?.shift();
    const asked = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
    const start = fault?.kind === "whole" ? 0 : asked;
    this.requests.push(`${path} ${start}`);
    if (fault?.kind === "status") return send(response, [fault.status, "no", fault.headers]);
    if (fault?.kind === "redirect") return send(response, [302, "", { location: fault.to }]);
    if (fault?.kind === "compressed") {
      const compress = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync }[fault.as];
      return void response.writeHead(200, { "content-encoding": fault.as }).end(compress(content));
    }
    if (start > 0) {
      const place = `bytes ${start}-${content.length - 1}/${content.length}`;
      response.writeHead(206, { "content-range": place });
    } else response.writeHead(200);
    const bytes = content.slice(start);
    switch (fault?.kind) {
      case "corrupt":
        response.end(bytes.map((byte) => byte ^ 1));
        break;
      case "longer":
        response.end(Uint8Array.from([...bytes, 1, 2, 3]));
        break;
      case "cut":
        // The bytes before must have left, or the reader would see none of them.
        response.write(bytes.slice(0, fault.after), () => setTimeout(() => response.destroy(), 20));
        break;
      case "slow":
        drip(response, bytes);
        break;
      case "stall":
        response.write(bytes.slice(0, fault.after));
        break;
      default:
        response.end(bytes);
    }
  }
}

function send(response: ServerResponse, [status, body, headers = {}]: ApiAnswer): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
}

/** Sends a thousandth every few milliseconds. */
function drip(response: ServerResponse, bytes: Uint8Array): void {
  const step = Math.ceil(bytes.length / 1000);
  let at = 0;
  const timer = setInterval(() => {
    response.write(bytes.slice(at, at += step));
    if (at < bytes.length && !response.destroyed) return;
    clearInterval(timer);
    response.end();
  }, 5);
}

function entryOf([path, content]: [string, Uint8Array]) {
  const sha256 = createHash("sha256").update(content).digest("hex");
  const git = createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
  const lfs = /\.(onnx|safetensors|onnx_data)$/.test(path)
    ? { lfs: { oid: sha256, size: content.length, pointerSize: 130 } }
    : {};
  return { type: "file", path, size: content.length, oid: git, ...lfs };
}
