/** Sends one request: bounded in size and in where it is sent on to. */
import { outsideText } from "@tandem/core/internal";

/** The longest answer that is read, in bytes. */
const LARGEST_BODY = 1 << 20;

/** Of an error no more is read than this, in bytes. */
const LARGEST_ERROR = 1 << 16;

/** A server may send a request on so many times, to another place of its own. */
const MOST_REDIRECTS = 3;

/** Redirects after which a request is the same as before. */
const REDIRECTS = [301, 302, 307, 308];

/** What came back. */
export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Whether there was more of it than is read. */
  readonly isCut: boolean;
}

/** A server sends a request on to where it is not sent. */
export class Redirected extends Error {
  /** @param target Where to, as it may be shown. */
  constructor(readonly target: string) {
    super(`it sends requests on to "${target}"`);
  }
}

/**
 * Sends a request and reads what comes back. It follows redirects within the server, and none to
 * another: neither the key nor a question reaches a host that was not named.
 *
 * @param secrets Keys that the text of a redirect must not show.
 * @throws {Redirected} Where the server sends the request on to another; what fetch throws otherwise.
 */
export async function send(
  url: URL,
  request: RequestInit,
  secrets: readonly string[],
): Promise<Received> {
  let place = url;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const response = await fetch(place, { ...request, redirect: "manual" });
    const { status, headers } = response;
    const location = headers.get("location");
    if (!REDIRECTS.includes(status) || location === null) {
      const most = status === 200 ? LARGEST_BODY : LARGEST_ERROR;
      return { status, headers, ...await readText(response, most) };
    }
    await response.body?.cancel();
    const next = URL.parse(location, place);
    if (next?.origin !== url.origin || next.origin === "null") {
      const target = next ? `${next.protocol}//${next.host}` : location;
      throw new Redirected(outsideText(target, { secrets, max: 200 }));
    }
    place = next;
  }
  throw new Redirected(`${url.origin}, again and again`);
}

async function readText(response: Response, most: number) {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk.subarray(0, most - size));
    size += chunk.length;
    if (size > most) break; // leaving the loop cancels the stream
  }
  return { text: await new Blob(chunks as BlobPart[]).text(), isCut: size > most };
}
