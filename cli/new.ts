import { Argument, Command } from "@commander-js/extra-typings";
import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { TandemError } from "../core/base/errors.ts";
import { PLUGIN_KINDS, type PluginKind } from "../core/stages/mod.ts";
import map from "../import_map.json" with { type: "json" };
import { print } from "./print.ts";

/** The files of a template in cli/templates/KIND/, each a plugin called "my-plugin". */
const TEMPLATE_FILES = ["my_plugin.ts", "my_plugin_test.ts", "my_plugin_bench.ts"] as const;

/** A plugin's name in the three ways in which it is written. */
interface Names {
  /** As users type it: "my-rule". */
  readonly plugin: string;
  /** As a variable: "myRule". */
  readonly variable: string;
  /** As its module without the ending: "my_rule". */
  readonly module: string;
}

const ROOT = fileURLToPath(new URL("../", import.meta.url));

const EXAMPLES = `
Examples:
  deno task new feedback my_rule                  into this folder
  deno task new student my_student --dir ~/lab    into a folder of yours`;

/** `new KIND NAME`: begins a plugin. */
export function newCommand() {
  return new Command("new")
    .description("write a plugin to begin with, its test and its benchmark, which pass at once")
    .addArgument(new Argument("<kind>", "what it shall be").choices(PLUGIN_KINDS))
    .argument("<name>", "its name, such as my_rule")
    .option("--dir <dir>", "the folder to write into", ".")
    .addHelpText("after", EXAMPLES)
    .action((kind, name, { dir }) => {
      const names = namesOf(name);
      const files = new Map(TEMPLATE_FILES.map((file) => [
        join(dir, renamed(file, names)),
        renamed(readTemplate(kind as PluginKind, file), names),
      ]));
      const config = configFor(dir);
      if (config.source) files.set(config.path, config.source);
      write(files);
      for (const path of files.keys()) print(path);
      print(nextSteps(kind as PluginKind, join(dir, names.module), config));
    });
}

/** @throws {TandemError} E_ARGUMENT for a name that no module can have. */
function namesOf(name: string): Names {
  const words = name.replace(/\.ts$/, "").replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase()
    .split(/[_-]/);
  if (!words.every((word) => /^[a-z0-9]+$/.test(word)) || !/^[a-z]/.test(words[0]!)) {
    throw new TandemError(
      "E_ARGUMENT",
      `"${name}" is no name for a plugin; use letters, digits and "_", as in my_rule.`,
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

function readTemplate(kind: PluginKind, file: string): string {
  return Deno.readTextFileSync(join(ROOT, "cli/templates", kind, file));
}

/** A template's text with the name of the new plugin. */
function renamed(text: string, { plugin, variable, module }: Names): string {
  return text.replaceAll("my-plugin", plugin).replaceAll("myPlugin", variable)
    .replaceAll("my_plugin", module);
}

/** The Deno configuration that governs a folder. */
interface Config {
  readonly path: string;
  /** What is to be written there, where there is none. */
  readonly source?: string;
  /** What has to be added to one that is there. */
  readonly lacks?: string;
}

/**
 * Where Tandem's packages are resolved for a folder. Tandem's own folder knows it; a folder with a
 * configuration of its own has to say it, and one without is given one.
 */
function configFor(dir: string): Config {
  const imports = (from: string) => ({
    "@tandem/core": pathFrom(from, "core/mod.ts"),
    "@tandem/core/kit": pathFrom(from, "core/kit/mod.ts"),
    "@tandem/core/testing": pathFrom(from, "core/testing/mod.ts"),
    "@tandem/env": pathFrom(from, "plugins/env/mod.ts"),
    "valibot": map.imports.valibot,
  });
  for (let at = resolve(dir);; at = dirname(at)) {
    for (const name of ["deno.json", "deno.jsonc"]) {
      const path = join(at, name);
      if (!existsSync(path)) continue;
      if (join(at, "/") === ROOT || Deno.readTextFileSync(path).includes('"@tandem/core"')) {
        return { path };
      }
      return { path, lacks: JSON.stringify(imports(at), null, 2) };
    }
    if (dirname(at) === at) break;
  }
  const source = JSON.stringify({ imports: imports(resolve(dir)) }, null, 2) + "\n";
  return { path: join(dir, "deno.json"), source };
}

/** A file of Tandem's as an import map names it. */
function pathFrom(folder: string, file: string): string {
  const path = relative(folder, join(ROOT, file)).replaceAll("\\", "/");
  return path.startsWith(".") ? path : `./${path}`;
}

/** Writes all files or none. */
function write(files: ReadonlyMap<string, string>): void {
  for (const path of files.keys()) {
    if (!existsSync(path)) continue;
    throw new TandemError("E_FILE", `"${path}" exists already; take another name or --dir.`);
  }
  for (const [path, source] of files) {
    try {
      Deno.mkdirSync(dirname(path), { recursive: true });
      Deno.writeTextFileSync(path, source, { createNew: true });
    } catch (cause) {
      throw new TandemError(
        "E_DISK",
        `"${path}" cannot be written; the task may write into Tandem's folder and /tmp.`,
        { cause },
      );
    }
  }
}

function nextSteps(kind: PluginKind, base: string, { path, lacks }: Config): string {
  const file = base.startsWith("/") || base.startsWith(".") ? `${base}.ts` : `./${base}.ts`;
  const set = kind === "extra"
    ? `extra.mine=${file}`
    : kind === "channel"
    ? `'teacher.learnsBy=["${file}"]'`
    : `${kind}=${file}`;
  const steps = [
    `  deno test ${base}_test.ts`,
    `  deno bench ${base}_bench.ts`,
    `  deno task check ${file}`,
    `  deno task run pipelines/babyai.ts --set ${set}`,
  ];
  const note = lacks ? `\nAdd this to the imports of ${path}:\n${lacks}\n` : "";
  return `${note}\nNext:\n${steps.join("\n")}`;
}
