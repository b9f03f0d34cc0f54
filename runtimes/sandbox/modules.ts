/** Which modules a sandbox may load, and their sources as plain JavaScript. */
import { TandemError } from "@tandem/core";
import { builtin, loadReason, outsideReason, outsideText } from "@tandem/core/internal";
import { diskPath, fileUrl } from "../files/location.ts";

/** The folders of the files that a sandbox lends, as URLs, by what they are called inside. */
const LENT = {
  core: new URL("./", import.meta.resolve("@tandem/core")).href,
  sandbox: new URL("./", import.meta.url).href,
};

/** What a rule may import of Tandem's. */
const DOORS =
  /^(?:npm:|jsr:)?@tandem\/core(?:@[\w.^~-]+)?((?:\/(?:stages|pipeline|run|kit|internal))?)$/;

/** Valibot without comments and spaces, which loads twice as fast. */
const VALIBOT = new URL("./index.min.mjs", import.meta.resolve("valibot")).href;

/** Bytes of a module; none of ours or of any rule has as many. */
const MOST_BYTES = 2 ** 20;
/** Modules of one rule, Tandem's own among them. */
const MOST_MODULES = 500;
/**
 * What takes types out of a file calls itself as deeply as a file is nested, and on a file that is
 * made for it ends the process or takes years. A file of no more words, signs and brackets than
 * these cannot be nested so deeply, however its text is read.
 */
const MOST_TOKENS = 4000, MOST_BRACKETS = 1000;
/** "<" where types are guessed and guessed again: not behind a name or a value that it may follow. */
const GUESSES =
  /(?<![\w$)\]"'\s])\s*<|\b(?:async|await|case|default|extends|in|new|of|return|typeof|void|yield)\s*</g;
const MOST_GUESSES = 12;

/**
 * Finds and reads the modules of one sandboxed rule. Inside they have names that are the same on every
 * machine, so that they take the same memory there.
 */
export class SandboxModules {
  readonly #folder: string;
  readonly #urls = new Map<string, string>();
  /** The module that answers calls. */
  readonly inside: string;
  /** The rule's module. */
  readonly entry: string;

  /**
   * @param url The rule's URL. It may import Tandem's core, Valibot, and files below its own folder.
   * @param text The rule's source, where it is in no file; then it has no folder.
   */
  constructor(private readonly url: string, private readonly text?: string) {
    this.#folder = new URL("./", url).href;
    this.entry = this.#named(url);
    this.inside = this.#named(new URL("./inside.ts", import.meta.url).href);
  }

  /**
   * The modules of a rule that stands in a file (a path or a URL), on npm or on the web. It is read there,
   * and not run.
   *
   * @throws {TandemError} E_PLUGIN where it cannot be read.
   */
  static async of(name: string): Promise<SandboxModules> {
    if (name.startsWith("file:")) return new SandboxModules(name);
    if (!/^[a-z]{2,}:/.test(name)) return new SandboxModules(fileUrl(name));
    if (name.startsWith("jsr:")) {
      throw new TandemError(
        "E_PLUGIN",
        `The sandbox cannot read "${name}"; name its file, as https://jsr.io/@SCOPE/NAME/1.0.0/mod.ts.`,
      );
    }
    let text: unknown;
    try {
      text = (await import(name, { with: { type: "text" } })).default;
    } catch (cause) {
      const reason = loadReason(name, cause);
      throw new TandemError("E_PLUGIN", `The plugin "${name}" cannot be loaded: ${reason}`, {
        cause,
      });
    }
    // A package lies in a folder once it is loaded.
    const url = import.meta.resolve(name);
    return url.startsWith("file:")
      ? new SandboxModules(url)
      : new SandboxModules(name, String(text));
  }

  /** SHA-256 of the rule's own text. */
  get digest(): string {
    return builtin("node:crypto").createHash("sha256").update(this.source(this.entry)).digest(
      "hex",
    );
  }

  /**
   * The name of the module that an import means.
   *
   * @param from The name of the module that imports.
   * @throws {TandemError} E_PLUGIN where the sandbox does not lend it.
   */
  resolve(from: string, specifier: string): string {
    return this.#named(this.#resolved(this.#urls.get(from) ?? from, specifier));
  }

