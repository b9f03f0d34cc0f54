/** How long a server asks to be left alone. */

/**
 * The milliseconds that a response's headers ask for: `Retry-After` in seconds, as a date or with its
 * unit ("250ms"), or `Retry-After-Ms`. Undefined where they ask for nothing that can be read.
 *
 * @param now The time of day in milliseconds since 1970, where the response does not say its own.
 * @example
 * ```ts
 * import { retryAfter } from "./retry_after.ts";
 * import assert from "node:assert/strict";
 * assert.equal(retryAfter(new Headers({ "retry-after": "2" })), 2000);
 * assert.equal(retryAfter(new Headers({ "retry-after-ms": "150" })), 150);
 * const date = "Fri, 02 Jan 2026 00:00:05 GMT";
 * assert.equal(retryAfter(new Headers({ "retry-after": date }), Date.UTC(2026, 0, 2)), 5000);
 * ```
 */
export function retryAfter(headers: Headers, now: number = Date.now()): number | undefined {
  const milliseconds = amountOf(headers.get("retry-after-ms"), 1);
  if (milliseconds !== undefined) return milliseconds;
  const text = headers.get("retry-after")?.trim() ?? "";
  const amount = amountOf(text, 1000);
  if (amount !== undefined) return amount;
  // A date begins with the name of a day; Date.parse() alone would take "-5" for one.
  const until = /^[a-z]/i.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(until)) return undefined;
  // By the server's own watch, which need not be ours.
  const sent = Date.parse(headers.get("date") ?? "");
  return Math.max(0, until - (Number.isNaN(sent) ? now : sent));
}

function amountOf(text: string | null, unit: number): number | undefined {
  const [, amount, named] = /^\s*(\d+(?:\.\d+)?)\s*(ms|s)?\s*$/i.exec(text ?? "") ?? [];
  if (amount === undefined) return undefined;
  const scale = named === undefined ? unit : named.toLowerCase() === "ms" ? 1 : 1000;
  return Number(amount) * scale;
}
