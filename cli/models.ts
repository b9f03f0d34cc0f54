import { Command } from "@commander-js/extra-typings";
import { outsideText } from "../core/base/outside.ts";
import { checkModel, type CheckResult } from "../runtimes/language_model/check.ts";
import { print } from "./print.ts";
import { pullOptions, pullShown } from "./pull_shown.ts";

/** `models`: brings models here and holds them to their references. */
export function modelsCommand(exit: (status: number) => void) {
  return new Command("models")
    .description("download language models and check that they run right")
    .addCommand(pullCommand())
    .addCommand(checkCommand(exit));
}

function pullCommand() {
  return new Command("pull")
    .description("download a model from the Hugging Face Hub: resumed, checksummed, pinned")
    .argument("<id>", "such as google/flan-t5-small")
    .addOption(pullOptions.revision())
    .addOption(pullOptions.dtype())
    .addOption(pullOptions.cache())
    .addOption(pullOptions.endpoint())
    .addOption(pullOptions.largest())
    .action(async (id, options) => {
      const model = await pullShown(id, options);
      print(`${model.dir}`);
      print(`Use it with --set teacher.model=${model.dir}`);
    });
}

function checkCommand(exit: (status: number) => void) {
  return new Command("check")
    .description("compare a model folder with its reference.json, file by file")
    .argument("<dir>", "a folder in Hugging Face layout with a reference.json")
    .action(async (dir) => {
      let group = "";
      const { passed, results, unused, madeBy, prompts } = await checkModel(
        dir,
        { device: "wasm" },
        (result) => {
          const name = result.files.join(" + ") || "tokenizer.json";
          if (name !== group) print(group = name);
          print(`  ${line(result)}`);
        },
      );
      for (const file of unused) print(`${file}: no decoder can be made with it`);
      print(
        `${results.length} comparisons of ${prompts} prompts with reference.json, which ${
          outsideText(madeBy, { max: 120 })
        } made`,
      );
      const worst = results.reduce((most, { difference }) => Math.max(most, difference), 0);
      print(`${passed ? "passed" : "FAILED"}: largest difference ${worst.toExponential(1)}`);
      exit(passed ? 0 : 1);
    });
}

function line({ mode, what, difference, passed }: CheckResult): string {
  const size = Number.isInteger(difference) ? String(difference) : difference.toExponential(1);
  return `${passed ? "ok" : "DIFFERS"}  ${mode.padEnd(10)}  ${what.padEnd(34)} ${size}`;
}
