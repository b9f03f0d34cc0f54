/** Paths as URLs. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * The URL of a path, which may be relative to the working directory and may hold "#", "?" and "%"; what
 * is a URL already stays as it is.
 *
 * @example
 * ```ts
 * import { fileUrl } from "@tandem/runtimes/files";
 * import assert from "node:assert/strict";
 * assert.equal(fileUrl("/tmp/C# work/50%.ts"), "file:///tmp/C%23%20work/50%25.ts");
 * assert.equal(fileUrl("npm:@you/rule@1.0.0"), "npm:@you/rule@1.0.0");
 * ```
 */
export function fileUrl(path: string): string {
  return /^[a-z]{2,}:/.test(path) ? path : pathToFileURL(resolve(path)).href;
}
