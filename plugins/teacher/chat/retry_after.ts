/** How long a server asks to be left alone. */

const UNITS: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
};

/** Larger numbers are moments, in seconds or milliseconds since 1970, and not seconds from now. */
const [EARLIEST_SECONDS, EARLIEST_MILLISECONDS] = [1e9, 1e12] as const;

/**
 * Milliseconds that a response's headers ask for, or undefined: `Retry-After` in seconds or as a date,
 * `retry-after-ms`, else when a limit that is used up is lifted (`x-ratelimit-reset` and its kin). Dates
 * are held against the server's own clock, where it gives it.
 *
 * @param now Milliseconds since 1970, where the server does not say.
 * @example
 * ```ts
 * import { retryAfter } from "./retry_after.ts";
 * import assert from "node:assert/strict";
 * const after = (headers: HeadersInit) => retryAfter(new Headers(headers), () => 0);
 * assert.equal(after({ "retry-after": "2" }), 2000);
 * assert.equal(after({ "retry-after": "Thu, 01 Jan 1970 00:00:03 GMT" }), 3000);
 * assert.equal(after({ "retry-after-ms": "1500", "retry-after": "2" }), 1500);
 * assert.equal(after({ "x-ratelimit-reset": "1m2.5s" }), 62_500);
 * ```
 */
export function retryAfter(headers: Headers, now: () => number): number | undefined {
  const milliseconds = numberIn(headers.get("retry-after-ms"));
  if (milliseconds !== undefined) return milliseconds;
  const clock = () => dateIn(headers.get("date")) ?? now();
  return waitIn(headers.get("retry-after"), clock) ?? resetIn(headers, clock);
}

/** The last of the limits that are used up; where none is said to be, the first that is lifted. */
function resetIn(headers: Headers, now: () => number): number | undefined {
  const resets = [...headers].flatMap(([name, value]) => {
    if (!/(?:^|-)ratelimit-(?:.*-)?reset(?:-|$)/.test(name)) return [];
    const wait = waitIn(value, now);
    const left = numberIn(headers.get(name.replace("reset", "remaining")));
    return wait === undefined ? [] : [{ wait, isUsedUp: left === 0 }];
  });
  const usedUp = resets.filter(({ isUsedUp }) => isUsedUp).map(({ wait }) => wait);
  if (usedUp.length > 0) return Math.max(...usedUp);
  return resets.length > 0 ? Math.min(...resets.map(({ wait }) => wait)) : undefined;
}

/** A wait in seconds, as a duration ("6m0s"), or until a moment. */
function waitIn(text: string | null, now: () => number): number | undefined {
  const number = numberIn(text);
  if (number !== undefined) {
    if (number < EARLIEST_SECONDS) return 1000 * number;
    return Math.max(0, (number < EARLIEST_MILLISECONDS ? 1000 * number : number) - now());
  }
  const value = text?.trim() ?? "";
  if (/^(?:\d+(?:\.\d+)?(?:ms|[dhms]))+$/.test(value)) {
    const parts = value.matchAll(/(\d+(?:\.\d+)?)(ms|[dhms])/g);
    return [...parts].reduce((sum, [, size, unit]) => sum + Number(size) * UNITS[unit!]!, 0);
  }
  const date = dateIn(value);
  return date === undefined ? undefined : Math.max(0, date - now());
}

function numberIn(text: string | null): number | undefined {
  const value = text?.trim() ?? "";
  return /^\d{1,15}(?:\.\d{1,15})?$/.test(value) ? Number(value) : undefined;
}

function dateIn(text: string | null): number | undefined {
  // A bare number is no date, whatever Date.parse makes of it.
  if (!text || !/\d:\d\d/.test(text)) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : date;
}
