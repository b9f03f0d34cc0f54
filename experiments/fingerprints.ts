/** Fingerprints of the files that pipelines name: when one changes, what it led to is done anew. */
import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { moduleFile } from "../core/base/module_url.ts";
import type { PipelineJson } from "../core/pipeline/pipeline.ts";
import { isModule } from "../core/pipeline/plugin.ts";
import { STAGE_KINDS } from "../core/stages/mod.ts";
import { readFile } from "../runtimes/files/read.ts";
import { withoutSources } from "../lab/sources.ts";

/** Tandem's own code, which its version stands for. */
export const OWN_CODE: readonly string[] = [
  "core",
  "runtimes",
  "plugins",
  "lab",
  "experiments",
  "cli",
].map((name) => fileURLToPath(import.meta.resolve(`../${name}`)));

/** A folder with more in it is no model and no plugin; it may be a whole disk that somebody names. */
const MOST_FILES = 10_000;

/** Bytes of a module. */
const MOST_BYTES = 2 ** 26;

/** Bytes that are read at once: of a file whose size is not known, and of a large one. */
const [SMALLEST_PART, LARGEST_PART] = [2 ** 12, 2 ** 20];

/** What reading content may cost. */
interface Bounds {
  /** Files and folders that may still be opened. */
  left: number;
  readonly signal?: AbortSignal;
}

/** The content of files that pipelines name, read once each. */
export class Fingerprints {
  readonly #known = new Map<string, Promise<string | undefined>>();

  /** @param signal Ends reading: what is not read by then counts as missing. */
  constructor(private readonly signal?: AbortSignal) {}

  /**
   * SHA-256 by name of the plugins' modules, with what these import from files beside them, and of the
   * files and folders among the options.
   *
   * @param isAsked Which of the names are looked at; default all.
   */
  async of(
    pipeline: PipelineJson,
    isAsked: (name: string) => boolean = () => true,
  ): Promise<Record<string, string>> {
    // What they begin with has its own SHA-256.
    const stages = withoutSources([
      ...STAGE_KINDS.map((kind) => pipeline[kind]),
      ...Object.values(pipeline.extras ?? {}),
    ]);
    const files: Record<string, string> = {};
    for (const name of new Set(stages.flatMap(namesIn).filter(isAsked))) {
      const hash = await this.#hash(name);
      if (hash !== undefined) files[name] = hash;
    }
    return files;
  }

  #hash(name: string): Promise<string | undefined> {
    const known = this.#known.get(name) ?? contentNamed(name, this.signal).catch(() => undefined);
    this.#known.set(name, known);
    return known;
  }
}

async function contentNamed(name: string, signal?: AbortSignal): Promise<string> {
  if (/\.[mc]?[jt]s$/.test(name)) return await contentOfModule(moduleFile(name)!);
  return await contentOf(pathOf(name), { left: MOST_FILES, signal });
}

/** Texts of a stage that may name files: modules, and options such as a model's folder. */
function namesIn(value: unknown): string[] {
  if (typeof value === "string") return isModule(value) || isOptionPath(value) ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(namesIn);
}

/** A short line could be a file's name; a prompt is none. */
function isOptionPath(text: string): boolean {
  return /^[^\p{Cc}]{1,200}$/u.test(text);
}

function pathOf(name: string): string {
  if (name === "shipped") return fileURLToPath(import.meta.resolve("../models/tandem-t5-babyai"));
  return name.startsWith("file:") ? fileURLToPath(name) : name;
}

/**
 * SHA-256 of a file, or of a folder's files with their names.
 *
 * @throws Where a part cannot be read, or the bounds are reached.
 */
export async function contentOf(
  path: string,
  bounds: Bounds = { left: MOST_FILES },
): Promise<string> {
  if (--bounds.left < 0) throw new Error(`more than ${MOST_FILES} files`);
  const hash = createHash("sha256");
  const info = await Deno.stat(path);
  if (info.isFile) {
    using file = await Deno.open(path);
    // Most files are small, and there are hundreds: clearing memory for more costs more than reading.
    const part = new Uint8Array(Math.min(Math.max(info.size, SMALLEST_PART), LARGEST_PART));
    for (let read = await file.read(part); read !== null; read = await file.read(part)) {
      bounds.signal?.throwIfAborted();
      hash.update(part.subarray(0, read));
    }
    return hash.digest("hex");
  }
  const entries = await Array.fromAsync(Deno.readDir(path));
  for (const { name } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    hash.update(`${name}\n${await contentOf(join(path, name), bounds)}\n`);
  }
  return hash.digest("hex");
}

/**
 * SHA-256 of a module and of the files that it reaches by imports, Tandem's own left out.
 *
 * @throws Where the module cannot be read.
 */
export async function contentOfModule(path: string): Promise<string> {
  const hash = createHash("sha256");
  const decoder = new TextDecoder();
  const seen = new Set([resolve(path)]);
  for (const file of seen) {
    const bytes = await readFile(file, MOST_BYTES);
    hash.update(bytes).update("\n");
    for (const specifier of fileImportsIn(decoder.decode(bytes))) {
      const reached = reachedFrom(file, specifier);
      if (reached !== undefined && await isFile(reached)) seen.add(reached);
    }
  }
  return hash.digest("hex");
}

/**
 * `from "./x.ts"`, `import "./x.ts"`, `import("./x.ts")`, `require("./x.cjs")`, `new URL("./x.json", ...)`;
 * from the root, or as a URL, too, and with remarks between.
 */
const FILE_IMPORT =
  /\b(?:from|import|require|URL)(?:\s|\(|\/\*[^]*?\*\/|\/\/.*\n)*["'`]((?:\.{0,2}\/|file:)[^"'`\n]+)["'`]/g;

/**
 * Types are gone when a module runs: files that lend nothing else change nothing. What stands behind a
 * type that is declared (`export type A = B`, without a semicolon) is no part of it, and a name may be
 * "type".
 */
const TYPE_IMPORT =
  /^\s*(?:import|export)\s+type\s+(?:\{[^{}"'`;]*\}|\*(?:\s+as\s+[\w$]+)?|(?!from\b)[\w$]+)\s*\bfrom\s*["'][^"']+["']/gm;

/** The files that a module's text imports values from, as it names them. */
export function fileImportsIn(text: string): string[] {
  const imports = text.replace(TYPE_IMPORT, "").matchAll(FILE_IMPORT);
  return Array.from(imports, ([, specifier = ""]) => specifier);
}

/** The file that an import names; undefined for Tandem's own. */
function reachedFrom(file: string, specifier: string): string | undefined {
  const url = URL.canParse(specifier, pathToFileURL(file))
    ? new URL(specifier, pathToFileURL(file))
    : undefined;
  if (url?.protocol !== "file:") return undefined;
  const reached = fileURLToPath(url);
  const isOwn = OWN_CODE.some((own) => reached === own || reached.startsWith(`${own}/`));
  return isOwn ? undefined : reached;
}

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then((info) => info.isFile, () => false);
}
