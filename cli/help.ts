/** `deno task help`: the commands that most need, by what they are for, and the help of each. */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { didYouMean, TandemError } from "../core/base/errors.ts";
import { outsideText } from "../core/base/outside.ts";
import { print } from "./print.ts";

/** What one wants to do, and the commands for it: what is not here is named behind them. */
const PURPOSES: Readonly<Record<string, readonly string[]>> = {
  "Train": ["run", "resume"],
  "See what was learned": ["evaluate", "play"],
  "Compare and tune": ["compare", "tune"],
  "Hand results on": ["export"],
  "Write parts of your own": ["new", "check", "plugins"],
};

/** `help [command]`. */
export function helpCommand() {
  return new Command("help")
    .description("the commands by what they are for, or how one of them is called")
    .argument("[command]", "a command, such as run")
    .action((name, _options, command) => {
      const program = command.parent!;
      print(name === undefined ? overview(program) : find(program, name).helpInformation());
    });
}

/** @throws {TandemError} E_ARGUMENT for a command that there is not, with the nearest. */
export function expectCommand(program: CommandUnknownOpts, name: string): void {
  find(program, name);
}

function find(program: CommandUnknownOpts, name: string): CommandUnknownOpts {
  const found = program.commands.find((each) => each.name() === name);
  if (found) return found;
  const near = didYouMean(name, shown(program).map((each) => each.name()));
  throw new TandemError(
    "E_ARGUMENT",
    `There is no command "${outsideText(name)}"; "deno task help" lists them.${near}`,
  );
}

function overview(program: CommandUnknownOpts): string {
  const all = new Map(shown(program).map((command) => [command.name(), command]));
  const width = Math.max(...Object.values(PURPOSES).flat().map((name) => name.length));
  const parts = Object.entries(PURPOSES).map(([purpose, names]) => {
    const lines = names.map((name) => `  ${name.padEnd(width)}  ${all.get(name)!.description()}`);
    return [purpose, ...lines].join("\n");
  });
  const named = new Set([...Object.values(PURPOSES).flat(), "help"]);
  const others = [...all.keys()].filter((name) => !named.has(name)).sort();
  return [
    `${program.description()}\nEach is typed behind "deno task", as deno task run pipelines/babyai.ts.`,
    ...parts,
    `More: ${others.join(", ")}.`,
    '"deno task help COMMAND" tells what one takes; the tasks for work on Tandem itself are in CONTRIBUTING.md.',
  ].join("\n\n");
}

/** The commands that are no other command's tool. */
function shown(program: CommandUnknownOpts): CommandUnknownOpts[] {
  return program.createHelp().visibleCommands(program) as CommandUnknownOpts[];
}
