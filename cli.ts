/** The command line: the sole owner of arguments and exit codes. */
import {
  Command,
  CommanderError,
  type CommandUnknownOpts,
  Option,
} from "@commander-js/extra-typings";
import { checkCommand } from "./cli/check.ts";
import { clusterCommand } from "./cli/cluster.ts";
import { compareCommand } from "./cli/compare.ts";
import { conformCommand } from "./cli/conform.ts";
import { docsCommand } from "./cli/docs.ts";
import { exportCommand } from "./cli/export.ts";
import { levelsCommand } from "./cli/levels.ts";
import { modelsCommand } from "./cli/models.ts";
import { pipelineHelp } from "./cli/pipeline_help.ts";
import { newCommand } from "./cli/new.ts";
import { lookCommand } from "./cli/admission/look.ts";
import { pluginsCommand } from "./cli/plugins.ts";
import { pluginsAddCommand, pluginsRemoveCommand } from "./cli/plugins_add.ts";
import { print, printError } from "./cli/print.ts";
import { profileCommand } from "./cli/profile.ts";
import { replayCommand } from "./cli/replay.ts";
import { resumeCommand } from "./cli/resume.ts";
import { runCommand } from "./cli/run.ts";
import { canDraw, TERMINAL_FLAG } from "./cli/terminal.ts";
import { workerCommand } from "./cli/worker.ts";
import { TandemError } from "./core/base/errors.ts";
import { outsideReason, outsideText } from "./core/base/outside.ts";

/** What the process tells its caller. */
const EXIT = { done: 0, failed: 1, badInput: 2, interrupted: 130 } as const;

/**
 * Runs a command line.
 *
 * @param args What stands behind `deno run cli.ts`.
 * @returns The exit status: 0, 1 for a failed run, 2 for bad input, 130 after Ctrl-C.
 */
async function main(args: readonly string[]): Promise<number> {
  let status: number = EXIT.done;
  const program = new Command("tandem")
    .description("A language model and a reinforcement-learning agent that help each other.")
    .addOption(new Option("--terminal <term,ci>").hideHelp())
    .addCommand(configure(runCommand((code) => status = code)))
    .addCommand(configure(checkCommand((code) => status = code)))
    .addCommand(configure(clusterCommand((code) => status = code)))
    .addCommand(configure(compareCommand((code) => status = code)))
    .addCommand(configure(conformCommand((code) => status = code)))
    .addCommand(configure(docsCommand()), { hidden: true })
    .addCommand(configure(exportCommand()))
    .addCommand(configure(levelsCommand()))
    .addCommand(configure(modelsCommand((code) => status = code)))
    .addCommand(configure(newCommand()))
    .addCommand(configure(pluginsCommand()))
    .addCommand(configure(pluginsAddCommand()))
    .addCommand(configure(pluginsRemoveCommand()))
    .addCommand(configure(lookCommand()), { hidden: true })
    .addCommand(configure(profileCommand()))
    .addCommand(configure(replayCommand((code) => status = code)))
    .addCommand(configure(resumeCommand((code) => status = code)))
    .addCommand(configure(workerCommand((code) => status = code)));
  try {
    await configure(program).parseAsync([...args], { from: "user" });
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

/** More of a sentence than this is not read. */
const LONGEST_SENTENCE = 4000;

function isHelp(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === 0;
}

/** One sentence and an exit status for any error; a defect keeps its stack. */
function report(error: unknown): number {
  if (error instanceof CommanderError) {
    printSentence(`E_ARGUMENT: ${error.message.replace(/^error: /, "")}`);
    return EXIT.badInput;
  }
  if (error instanceof TandemError) {
    printSentence(String(error));
    // A stage that threw something else has a defect: its author needs the stack.
    if (error.code === "E_STAGE" && error.cause instanceof Error) printError(stackOf(error.cause));
    return error.kind === "input" ? EXIT.badInput : EXIT.failed;
  }
  printError("This is a defect of Tandem or of a plugin:");
  printError(stackOf(error));
  return EXIT.failed;
}

/** On one line, so that nothing which the sentence quotes looks like a line of Tandem's own. */
function printSentence(text: string): void {
  printError(outsideText(text, { max: LONGEST_SENTENCE }));
}

/** What a plugin threw may be anything, and may throw when it is looked at. */
function stackOf(thrown: unknown): string {
  try {
    return thrown instanceof Error && thrown.stack ? String(thrown.stack) : Deno.inspect(thrown);
  } catch {
    return outsideReason(thrown);
  }
}

/** Errors are thrown rather than printed, so that every one looks alike. */
function configure<T extends Configurable>(command: T): T {
  command.exitOverride();
  // Commander would read environment variables to learn about colours, which no task may do.
  command.configureOutput({
    writeErr: () => {},
    getOutHasColors: () => canDraw("stdout"),
    getErrHasColors: () => canDraw("stderr"),
  });
  for (const child of command.commands) configure(child);
  return command;
}

/** What any command has, whatever its arguments. */
type Configurable = Pick<CommandUnknownOpts, "exitOverride" | "configureOutput" | "commands">;

if (import.meta.main) Deno.exit(await main(Deno.args));
