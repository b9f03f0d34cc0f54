/** Where in a user's own files something failed. */

import { workingFolder } from "./host.ts";

/** Tandem's own code, which no user looks into first. */
const OWN = ["core", "runtimes", "lab", "experiments", "cli"];

// Deno colours what it says of modules.
// deno-lint-ignore no-control-regex
const COLOURS = /\x1b\[[\d;]*m/g;

/** A file of a package: in node_modules, or in Deno's cache. */
const PACKAGE = /\/node_modules\/|\/npm\/[^/]+\/(?:@[^/]+\/)?[^/]+\/\d+\.\d+\.\d+/;

/** A file and a line in a stack, or in what Deno says of a module that it cannot read. */
const FRAME = /\b(file:\/\/\/.+?):(\d+)(?::\d+)?\)?$/gm;

/**
 * The file and line of the first frame that is neither Tandem's nor a package's, as "rule.ts:12";
 * undefined where there is none. Files below the working directory are named from there.
 *
 * @example
 * ```ts
 * import { placeOf } from "./place.ts";
 * import assert from "node:assert/strict";
 * const error = new Error("gone");
 * error.stack = "Error: gone\n    at judge (file:///home/me/my%20rule.ts:12:5)";
 * assert.equal(placeOf(error), "/home/me/my rule.ts:12");
 * assert.equal(placeOf("thrown"), undefined);
 * ```
 */
export function placeOf(error: unknown): string | undefined {
  // Asked for here and not above: sandboxes load this module too, and have no URLs.
  const root = decodePath(new URL("../../", import.meta.url).pathname);
  const isOwn = (path: string) =>
    path === `${root}cli.ts` || PACKAGE.test(path) ||
    OWN.some((room) => path.startsWith(`${root}${room}/`));
  const causes = [error instanceof Error ? error.cause : undefined, error];
  for (const cause of causes) {
    const text = cause instanceof Error ? `${cause.message}\n${cause.stack ?? ""}` : "";
    for (const [, url = "", line] of text.slice(0, 20_000).replace(COLOURS, "").matchAll(FRAME)) {
      const path = pathIn(url);
      if (!isOwn(path)) return `${shortened(path)}:${line}`;
    }
  }
  return undefined;
}

/** The path in a file URL; in a stack its characters stand as they are, in a message encoded. */
function pathIn(url: string): string {
  const written = url.replace(/^file:\/\//, "").replace(/\?version=[^/]*$/, "");
  return /[ #?]/.test(written) ? written : decodePath(written);
}

/** A path from the working directory on. */
function shortened(path: string): string {
  const here = `${workingFolder().replaceAll("\\", "/").replace(/\/$/, "")}/`;
  return path.startsWith(here) ? path.slice(here.length) : path;
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
