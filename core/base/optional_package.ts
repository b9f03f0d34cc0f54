/** Packages that only some need: they are imported where they are used, and missed in a sentence. */
import { TandemError } from "./errors.ts";
import { outsideText } from "./outside.ts";

/** More of a reason than this is not read. */
const LONGEST_REASON = 300;

/**
 * Imports a package that only some need.
 *
 * @typeParam T What the package exports, as `typeof import("vega")`.
 * @param name The package, or a path in it.
 * @param purpose What it does here, as the end of "which ...": "draws the charts of a report".
 * @param load Imports what it is given, `(name) => import(name)`, in the caller's own file, where
 * package managers look for it. A name that is no literal keeps a package from being fetched for all.
 * @throws TandemError E_PACKAGE where it is not installed and cannot be fetched.
 *
 * @example
 * ```ts
 * import { importOptional } from "./optional_package.ts";
 * import assert from "node:assert/strict";
 * const path = await importOptional<typeof import("node:path")>(
 *   "node:path",
 *   "joins paths",
 *   (name) => import(name),
 * );
 * assert.equal(path.posix.join("a", "b"), "a/b");
 * await assert.rejects(importOptional("not-there", "does nothing", (name) => import(name)), {
 *   code: "E_PACKAGE",
 *   message: 'The package "not-there", which does nothing, is not installed; "npm install ' +
 *     'not-there" (in Deno: "deno add npm:not-there") installs it.',
 * });
 * ```
 */
export async function importOptional<T>(
  name: string,
  purpose: string,
  load: (name: string) => Promise<unknown>,
): Promise<T> {
  try {
    return await load(name) as T;
  } catch (cause) {
    const missing = missingPackage(name, purpose, cause);
    if (missing === undefined) throw cause;
    throw new TandemError("E_PACKAGE", missing, { cause });
  }
}

/** What to do where a package is not there; undefined where it is, and fails. */
function missingPackage(name: string, purpose: string, cause: unknown): string | undefined {
  const { code, message } = (cause ?? {}) as { code?: unknown; message?: unknown };
  const said = String(message);
  const [, versioned, reason] = NOT_FETCHED.exec(said) ?? [];
  const subject = `The package "${packageOf(name)}", which ${purpose},`;
  if (versioned) {
    return `${subject} could not be fetched (${
      outsideText(reason!, { max: LONGEST_REASON })
    }); where the registry can be reached, "deno task packages" fetches all that Tandem may need, ` +
      `and "deno cache npm:${versioned}" this one.`;
  }
  const isMissing = code === "ERR_MODULE_NOT_FOUND" && said.includes(packageOf(name));
  if (!isMissing && !said.includes(`specifier "${name}"`)) return undefined;
  const installed = packageOf(name);
  return `${subject} is not installed; "npm install ${installed}" ` +
    `(in Deno: "deno add npm:${installed}") installs it.`;
}

/** What Deno says of a package that is not in its cache: the package with its version, and why. */
const NOT_FETCHED = /^Failed caching npm package '([^']+)'\s+0: ([^\n]+)/;

/** "@scope/name" of "@scope/name/path". */
function packageOf(name: string): string {
  return name.split("/").slice(0, name.startsWith("@") ? 2 : 1).join("/");
}
