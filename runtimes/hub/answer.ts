/** One question over HTTP: redirects followed, the key kept at home, the body as it was meant. */
import { notAllowed } from "../files/server.ts";
import { isNotCapable } from "../files/system_error.ts";
import { Interrupted } from "./patience.ts";

/** Where a server is and how one comes in. */
export interface Home {
  /** Its address; the key goes to no other origin. */
  readonly url: URL;
  /** The value of the Authorization header. */
  readonly authorization?: string;
  readonly fetch: typeof fetch;
}

/** A server's last word after its redirects. */
export interface Answer {
  readonly response: Response;
  /** Where it came from. */
  readonly url: URL;
  /** The headers of every response on the way, the first one's first. */
  readonly headers: readonly Headers[];
}

const MOST_REDIRECTS = 10;

/**
 * Asks for a URL. Redirects lead to http and https alone, and never from https to http.
 *
 * @throws Interrupted where a redirect leads nowhere, TandemError E_PERMISSION where Deno may not
 * reach a server, and what fetch throws.
 */
export async function ask(
  { url: home, authorization, fetch }: Home,
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Answer> {
  const passed: Headers[] = [];
  let at = url;
  while (true) {
    const own = authorization !== undefined && at.origin === home.origin;
    const response = await reach(at, () =>
      fetch(at, {
        // Sizes and ranges count bytes of the file itself, not of a compressed form of it.
        headers: {
          ...headers,
          "Accept-Encoding": "identity",
          ...(own ? { Authorization: authorization } : {}),
        },
        redirect: "manual",
        signal,
      }));
    passed.push(response.headers);
    const location = response.headers.get("location");
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) {
      return { response, url: at, headers: passed };
    }
    await response.body?.cancel();
    if (passed.length > MOST_REDIRECTS) {
      throw new Interrupted(`was redirected ${passed.length} times`);
    }
    at = redirected(at, location);
  }
}

function redirected(from: URL, location: string): URL {
  const to = URL.parse(location, from);
  const web = to?.protocol === "https:" || to?.protocol === "http:" && from.protocol === "http:";
  if (!to || !web) {
    throw new Interrupted("was redirected to what is no address of the web, or an unsafe one");
  }
  to.username = to.password = "";
  return to;
}

async function reach(url: URL, work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (cause) {
    throw isNotCapable(cause) ? notAllowed(url, cause) : cause;
  }
}

/** What servers call the compressions that can be undone, and what they are called here. */
const COMPRESSIONS: Readonly<Record<string, CompressionFormat>> = {
  gzip: "gzip",
  "x-gzip": "gzip",
  deflate: "deflate",
};

/** The compression of a body, or "" for none. */
export function compressionOf({ headers }: Response): string {
  const named = headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  return named === "identity" ? "" : named;
}

/**
 * The bytes of a body, decompressed where the server compressed it though it was asked not to.
 *
 * @returns undefined for a compression that is not known.
 */
export function plainBody(response: Response): ReadableStream<Uint8Array> | undefined {
  const body = response.body ?? new Blob([]).stream();
  const compression = compressionOf(response);
  if (compression === "") return body;
  const format = Object.hasOwn(COMPRESSIONS, compression) ? COMPRESSIONS[compression] : undefined;
  return format && body.pipeThrough(new DecompressionStream(format));
}