  #named(url: string): string {
    const name = url === this.url
      ? "rule:"
      : lentName(url) !== undefined
      ? `tandem:${lentName(url)}`
      : url.startsWith(this.#folder)
      ? `rule:${url.slice(this.#folder.length)}`
      : "valibot:";
    this.#urls.set(name, url);
    if (this.#urls.size <= MOST_MODULES) return name;
    throw new TandemError("E_PLUGIN", `The rule has more than ${MOST_MODULES} modules.`);
  }

  #resolved(from: string, specifier: string): string {
    if (/^(npm:)?valibot(@[\w.^~-]+)?$/.test(specifier)) return VALIBOT;
    const door = DOORS.exec(specifier);
    if (door) return import.meta.resolve(`@tandem/core${door[1]}`);
    const url = URL.canParse(specifier, from) ? new URL(specifier, from).href : specifier;
    const own = url.startsWith(this.#folder) &&
      !url.slice(this.#folder.length).includes("node_modules/");
    const lent = lentName(url) !== undefined;
    const within = url.startsWith("file:") && /\.[mc]?[jt]s$/.test(url) && (own || lent);
    if (within || from.startsWith(new URL("./", VALIBOT).href)) return url;
    throw new TandemError(
      "E_PLUGIN",
      `"${
        outsideText(specifier)
      }" cannot be imported in the sandbox, which lends @tandem/core, valibot and ` +
        `files beside the rule.`,
    );
  }

  /**
   * A module's source without its types.
   *
   * @throws {TandemError} E_PLUGIN where there is none or it is no TypeScript that can be read safely.
   */
  source(name: string): string {
    const url = this.#urls.get(name) ?? name;
    if (url === this.url && this.text !== undefined) {
      return /\.[mc]?js$/.test(url) ? this.text : withoutTypes(checked(this.text, url), url);
    }
    const path = diskPath(url);
    const text = readModule(path);
    if (!/\.[mc]?ts$/.test(path)) return text;
    return withoutTypes(lentName(url) === undefined ? checked(text, path) : text, path);
  }
}

/** What one of Tandem's own files is called inside; undefined for others. */
function lentName(url: string): string | undefined {
  for (const [name, folder] of Object.entries(LENT)) {
    if (url.startsWith(folder)) return `${name}/${url.slice(folder.length)}`;
  }
  return undefined;
}

function readModule(path: string): string {
  const { readFileSync, statSync } = builtin("node:fs");
  const status = statSync(path, { throwIfNoEntry: false });
  if (!status?.isFile()) throw new TandemError("E_PLUGIN", `There is no module "${path}".`);
  if (status.size > MOST_BYTES) {
    throw new TandemError("E_PLUGIN", `"${path}" has more than ${MOST_BYTES} bytes.`);
  }
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new TandemError("E_PLUGIN", `"${path}" cannot be read.`, { cause });
  }
}

/**
 * A text that is not too much for what takes its types out.
 *
 * @throws {TandemError} E_PLUGIN
 */
function checked(text: string, path: string): string {
  const number = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
  const refuse = (what: string) => {
    throw new TandemError(
      "E_PLUGIN",
      `"${path}" has ${what}, too much TypeScript for the sandbox; right would be several files, or ` +
        "JavaScript, which may be longer.",
    );
  };
  if (text.length > MOST_BYTES) refuse(`more than ${MOST_BYTES} characters`);
  const tokens = number(/[\p{L}\p{N}_$]+|[^\s\p{L}\p{N}_$]/gu);
  if (tokens > MOST_TOKENS) refuse(`${tokens} words and signs, more than ${MOST_TOKENS}`);
  const brackets = number(/[([{`]/g);
  if (brackets > MOST_BRACKETS) refuse(`${brackets} brackets, more than ${MOST_BRACKETS}`);
  const guesses = number(GUESSES);
  if (guesses > MOST_GUESSES) refuse(`${guesses} "<" before no name, more than ${MOST_GUESSES}`);
  return text;
}

function withoutTypes(text: string, path: string): string {
  try {
    return stripped(text, "strip"); // keeps lines and columns
  } catch {
    return transform(text, path);
  }
}

/** The way for what cannot merely be left out, such as parameter properties. */
function transform(text: string, path: string): string {
  try {
    return stripped(text, "transform");
  } catch (cause) {
    if (cause instanceof TandemError) throw cause;
    const reason = outsideReason(cause instanceof Error ? cause.message.split("\n")[0] : cause);
    throw new TandemError("E_PLUGIN", `"${path}" cannot be read as TypeScript: ${reason}`, {
      cause,
    });
  }
}

/** @throws {TandemError} E_PLUGIN where the engine cannot, as Bun cannot. */
function stripped(text: string, mode: "strip" | "transform"): string {
  const { stripTypeScriptTypes } = builtin("node:module");
  if (stripTypeScriptTypes) return stripTypeScriptTypes(text, { mode });
  throw new TandemError(
    "E_PLUGIN",
    "This engine takes no types out of TypeScript, which the sandbox needs; Deno and Node (from 22.13 on) do.",
  );
}
