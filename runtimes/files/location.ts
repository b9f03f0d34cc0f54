/** Where a file is: a path, or the URL of one on a disk or at a server. */
import { builtin } from "@tandem/core/internal";

/** A scheme; of two letters at least, as one is a drive of Windows. */
const SCHEME = /^[a-z][a-z\d+.-]+:/i;

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
  if (SCHEME.test(path)) return path;
  return builtin("node:url").pathToFileURL(builtin("node:path").resolve(path)).href;
}

/** The URL that a location at a server is, of "http:" or "https:"; undefined for one on a disk. */
export function serverUrl(location: string): URL | undefined {
  return /^https?:/i.test(location) ? new URL(location) : undefined;
}

/** The path of a location on a disk, which may be the URL of a file. */
export function diskPath(location: string): string {
  return /^file:/i.test(location) ? builtin("node:url").fileURLToPath(location) : location;
}

/**
 * The location of a file in a folder that is a path or a URL.
 *
 * @param name With "/" between its parts.
 * @example
 * ```ts
 * import { inFolder } from "./location.ts";
 * import assert from "node:assert/strict";
 * assert.equal(inFolder("models/t5/", "config.json"), "models/t5/config.json");
 * assert.equal(inFolder("https://h.org/t5?v=1", "a b.json"), "https://h.org/t5/a%20b.json?v=1");
 * ```
 */
export function inFolder(folder: string, name: string): string {
  const trimmed = folder.replace(/(?<=.)[/\\]+$/, "");
  if (!/^(?:https?|file):/i.test(folder)) {
    return trimmed === "/" ? `/${name}` : `${trimmed}/${name}`;
  }
  const url = new URL(folder);
  const encoded = name.split("/").map(encodeURIComponent).join("/");
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${encoded}`;
  return url.href;
}

/** The last part of a path or a URL. */
export function lastPart(location: string): string {
  return location.replace(/[/\\]+$/, "").split(/[/\\]/).at(-1)!;
}

/** What stands before the last part of a path or a URL: the folder of a file. */
export function folderOf(location: string): string {
  const url = serverUrl(location);
  if (!url) return builtin("node:path").dirname(diskPath(location));
  url.pathname = url.pathname.replace(/\/[^/]*$/, "");
  return url.href;
}
