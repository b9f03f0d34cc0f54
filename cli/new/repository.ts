/** A repository of its own for a plugin that others shall use. */
import { join, relative, resolve } from "node:path";
import { TandemError } from "../../core/base/errors.ts";
import { outsideText } from "../../core/base/outside.ts";
import core from "../../core/deno.json" with { type: "json" };
import type { PluginKind } from "../../core/stages/mod.ts";
import { KIND_NAMES, setting } from "../plugin_page.ts";
import { valibotPin } from "./config.ts";
import { namesOf, readTemplate, renamed, ROOT, templateFiles } from "./names.ts";

/** Licences that a repository can be begun with, each with the text of its file. */
export const LICENCES = {
  "Apache-2.0": () => Deno.readTextFileSync(join(ROOT, "LICENSE")),
  "MIT": () => readTemplate("repository", "LICENSE.MIT"),
} as const;

/** A key of {@linkcode LICENCES}. */
export type Licence = keyof typeof LICENCES;

/** What a repository is begun with. */
export interface RepositoryOptions {
  /** The package's name, with a scope or without: "my-rule", "@you/my-rule". */
  readonly name: string;
  readonly kind: PluginKind;
  readonly licence: Licence;
  /** The folder; beside Tandem's and called after the plugin where it is left out. */
  readonly dir?: string;
}

/** A repository that is to be written. */
export interface Repository {
  readonly dir: string;
  /** The texts of its files by their paths. */
  readonly files: ReadonlyMap<string, string>;
}

/** Files of cli/templates/repository/, with the names that they get. */
const SHARED = {
  "config.json": "deno.json",
  "npm.ts": "npm.ts",
  "README.md": "README.md",
  ".gitignore": ".gitignore",
  ".github/workflows/ci.yml": ".github/workflows/ci.yml",
} as const;

/**
 * The files of a plugin's repository.
 *
 * @throws {TandemError} E_ARGUMENT for a name that no package can have, E_FILE for a folder in Tandem's.
 */
export function repositoryFor(options: RepositoryOptions): Repository {
  const { kind, licence } = options;
  const [, scope = "", name = ""] = /^(@[a-z\d][a-z\d-]*\/)?([^/]*)$/.exec(options.name) ?? [];
  if (name === "") {
    throw new TandemError(
      "E_ARGUMENT",
      `"${outsideText(options.name)}" is no name for a package; write my-rule or @you/my-rule.`,
    );
  }
  const names = namesOf(name);
  const dir = options.dir ?? join("..", names.plugin);
  expectOutside(dir, names.plugin);
  const words: readonly [placeholder: string, word: string][] = [
    ["my-setting", setting(kind, "npm:my-package@0.1.0", [])],
    ["my-package", scope + names.plugin],
    ["my-kind", KIND_NAMES[kind]],
    ["my-license", licence],
    ["my-year", `${new Date().getFullYear()}`],
    ["valibot@^0.0.0", `valibot@^${valibotPin().split("@")[1]}`],
    ["@^0.0.0", `@^${core.version}`],
    ["config.json", "deno.json"],
  ];
  const fill = (template: string) =>
    renamed(words.reduce((text, [from, to]) => text.replaceAll(from, to), template), names);
  const shared = Object.entries(SHARED)
    .map(([from, to]) => [to, fill(readTemplate("repository", from))] as const);
  const files = [
    ...shared,
    ...templateFiles(kind, names),
    ["LICENSE", fill(LICENCES[licence]())] as const,
  ]
    .map(([path, text]) => [join(dir, path), text] as const);
  return { dir, files: new Map(files) };
}

/** @throws {TandemError} E_FILE */
function expectOutside(dir: string, plugin: string): void {
  if (relative(ROOT, resolve(dir)).startsWith("..")) return;
  throw new TandemError(
    "E_FILE",
    `"${outsideText(dir)}" lies in Tandem's folder, and a repository of its own does not; take ` +
      `--dir ../${plugin}.`,
  );
}
