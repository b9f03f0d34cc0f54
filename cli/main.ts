/** The commands: the sole owner of arguments and exit codes. */
import {
  Command,
  CommanderError,
  type CommandUnknownOpts,
  Option,
} from "@commander-js/extra-typings";
import { checkCommand } from "./check.ts";
import { clusterCommand } from "./cluster.ts";
import { compareCommand } from "./compare.ts";
import { configure } from "./configure.ts";
import { conformCommand } from "./conform.ts";
import { docsCommand } from "./docs.ts";
import { evaluateCommand } from "./evaluate.ts";
import { exportCommand } from "./export.ts";
import { EXIT, printSentence, reportFailure } from "./failure.ts";
import { expectCommand, helpCommand } from "./help.ts";
import { levelsCommand } from "./levels.ts";
import { modelsCommand } from "./models.ts";
import { pipelineHelp } from "./pipeline_help.ts";
import { newCommand } from "./new.ts";
import { lookCommand } from "./admission/look.ts";
import { packCommand } from "./pack.ts";
import { paperCommand } from "./paper.ts";
import { playCommand } from "./play.ts";
import { pluginsCommand } from "./plugins.ts";
import { pluginsAddCommand, pluginsRemoveCommand } from "./plugins_add.ts";
import { print } from "./print.ts";
import { profileCommand } from "./profile.ts";
import { pullCommand } from "./pull.ts";
import { replayCommand } from "./replay.ts";
import { resumeCommand } from "./resume.ts";
import { runCommand } from "./run.ts";
import { TERMINAL_FLAG } from "./terminal.ts";
import { tuneCommand } from "./tune.ts";
import { workerCommand } from "./worker.ts";

/**
 * Runs a command line.
 *
 * @param args What stands behind `deno run cli.ts`.
 * @returns The exit status: 0, 1 for a failed run, 2 for bad input, 130 after Ctrl-C.
 */
export async function main(args: readonly string[]): Promise<number> {
  let status: number = EXIT.done;
  const program = new Command("tandem")
    .description("A language model and a reinforcement-learning agent that help each other.")
    .addOption(new Option("--terminal <term,ci>").hideHelp())
    .helpCommand(false)
    .addCommand(configure(helpCommand()))
    .addCommand(configure(runCommand((code) => status = code)))
    .addCommand(configure(checkCommand((code) => status = code)))
    .addCommand(configure(clusterCommand((code) => status = code)))
    .addCommand(configure(compareCommand((code) => status = code)))
    .addCommand(configure(conformCommand((code) => status = code)))
    .addCommand(configure(docsCommand()), { hidden: true })
    .addCommand(configure(evaluateCommand((code) => status = code)))
    .addCommand(configure(exportCommand()))
    .addCommand(configure(levelsCommand()))
    .addCommand(configure(modelsCommand((code) => status = code)))
    .addCommand(configure(newCommand()))
    .addCommand(configure(packCommand()))
    .addCommand(configure(paperCommand((code) => status = code)))
    .addCommand(configure(playCommand((code) => status = code)))
    .addCommand(configure(pluginsCommand()))
    .addCommand(configure(pluginsAddCommand()))
    .addCommand(configure(pluginsRemoveCommand()))
    .addCommand(configure(lookCommand()), { hidden: true })
    .addCommand(configure(profileCommand()))
    .addCommand(configure(pullCommand()))
    .addCommand(configure(replayCommand((code) => status = code)))
    .addCommand(configure(resumeCommand((code) => status = code)))
    .addCommand(configure(tuneCommand((code) => status = code)))
    .addCommand(configure(workerCommand((code) => status = code)));
  const name = args.find((arg) => !arg.startsWith(TERMINAL_FLAG));
  try {
    if (name !== undefined && !name.startsWith("-")) expectCommand(program, name);
    const typed = name === undefined ? [...args, "help"] : [...args];
    await configure(program).parseAsync(typed, { from: "user" });
    return status;
  } catch (error) {
    if (!isHelp(error)) return report(error);
  }
  return await tellOptions(program, args);
}

/** Behind the help of a command that takes a pipeline: the settings of the one that was named. */
async function tellOptions(program: CommandUnknownOpts, args: readonly string[]) {
  const [name, ...rest] = args.filter((arg) => !arg.startsWith(TERMINAL_FLAG));
  const command = program.commands.find((each) => each.name() === name);
  if (!command || !["run", "profile"].includes(command.name())) return EXIT.done;
  try {
    const text = await pipelineHelp(command, rest);
    if (text !== undefined) print(`\nSettings of this pipeline, for --set:\n\n${text}`);
    return EXIT.done;
  } catch (error) {
    return report(error);
  }
}

function isHelp(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === 0;
}

/** What went wrong, in a sentence, and the exit status. */
function report(error: unknown): number {
  if (!(error instanceof CommanderError)) return reportFailure(error);
  printSentence(`E_ARGUMENT: ${error.message.replace(/^error: /, "")}`);
  return EXIT.badInput;
}
