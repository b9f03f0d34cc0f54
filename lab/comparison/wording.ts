/** Numbers as comparisons word them. */

/**
 * A round share as people say it.
 *
 * @example
 * ```ts
 * import { shareName } from "./wording.ts";
 * import assert from "node:assert/strict";
 * assert.equal(shareName(0.9), "90\u00a0%");
 * assert.equal(shareName(0.995), "99.5\u00a0%");
 * ```
 */
export function shareName(share: number): string {
  return `${Number((100 * share).toFixed(1))}\u00a0%`;
}

/** A short time, in two digits or to the millisecond. */
export function milliseconds(seconds: number): string {
  const value = 1000 * seconds;
  return `${value < 100 ? value.toPrecision(2) : Math.round(value)} ms`;
}
