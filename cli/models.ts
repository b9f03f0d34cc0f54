import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import process from "node:process";
import { DEFAULT_CACHE_DIR, MOST_BYTES, pullModel } from "../runtimes/hub/pull.ts";
import { DEFAULT_ENDPOINT } from "../runtimes/hub/hub.ts";
import { outsideText } from "../core/base/outside.ts";
import { checkModel, type CheckResult } from "../runtimes/language_model/check.ts";
import { MODEL_DTYPES, type ModelDtype } from "../runtimes/model_folder/files.ts";
import { print } from "./print.ts";
import { canDraw } from "./terminal.ts";

/** `models`: brings models here and holds them to their references. */
export function modelsCommand(exit: (status: number) => void) {
  return new Command("models")
    .description("download language models and check that they run right")
    .addCommand(pullCommand())
    .addCommand(checkCommand(exit));
}

const GIBIBYTE = 2 ** 30;

function gibibytes(text: string): number {
  const amount = Number(text);
  if (amount > 0 && amount <= 2 ** 20) return amount;
  throw new InvalidArgumentError("It must be a number above 0, at most 1048576.");
}

function pullCommand() {
  return new Command("pull")
    .description("download a model from the Hugging Face Hub: resumed, checksummed, pinned")
    .argument("<id>", "such as google/flan-t5-small")
    .option("--revision <name>", "branch, tag or commit", "main")
    .addOption(
      new Option("--dtype <dtype>", "weight format").choices([
        "auto",
        ...MODEL_DTYPES,
      ]),
    )
    .option("--cache <dir>", "where models are kept", DEFAULT_CACHE_DIR)
    .option("--endpoint <url>", "a server of the Hub's shape", DEFAULT_ENDPOINT)
    .option("--largest <GiB>", "most that the model may have", gibibytes, MOST_BYTES / GIBIBYTE)
    .action(async (id, { cache, largest, dtype = "auto", ...options }) => {
      const show = canDraw("stderr");
      const model = await pullModel(id, {
        ...options,
        dtype: dtype as ModelDtype | "auto",
        cacheDir: cache,
        maxBytes: largest * GIBIBYTE,
        onProgress: ({ file, received, size }) => {
          const done = received === size;
          if (!show && !done) return;
          const share = size ? `${Math.floor(100 * received / size)} %`.padStart(5) : "";
          const amount = `${(received / 1e6).toFixed(1)} MB`.padStart(10);
          process.stderr.write(
            `${show ? "\r" : ""}${share} ${amount}  ${outsideText(file)}${
              done || !show ? "\n" : "   "
            }`,
          );
        },
      });
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
