/** Shares and their differences. */
import { wilson } from "@tandem/core";
import type { Interval } from "./bootstrap.ts";

/** A share of trials, as counts. */
export interface Share {
  readonly hits: number;
  readonly of: number;
}

/** hits / of; NaN for none. */
export function rate({ hits, of }: Share): number {
  return hits / of;
}

/** Wilson's 95 % interval of a share. */
export function shareInterval({ hits, of }: Share): Interval {
  return wilson(hits, of);
}

/**
 * The 95 % interval of the difference a - b of two independent shares, by Newcombe's hybrid of
 * Wilson's intervals (R. G. Newcombe, Statistics in Medicine 17, 1998, method 10).
 *
 * @example Newcombe's own example, 56 of 70 against 48 of 80.
 * ```ts
 * import { differenceInterval } from "@tandem/lab/statistics";
 * import assert from "node:assert/strict";
 * const ends = differenceInterval({ hits: 56, of: 70 }, { hits: 48, of: 80 });
 * assert.deepEqual(ends.map((end) => end.toFixed(4)), ["0.0524", "0.3339"]);
 * ```
 */
export function differenceInterval(a: Share, b: Share): Interval {
  const [p, q] = [rate(a), rate(b)];
  const [pLow, pHigh] = shareInterval(a);
  const [qLow, qHigh] = shareInterval(b);
  return [
    p - q - Math.hypot(p - pLow, qHigh - q),
    p - q + Math.hypot(pHigh - p, q - qLow),
  ];
}
