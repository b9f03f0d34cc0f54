/** The names of a new plugin, and the files of its template under them. */
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { TandemError } from "../../core/base/errors.ts";
import { outsideText } from "../../core/base/outside.ts";
import { PLUGIN_KINDS, type PluginKind } from "../../core/stages/mod.ts";

/** Tandem's folder. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A plugin's name in the ways in which it is written. */
export interface Names {
  /** As users type it: "my-rule". */
  readonly plugin: string;
  /** As a variable: "myRule". */
  readonly variable: string;
  /** As its module without the ending: "my_rule". */
  readonly module: string;
}

/** @throws {TandemError} E_ARGUMENT for a name that no module can have. */
export function namesOf(name: string): Names {
  const words = name.replace(/\.ts$/, "").replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase()
    .split(/[_-]/);
  if (!words.every((word) => /^[a-z0-9]+$/.test(word)) || !/^[a-z]/.test(words[0]!)) {
    throw new TandemError(
      "E_ARGUMENT",
      `"${outsideText(name)}" is no name for a plugin; use letters, digits and "_", as in my_rule.`,
    );
  }
  const [first, ...others] = words as [string, ...string[]];
  const variable = first + others.map((word) => word[0]!.toUpperCase() + word.slice(1)).join("");
  return {
    plugin: words.join("-"),
    // The reserved words that a plugin might be called after.
    variable: /^(default|delete|new|switch|with|yield)$/.test(variable) ? `${variable}_` : variable,
    module: words.join("_"),
  };
}

/** The text of a template's file in cli/templates/. */
export function readTemplate(...path: string[]): string {
  return Deno.readTextFileSync(join(ROOT, "cli/templates", ...path));
}

/** What a plugin is begun from: a template for each kind, and for levels, which are envs, another. */
export type Template = PluginKind | "level";

/** Every {@linkcode Template}. */
export const TEMPLATES: readonly Template[] = [...PLUGIN_KINDS, "level"];

/** Files of each template, for a plugin called "my-plugin". */
const FILES = ["my_plugin.ts", "my_plugin_test.ts", "my_plugin_bench.ts"] as const;

/** The plugin, test and benchmark of a template by file name, under the name of the new plugin. */
export function templateFiles(template: Template, names: Names): (readonly [string, string])[] {
  return FILES.map((file) => [renamed(file, names), renamed(readTemplate(template, file), names)]);
}

/** A template's text with the name of the new plugin. */
export function renamed(text: string, { plugin, variable, module }: Names): string {
  return text.replaceAll("my-plugin", plugin).replaceAll("myPlugin", variable)
    .replaceAll("my_plugin", module);
}
