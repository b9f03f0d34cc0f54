/** How every command is set up. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { canDraw } from "./terminal.ts";

/** Errors are thrown rather than printed, so that every one looks alike. */
export function configure<T extends Configurable>(command: T): T {
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
