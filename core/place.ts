/** Where in a user's own files something failed. */

/** Tandem's own code, which no user looks into first. */
const OWN = ["core", "runtimes", "lab", "cli"].map((room) =>
  new URL(`../${room}`, import.meta.url).href
);

// Deno colours what it says of modules.
// deno-lint-ignore no-control-regex
const COLOURS = /\x1b\[[\d;]*m/g;

/** A file and a line in a stack, or in what Deno says of a module that it cannot read. */
const FRAME = /\b(file:\/\/\/[^\s()]+?):(\d+)(?::\d+)?\b/g;

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
  const causes = [error, error instanceof Error ? error.cause : undefined];
  for (const cause of causes.reverse()) {
    const text = cause instanceof Error ? `${cause.message}\n${cause.stack ?? ""}` : "";
    for (const [, url = "", line] of text.slice(0, 20_000).replace(COLOURS, "").matchAll(FRAME)) {
      const isOwn = OWN.some((own) => url.startsWith(`${own}/`) || url === `${own}.ts`);
      if (!isOwn && !url.includes("/node_modules/")) return `${fileName(url)}:${line}`;
    }
  }
  return undefined;
}

/** A file URL as a person names the file. */
function fileName(url: string): string {
  const path = decodePath(new URL(url.replace(/\?version=[^/]*$/, "")).pathname);
  const here = `${Deno.cwd().replaceAll("\\", "/").replace(/\/$/, "")}/`;
  return path.startsWith(here) ? path.slice(here.length) : path;
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
