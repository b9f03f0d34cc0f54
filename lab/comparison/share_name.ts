/**
 * A round share as people say it.
 *
 * @example
 * ```ts
 * import { shareName } from "./share_name.ts";
 * import assert from "node:assert/strict";
 * assert.equal(shareName(0.9), "90\u00a0%");
 * assert.equal(shareName(0.995), "99.5\u00a0%");
 * ```
 */
export function shareName(share: number): string {
  return `${Number((100 * share).toFixed(1))}\u00a0%`;
}
