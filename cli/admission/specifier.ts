/** How a plugin that is to be let in is named: four forms and no others. */
import { TandemError } from "../../core/base/errors.ts";
import { isModule, moduleFile, moduleUrl } from "../../core/base/module_url.ts";
import { outsideText } from "../../core/base/outside.ts";

/** Where a plugin comes from. */
export type Source = "npm" | "jsr" | "web" | "file";

/** A plugin as its user names it. */
export interface Specifier {
  readonly source: Source;
  /** As it is written behind `--set feedback=`. */
  readonly text: string;
  /** The package without its version, or the host; "" for a file. */
  readonly name: string;
  /** The version; "" for a file and for the web. */
  readonly version: string;
}

const FORMS = "npm:NAME@1.2.3, jsr:@SCOPE/NAME@1.2.3, https://HOST/FILE.ts or ./FILE.ts";

/** A package: its name, what stands behind "@", and the path of an export. */
const PACKAGE = /^(npm|jsr):\/?((?:@[^@/\s]+\/)?[^@/\s]+)(?:@([^/\s]*))?(\/\S*)?$/;
const VERSION = /^\d+\.\d+\.\d+(?:-[\da-z.-]+)?(?:\+[\da-z.-]+)?$/i;
const NAMES = {
  npm: /^(?:@[a-z\d~-][a-z\d._~-]*\/)?[a-z\d~-][a-z\d._~-]*$/i,
  jsr: /^@[a-z\d][a-z\d-]*\/[a-z\d][a-z\d-]*$/,
} as const;

/**
 * Reads what was typed.
 *
 * @throws {TandemError} E_ARGUMENT for what is none of the four forms, and for a package whose version
 * is missing or a range: deno.lock holds one version, and a pipeline names one.
 * @example
 * ```ts
 * import { readSpecifier } from "./specifier.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(readSpecifier("npm:@you/rule@1.0.0"), {
 *   source: "npm", text: "npm:@you/rule@1.0.0", name: "@you/rule", version: "1.0.0",
 * });
 * assert.throws(() => readSpecifier("npm:@you/rule@^1.0.0"), /a range of versions/);
 * ```
 */
export function readSpecifier(text: string): Specifier {
  if (/^(npm|jsr):/.test(text)) return readPackage(text);
  if (/^https?:/.test(text)) return readAddress(text);
  const isFile = isModule(text) && !/^[a-z][a-z\d+.-]+:/i.test(text) || /^file:/.test(text);
  if (!isFile) throw fault(text, `is no place of a plugin; write ${FORMS}.`);
  moduleUrl(text);
  if (!/\.[mc]?[jt]s$/.test(moduleFile(text) ?? "")) {
    throw fault(text, "is no module; name a file that ends in .ts or .js.");
  }
  return { source: "file", text, name: "", version: "" };
}

function readPackage(text: string): Specifier {
  const [, source, name = "", version] = PACKAGE.exec(text) ?? [];
  if (source !== "npm" && source !== "jsr" || !NAMES[source].test(name)) {
    const example = text.startsWith("jsr:") ? "jsr:@you/my-rule@1.0.0" : "npm:my-rule@1.0.0";
    throw fault(text, `names no package; write ${example}.`);
  }
  if (version !== undefined && VERSION.test(version)) return { source, text, name, version };
  const what = version ? `names a range of versions or a tag, "${version}"` : "names no version";
  throw fault(text, `${what}; a run has to name one version, such as ${source}:${name}@1.0.0.`);
}

function readAddress(text: string): Specifier {
  const url = URL.parse(text);
  if (!url) throw fault(text, "is no address; write https://HOST/FILE.ts.");
  if (url.username || url.password) {
    throw fault(text, "holds a user name or password, which runs would keep; leave it out.");
  }
  return { source: "web", text, name: url.host, version: "" };
}

function fault(text: string, what: string): TandemError {
  return new TandemError("E_ARGUMENT", `"${outsideText(text)}" ${what}`);
}
