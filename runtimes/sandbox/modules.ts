/** Which modules a sandbox may load, and their sources as plain JavaScript. */
import { existsSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { TandemError } from "../../core/errors.ts";
import { loadReason } from "../../core/load_reason.ts";

/** Tandem's folder, as a URL. */
const ROOT = new URL("../../", import.meta.url).href;

/** Valibot without comments and spaces, which loads twice as fast. */
const VALIBOT = new URL("./index.min.mjs", import.meta.resolve("valibot")).href;

/** Finds and reads the modules of one sandboxed rule. */
export class SandboxModules {
  readonly #folder: string;

  /**
   * @param entry The rule's URL. It may import Tandem's public face and core, Valibot, and files below
   * its own folder.
   * @param text The rule's source, where it is in no file; then it has no folder.
   */
  constructor(readonly entry: string, private readonly text?: string) {
    this.#folder = new URL("./", entry).href;
  }

  /**
   * The modules of a rule that stands in a file (a path or a URL), on npm or on the web. It is read there,
   * and not run.
   *
   * @throws {TandemError} E_PLUGIN where it cannot be read.
   */
  static async of(name: string): Promise<SandboxModules> {
    if (name.startsWith("file:")) return new SandboxModules(name);
    if (!/^[a-z]{2,}:/.test(name)) return new SandboxModules(pathToFileURL(name).href);
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

  /**
   * The URL that an import names.
   *
   * @throws {TandemError} E_PLUGIN where the sandbox does not lend it.
   */
  resolve(from: string, specifier: string): string {
    if (/^(npm:)?valibot(@[\w.^~-]+)?$/.test(specifier)) return VALIBOT;
    if (/^(jsr:)?@tandem\/tandem(@[\w.^~-]+)?$/.test(specifier)) return `${ROOT}mod.ts`;
    const url = URL.canParse(specifier, from) ? new URL(specifier, from).href : specifier;
    const own = url.startsWith(this.#folder) &&
      !url.slice(this.#folder.length).includes("node_modules/");
    const lent = url === `${ROOT}mod.ts` ||
      ["core/", "runtimes/sandbox/"].some((room) => url.startsWith(ROOT + room));
    const within = url.startsWith("file:") && /\.[mc]?[jt]s$/.test(url) && (own || lent);
    if (within || from.includes("/node_modules/valibot/")) return url;
    throw new TandemError(
      "E_PLUGIN",
      `"${specifier}" cannot be imported in the sandbox, which lends @tandem/tandem, valibot and ` +
        `files beside the rule.`,
    );
  }

  /**
   * A module's source without its types.
   *
   * @throws {TandemError} E_PLUGIN where there is none or it is no TypeScript.
   */
  source(url: string): string {
    if (url === this.entry && this.text !== undefined) {
      return /\.[mc]?js$/.test(url) ? this.text : withoutTypes(this.text, url);
    }
    const path = fileURLToPath(url);
    if (!existsSync(path)) throw new TandemError("E_PLUGIN", `There is no module "${path}".`);
    const text = readFileSync(path, "utf8");
    return /\.[mc]?ts$/.test(path) ? withoutTypes(text, path) : text;
  }
}

function withoutTypes(text: string, path: string): string {
  try {
    return stripTypeScriptTypes(text, { mode: "strip" }); // keeps lines and columns
  } catch {
    return transform(text, path);
  }
}

/** The way for what cannot merely be left out, such as parameter properties. */
function transform(text: string, path: string): string {
  try {
    return stripTypeScriptTypes(text, { mode: "transform" });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new TandemError("E_PLUGIN", `"${path}" cannot be read as TypeScript: ${reason}`, {
      cause,
    });
  }
}
