/** What `run FILE --help` tells of a file: the options of its pipeline's stages. */
import type { Command, CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Pipeline } from "../core/pipeline.ts";
import type { Stage } from "../core/plugin.ts";
import { moduleFile } from "../core/module_url.ts";
import { EVALUATION, SCHEDULE } from "../core/schedule.ts";
import { isModule } from "../core/plugin.ts";
import { loadPipeline } from "./load.ts";
import { Owner } from "./permission/owner.ts";
import {
  documentOptions,
  documentPlugin,
  type OptionDoc,
  readSources,
  ROOT,
} from "./plugin_doc.ts";
import { optionLines } from "./plugin_page.ts";

/**
 * The settings of the pipeline in the file that stands among arguments, as `--set` takes them, each with
 * its values, what it is in that pipeline, and one line; undefined where no file is named.
 *
 * @param command The command that was asked for help, which knows what of the arguments is the file.
 * @param args What stands behind the command's name.
 */
export async function pipelineHelp(
  command: Pick<Command | CommandUnknownOpts, "parseOptions">,
  args: readonly string[],
): Promise<string | undefined> {
  const asked = args.filter((arg) => arg !== "--help" && arg !== "-h");
  const [file] = command.parseOptions(asked).operands;
  if (file === undefined) return undefined;
  const owner = new Owner({ allowEffect: [], allowModule: [] });
  const reading = { owner, sandbox: args.includes("--sandbox"), hasSandboxFlag: true };
  const { pipeline } = await loadPipeline(file, { ...reading, obeysConfig: true });
  return (await settingsOf(pipeline)).join("\n\n");
}

async function settingsOf({ stages, extras, schedule, evaluation }: Pipeline): Promise<string[]> {
  const sources = await readSources();
  const owners: [owner: string, stage: Stage][] = [
    ...Object.entries<Stage>(stages),
    ...Object.entries(extras).map(([name, extra]): [string, Stage] => [`extra.${name}`, extra]),
  ];
  const sections: string[] = [];
  for (const [owner, stage] of owners) {
    const options = await optionsOf(stage, sources);
    sections.push(section(owner, `${stage.plugin}: ${stage.description}`, options, stage.options));
  }
  const texts = [await Deno.readTextFile(`${ROOT}core/schedule.ts`)];
  sections.push(
    section("schedule", "how often what happens", documentOptions(SCHEDULE, texts), schedule),
  );
  const measured = documentOptions(EVALUATION, texts);
  return [...sections, section("evaluation", "how the run is measured", measured, evaluation)];
}

async function optionsOf(
  stage: Stage,
  builtins: ReadonlyMap<string, string>,
): Promise<readonly OptionDoc[]> {
  const file = isModule(stage.plugin) ? moduleFile(stage.plugin) : undefined;
  const text = file && await Deno.readTextFile(file).catch(() => "");
  const { kind, plugin, description, schema } = stage;
  const described = { kind, pluginName: plugin, description, options: schema };
  return file
    ? documentOptions(schema, [text ?? ""])
    : documentPlugin({ ...described, effectsOf: () => [] }, builtins).options;
}

function section(
  owner: string,
  about: string,
  options: readonly OptionDoc[],
  values: Readonly<Record<string, unknown>>,
): string {
  const lines = optionLines(
    options.map((option) => ({ ...option, name: `${owner}.${option.name}` })),
    (option, i) => {
      const here = JSON.stringify(values[options[i]!.name]);
      if (here === undefined) return "";
      if (option.default === undefined) return ` (here ${here})`;
      return here === option.default
        ? ` (default ${here})`
        : ` (default ${option.default}, here ${here})`;
    },
  );
  return [`${owner} (${about})`, ...lines].join("\n");
}
