/** Where requests go. */
import { TandemError } from "@tandem/core";
import { looksLikeKey } from "./key.ts";

/** What stands for the key in an address. */
const KEY_FIELD = /\{key\}|%7Bkey%7D/gi;

/** Names of parameters that hold keys. */
const KEY_NAME =
  /(?:^|[-_.])(?:(?:api|access|auth|subscription|secret)?[-_]?(?:key|token)|secret|password|passwd|pwd|sig|signature|auth|authorization|credentials?|code)$/i;

/** An address with what may be told of it. */
export interface Endpoint {
  readonly url: URL;
  /** The address without its query. */
  readonly shown: string;
  /** Whether the key is part of it. */
  readonly holdsKey: boolean;
}

/**
 * The address of chat completions under a server's API; its query stays behind the path.
 *
 * @throws {TandemError} E_OPTION where the key stands in the address as it is.
 * @example
 * ```ts
 * import { endpointAt } from "./endpoint.ts";
 * import assert from "node:assert/strict";
 * const { url } = endpointAt("https://host/deployments/d/?api-version=2024-10-21", "");
 * assert.equal(url.href, "https://host/deployments/d/chat/completions?api-version=2024-10-21");
 * ```
 */
export function endpointAt(baseUrl: string, key: string): Endpoint {
  if (key !== "" && [baseUrl, decoded(baseUrl)].some((text) => text.includes(key))) {
    throw new TandemError(
      "E_OPTION",
      'The option "baseUrl" of teacher.chat holds the key: write {key} in its place, as in ' +
        '"https://host/v1?key={key}".',
    );
  }
  const url = new URL(baseUrl);
  const holdsKey = url.search.search(KEY_FIELD) >= 0;
  if (holdsKey && key === "") {
    throw new TandemError(
      "E_OPTION",
      'The option "baseUrl" of teacher.chat has the field {key}, and keyVariable is "": name the ' +
        "variable that holds the key.",
    );
  }
  const path = url.pathname.replace(/\/+$/, "");
  url.pathname = path.endsWith("/chat/completions") ? path : `${path}/chat/completions`;
  url.search = url.search.replace(KEY_FIELD, () => encodeURIComponent(key));
  return { url, shown: `${url.origin}${path}`, holdsKey };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a stray percent sign
  }
}

/** Whether an address has neither a user name nor a password. */
export function hasNoUser(text: string): boolean {
  const url = URL.parse(text);
  return url === null || (url.username === "" && url.password === "");
}

/** Whether no parameter of an address's query looks like a key. */
export function hasNoKey(text: string): boolean {
  return [...URL.parse(text)?.searchParams ?? []].every(([name, value]) =>
    /^\{key\}$/i.test(value) || !(KEY_NAME.test(name) || looksLikeKey(value))
  );
}
