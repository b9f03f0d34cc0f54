/** What `run FILE --help` tells of a file: the options of its pipeline's stages. */
import type { Command, CommandUnknownOpts } from "@commander-js/extra-typings";
import { BEGINNING, canBegin } from "../core/pipeline/beginning.ts";
import type { Pipeline } from "../core/pipeline/pipeline.ts";
import type { StageSpec } from "../core/pipeline/plugin.ts";
import type { OptionsSchema } from "../core/pipeline/options.ts";
import type { PluginKind } from "../core/stages/mod.ts";
import { EVALUATION, SCHEDULE } from "../core/pipeline/schedule.ts";
import { loadPipeline } from "./load.ts";
import { Owner } from "./permission/owner.ts";
import { documentOptions } from "./plugin_doc.ts";
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
  return settingsOf(pipeline).join("\n\n");
}

function settingsOf({ stages, extras, schedule, evaluation }: Pipeline): string[] {
  const owners: [owner: string, stage: StageSpec][] = [
    ...Object.entries<StageSpec>(stages),
    ...Object.entries(extras).map(([name, extra]): [string, StageSpec] => [`extra.${name}`, extra]),
  ];
  return [
    ...owners.map(([owner, { kind, plugin, description, schema, options, from, frozen }]) =>
      section(owner, `${plugin}: ${description}`, { ...schema, ...beginningOf(kind) }, {
        ...options,
        from: from?.run,
        frozen,
      })
    ),
    section("schedule", "how often what happens", SCHEDULE, { ...schedule }),
    section("evaluation", "how the run is measured", EVALUATION, { ...evaluation }),
  ];
}

/** What a stage may begin with, and whether it learns on. */
function beginningOf(kind: PluginKind): OptionsSchema {
  const parts = Object.entries(BEGINNING).filter(([what]) =>
    canBegin(kind, what as keyof typeof BEGINNING)
  );
  return Object.fromEntries(parts);
}

function section(
  owner: string,
  about: string,
  schema: OptionsSchema,
  values: Readonly<Record<string, unknown>>,
): string {
  const options = documentOptions(schema);
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
