/** Where a module that a user or a document names is loaded from. */
import { isWindows, workingFolder } from "./host.ts";
import { TandemError } from "./errors.ts";
import { outsideText } from "./outside.ts";

/** Where a plugin may come from, beside a path. */
const SCHEMES: readonly string[] = ["file", "http", "https", "npm", "jsr"];

/** One letter before a colon is a drive. */
const SCHEME = /^([a-z][a-z\d+.-]+):/i;

/**
 * Whether a plugin's name is a module specifier rather than a built-in name: a path, a URL, or anything
 * that ends like a module's file.
 */
export function isModule(name: string): boolean {
  return isPath(name) || schemeOf(name) !== undefined || /^[A-Za-z]:\\/.test(name) ||
    /\.[mc]?[jt]s$/.test(name);
}

/**
 * The URL of a module. A path may hold any character ("#", "?", "%") and is relative to the working
 * directory.
 *
 * @throws {TandemError} E_PLUGIN for a URL that holds code itself (`data:`, `blob:`), or whose scheme
 * is none that plugins come from.
 * @example
 * ```ts
 * import { moduleUrl } from "./module_url.ts";
 * import assert from "node:assert/strict";
 * assert.equal(moduleUrl("/tmp/C# work/50%25.ts"), "file:///tmp/C%23%20work/50%2525.ts");
 * assert.equal(moduleUrl("npm:@you/rule@1.0.0"), "npm:@you/rule@1.0.0");
 * assert.throws(() => moduleUrl(" DATA:text/javascript,0"), /E_PLUGIN/);
 * ```
 */
export function moduleUrl(name: string): string {
  const scheme = isPath(name) ? undefined : schemeOf(name);
  if (scheme === undefined) return pathUrl(name);
  if (SCHEMES.includes(scheme)) return name.trim();
  throw new TandemError(
    "E_PLUGIN",
    `A plugin is not loaded from a "${
      outsideText(scheme, { max: 20 })
    }:" URL; it stands in a file, ` +
      `or on npm, JSR or the web.`,
  );
}

/** The path of a module in a file; undefined for one on npm, JSR or the web. */
export function moduleFile(name: string): string | undefined {
  const url = moduleUrl(name);
  if (!/^file:/i.test(url)) return undefined;
  if (schemeOf(name) === undefined || isPath(name)) return name;
  const path = decodeURIComponent(new URL(url).pathname);
  return isWindows() ? path.slice(1) : path;
}

function isPath(name: string): boolean {
  return /^\.{0,2}\//.test(name);
}

/** The scheme, as one finds it who reads URLs: blanks and line breaks do not count. */
function schemeOf(name: string): string | undefined {
  // deno-lint-ignore no-control-regex
  return SCHEME.exec(name.replace(/[\x00-\x20]/g, ""))?.[1]?.toLowerCase();
}

/** A path as a URL, without what URLs read as something else. */
function pathUrl(path: string): string {
  const hasDrives = isWindows();
  const escaped = (text: string) =>
    (hasDrives ? text.replaceAll("\\", "/") : text)
      // deno-lint-ignore no-control-regex
      .toWellFormed().replace(/[%?#\\\x00-\x20\x7f]/g, encodeURIComponent);
  const base = escaped(workingFolder()).replace(/\/$/, "");
  const isAbsolute = /^\/|^[A-Za-z]:[\\/]/.test(path);
  const whole = isAbsolute && (hasDrives || path.startsWith("/"))
    ? escaped(path)
    : `${base}/${escaped(path)}`;
  return new URL(`file://${whole.startsWith("/") ? "" : "/"}${whole}`).href;
}
