/** Names of drafts: files that are written whole before they get their own name. */

/**
 * A name beside `path` that no other process and no other call has: two that write the same file at
 * once do not write into each other's draft.
 *
 * @example
 * ```ts
 * import { draftOf } from "@tandem/runtimes/files";
 * import assert from "node:assert/strict";
 * assert.notEqual(draftOf("a.json"), draftOf("a.json"));
 * assert.match(draftOf("a.json"), /^a\.json\.[\w-]+\.tmp$/);
 * ```
 */
export function draftOf(path: string): string {
  return `${path}.${crypto.randomUUID().slice(0, 13)}.tmp`;
}

/** Whether a name is one that {@linkcode draftOf} gives. */
export function isDraft(name: string): boolean {
  return /.\.[0-9a-f]{8}-[0-9a-f]{4}\.tmp$/.test(name);
}
