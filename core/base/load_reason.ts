/** Why a module that a user named cannot be loaded, and what to do. */
import { outsideText } from "./outside.ts";
import { workingFolder } from "./host.ts";
import { placeOf } from "./place.ts";

// Control characters are what this is about: Deno colours its messages.
// deno-lint-ignore no-control-regex
const COLOURS = /\x1b\[[\d;]*m/g;

const FILE_URL = /file:\/\/\/[^\s"']+/g;

/** A file's URL as its path. */
function pathOf(url: string): string {
  try {
    return decodeURIComponent(new URL(url).pathname);
  } catch {
    return url;
  }
}

/**
 * The reason in one line: what Deno says, with the place in the user's files, or where its permissions or the lock file stand in the way,
 * what lets the module through.
 *
 * @param name What was to be loaded.
 * @param cause What `import` threw.
 * @example
 * ```ts
 * import { loadReason } from "@tandem/core/internal";
 * import assert from "node:assert/strict";
 * const cause = new TypeError('Requires import access to "h.org:80", run again with ...');
 * assert.match(loadReason("http://h.org/a.ts", cause), /TANDEM_ALLOW=--allow-import=h.org:80/);
 * ```
 */
export function loadReason(name: string, cause: unknown): string {
  const message = (cause instanceof Error ? cause.message : String(cause)).replace(COLOURS, "");
  const [, host] = /Requires import access to "([^"]+)"/.exec(message) ?? [];
  if (host) {
    return `nothing may be imported from "${host}"; put TANDEM_ALLOW=--allow-import=${host} before ` +
      `the command to allow it.`;
  }
  if (/Could not find package '@tandem\//.test(message)) {
    return "it is a package that uses Tandem's own, which it finds in a folder node_modules alone; put " +
      "TANDEM_ALLOW=--node-modules-dir=auto before the command.";
  }
  if (/lockfile is out of date/.test(message)) {
    const missing = [...message.matchAll(/"((?:npm|jsr|https?):[^"]+)": /g)].map(([, key]) => key!);
    const names = missing.length > 0 ? missing : [name];
    return `deno.lock does not hold "${names.join('", "')}"; "deno task plugins:add ${
      names.join(" ")
    }" adds what you trust.`;
  }
  const first = outsideText(message.split("\n")[0]!.replaceAll(FILE_URL, pathOf));
  const place = placeOf(cause);
  const where = place === undefined ? "" : ` (at ${place})`;
  const hint = /^Module not found/.test(first) && place === undefined && /^\.{1,2}\//.test(name)
    ? ` Paths are relative to "${workingFolder()}", where tasks run from whatever folder they are started.`
    : "";
  return `${hint === "" ? first : first.replace(/\.?$/, ".")}${where}${hint}`;
}
