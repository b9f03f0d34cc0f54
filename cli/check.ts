import { Command, Option } from "@commander-js/extra-typings";
import { checkStage } from "../core/testing/mod.ts";
import { type DeviceChoice, DEVICES } from "../core/kit/context.ts";
import { outsideText } from "../core/base/outside.ts";
import { moduleFile } from "../core/base/module_url.ts";
import { loadPlugin, nameStages } from "../core/pipeline/plugin.ts";
import { builtins, corridor } from "../plugins/mod.ts";
import { resolveDevice } from "../runtimes/webgpu/device.ts";
import { openTensors } from "../runtimes/tfjs/tfjs.ts";
import { collect, wholeNumber } from "./parse.ts";
import { readOptions } from "../experiments/settings.ts";
import { print } from "./print.ts";

const EXAMPLES = `
Examples:
  deno task check ./my_rule.ts
  deno task check ./my_student.ts --set hidden=8 --device wasm`;

/** `check FILE`: checks that a plugin meets the contract of its kind. */
export function checkCommand(exit: (status: number) => void) {
  return new Command("check")
    .description(
      "check that a plugin meets the contract of its kind; what is wrong is told in sentences",
    )
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
      const source = await sourceOf(file);
      for (const sentence of found) print(source ? placed(sentence, source) : sentence);
      print(found.length ? `${name} breaks its contract.` : `${name} keeps its contract.`);
      exit(found.length ? 1 : 0);
    });
}

/** The lines of a plugin's file. */
interface Source {
  readonly file: string;
  readonly lines: readonly string[];
}

async function sourceOf(name: string): Promise<Source | undefined> {
  const file = moduleFile(name);
  const text = file && await Deno.readTextFile(file).catch(() => undefined);
  return text ? { file: outsideText(file), lines: text.split("\n") } : undefined;
}

/** A sentence behind the file and line where the fault lies: where it was thrown, or its method. */
function placed(sentence: string, source: Source): string {
  const thrown = /^(.*) \(at (.+:\d+)\)\.$/s.exec(sentence);
  if (thrown) return `${thrown[2]}: ${thrown[1]}.`;
  const [, method = "create"] = /^(\w+)\(\)/.exec(sentence) ?? [];
  const line = [method, "create", "definePlugin"].map((name) => lineOf(name, source.lines))
    .find((found) => found > 0) ?? 1;
  return `${source.file}:${line}: ${sentence}`;
}

/** The number of the line that defines a method, or 0. */
function lineOf(name: string, lines: readonly string[]): number {
  const defined = new RegExp(`(?<![.\\w])${name}\\s*[(:=<]`);
  return 1 +
    lines.findIndex((line) => defined.test(line) && !/^\s*(\*|\/[/*]|import\b)/.test(line));
}
