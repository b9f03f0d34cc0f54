import { Command } from "@commander-js/extra-typings";
import { STAGE_KINDS } from "../core/stages.ts";
import { builtins } from "../plugins/mod.ts";

/** `plugins`: what can stand in which stage. */
export function pluginsCommand() {
  return new Command("plugins")
    .description("list the built-in plugins, one line each")
    .action(() => {
      for (const kind of STAGE_KINDS) {
        console.log(kind);
        for (const [name, { description }] of Object.entries(builtins[kind])) {
          console.log(`  ${name.padEnd(24)} ${description}`);
        }
      }
    });
}
