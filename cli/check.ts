import { Command, Option } from "@commander-js/extra-typings";
import { checkStage } from "../core/conformance/mod.ts";
import { type DeviceChoice, DEVICES } from "../core/context.ts";
import { loadPlugin, nameStages } from "../core/plugin.ts";
import { builtins, corridor } from "../plugins/mod.ts";
import { resolveDevice } from "../runtimes/device.ts";
import { openTensors } from "../runtimes/tfjs.ts";
import { collect, wholeNumber } from "./parse.ts";
import { readOptions } from "./settings.ts";
import { print } from "./print.ts";

const EXAMPLES = `
Examples:
  deno task check ./my_rule.ts
  deno task check ./my_student.ts --set hidden=8 --device wasm`;

/** `check FILE`: holds a plugin to the contract of its kind. */
export function checkCommand(exit: (status: number) => void) {
  return new Command("check")
    .description("hold a plugin to the contract of its kind; what is wrong is told in sentences")
    .argument("<file>", "a module that exports a plugin: a path from ./ or /, or a URL")
    .option("--set <option=value>", "an option of the plugin (repeatable)", collect, [])
    .option("--seed <n>", "seed of all randomness", wholeNumber, 0)
    .addOption(
      new Option("--device <device>", "where tensors live").choices(DEVICES).default("cpu"),
    )
    .addHelpText("after", EXAMPLES)
    .action(async (file, { set, seed, ...options }) => {
      const plugin = await loadPlugin(file);
      const chosen = await nameStages(plugin.options, readOptions(set), builtins);
      const device = await resolveDevice(options.device as DeviceChoice);
      const tensors = await openTensors(device);
      const found = await checkStage(plugin.stage(chosen, file), {
        world: corridor(),
        seed,
        device,
        liveTensors: () => tensors.tensorCount(),
      }).finally(() => tensors.dispose());
      const name = `${plugin.kind} "${plugin.pluginName}"`;
      for (const sentence of found) print(sentence);
      print(found.length ? `${name} breaks its contract.` : `${name} keeps its contract.`);
      exit(found.length ? 1 : 0);
    });
}
