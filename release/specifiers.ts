/** Specifiers in sources and in what is made of them: what a file leads to, and how it says so. */
import { posix } from "node:path";

/** `from "./x.ts"`, `import "./x.ts"`, `import("./x.ts")`, `import.meta.resolve("./x.ts")`. */
const IMPORTED =
  /(?<!")((?:\bfrom|\bimport|\bimport\(|\bimport\.meta\.resolve\()\s*")([^"\n{]+)(")/g;
/** `new URL("./x.ts", import.meta.url)` */
const BESIDE = /(\bnew URL\(\s*")([^"\n{]+)(",\s*import\.meta\.url)/g;
/** Where the compiler found a package's types, in place of the package's name. */
const CACHED =
  /file:\/\/\/[^"]*?\/npm\/[^"]*?\/((?:@[^/"]+\/)?[^/"]+)\/\d+\.\d+\.\d+[^/"]*\/[^"]*/g;
const COMMENT = /^\s*\/\*[^]*?\*\/|^\s*\/\/.*$/gm;
/** `import data from "./data.json" with { type: "json" }` */
const JSON_IMPORT = /("\.[^"\n]+\.json)" with \{\s*type: "json"\s*\}/g;

/** What a text of code leads to, as it is written; comments are left out. */
export function specifiersIn(code: string): string[] {
  const plain = withoutComments(code);
  return [...plain.matchAll(IMPORTED), ...plain.matchAll(BESIDE)].map(([, , found]) => found!);
}

/** Code without comments that have their lines for themselves. */
export function withoutComments(code: string): string {
  return code.replace(COMMENT, "");
}

/** Files beside a source that it leads to: "./x.ts", "../data.json". */
export function relativeImports(code: string): string[] {
  return specifiersIn(code).filter((specifier) => /^\.\.?\/.*\.(ts|json)$/.test(specifier));
}

/** Folders beside a source that it reads from: "./model/". Its own folder and those around it are none. */
export function folderAssets(code: string): string[] {
  return specifiersIn(code).filter((specifier) => /^\.\/[^."]+\/$/.test(specifier));
}

/** The path that a relative specifier means in the file at another. */
export function resolveFrom(path: string, specifier: string): string {
  return posix.join(posix.dirname(path), specifier);
}

/**
 * Code whose specifiers name what stands in a package: JavaScript in place of TypeScript, and modules in
 * place of JSON, which Node 22 imports with a warning and older browsers not at all.
 */
export function asPackaged(code: string): string {
  const renamed = (_: string, before: string, specifier: string, after: string) =>
    before + packagedName(specifier) + after;
  return code.replace(/^\/\/\/ <amd-module .*\n/, "")
    .replace(CACHED, "$1")
    .replace(JSON_IMPORT, '$1.js"')
    .replace(IMPORTED, renamed)
    .replace(BESIDE, renamed);
}

const packagedName = (specifier: string) =>
  specifier.startsWith(".") ? specifier.replace(/(?<!\.d)\.ts$/, ".js") : specifier;
