import { Argument, Command, Option } from "@commander-js/extra-typings";
import { join } from "node:path";
import { TandemError } from "../core/base/errors.ts";
import { PLUGIN_KINDS, type PluginKind } from "../core/stages/mod.ts";
import { type Config, configFor } from "./new/config.ts";
import { namesOf, type Template, templateFiles, TEMPLATES } from "./new/names.ts";
import { type Licence, LICENCES, repositoryFor } from "./new/repository.ts";
import { writeNew } from "./new/write.ts";
import { setting } from "./plugin_page.ts";
import { print } from "./print.ts";

const EXAMPLES = `
Examples:
  deno task new feedback my_rule                  three files in this folder
  deno task new level my_level                    a level of your own in BabyAI's world
  deno task new student my_student --dir ~/lab    in a folder of yours
  deno task new plugin my-rule                    a repository for others to use, in ../my-rule
  deno task new plugin @you/my-env --kind env --license MIT`;

/** `new KIND NAME`: begins a plugin; `new plugin NAME`: a repository of its own for one. */
export function newCommand() {
  return new Command("new")
    .description("write a plugin to begin with, its test and its benchmark, which pass at once")
    .addArgument(
      new Argument(
        "<kind>",
        'what it shall be; "level" for an env in BabyAI\'s world, "plugin" for a repository of its own',
      )
        .choices([...TEMPLATES, "plugin"]),
    )
    .argument("<name>", "its name, such as my_rule")
    .option("--dir <dir>", "the folder to write into (default: this one, or ../NAME)")
    .addOption(
      new Option("--kind <kind>", "what the plugin of a repository shall be (default: feedback)")
        .choices(PLUGIN_KINDS),
    )
    .addOption(
      new Option("--license <license>", "a repository's licence (default: Apache-2.0)")
        .choices(Object.keys(LICENCES)),
    )
    .addHelpText("after", EXAMPLES)
    .action((what, name, { dir, kind, license }) => {
      if (what === "plugin") {
        return beginRepository(name, kind as PluginKind, license as Licence, dir);
      }
      const flag = kind ? "--kind" : license ? "--license" : undefined;
      if (flag) {
        throw new TandemError(
          "E_ARGUMENT",
          `${flag} is for a repository of its own: deno task new plugin ${name} --kind ${
            kindOf(what as Template)
          }.`,
        );
      }
      beginPlugin(what as Template, name, dir ?? ".");
    });
}

function beginPlugin(template: Template, name: string, dir: string): void {
  const names = namesOf(name);
  const files = new Map(
    templateFiles(template, names).map(([file, text]) => [join(dir, file), text]),
  );
  const config = configFor(dir);
  if (config.source) files.set(config.path, config.source);
  writeNew(files);
  for (const path of files.keys()) print(path);
  print(nextSteps(kindOf(template), join(dir, names.module), config));
}

function kindOf(template: Template): PluginKind {
  return template === "level" ? "env" : template;
}

function nextSteps(kind: PluginKind, base: string, { path, lacks }: Config): string {
  const file = base.startsWith("/") || base.startsWith(".") ? `${base}.ts` : `./${base}.ts`;
  const steps = [
    `  deno test ${base}_test.ts`,
    `  deno bench ${base}_bench.ts`,
    `  deno task check ${file}`,
    `  deno task run pipelines/babyai.ts ${setting(kind, file, [], "mine")}`,
  ];
  const note = lacks ? `\nAdd this to the imports of ${path}:\n${lacks}\n` : "";
  return `${note}\nNext:\n${steps.join("\n")}`;
}

function beginRepository(
  name: string,
  kind: PluginKind = "feedback",
  licence: Licence = "Apache-2.0",
  folder?: string,
): void {
  const { dir, files } = repositoryFor({ name, kind, licence, dir: folder });
  writeNew(files);
  for (const path of files.keys()) print(path);
  const steps = [`cd ${dir}`, "git init", "deno task check", "deno task test", "deno task publish"];
  print(`\nNext:\n${steps.map((step) => `  ${step}`).join("\n")}`);
}
