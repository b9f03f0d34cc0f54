/**
 * `paper`: the paper's own model in the paper's pipeline against its controls. It brings the model here
 * and opens it once, and all else is a comparison with a plan that is declared here.
 */
import { Command, Option } from "@commander-js/extra-typings";
import { DEVICES } from "../core/kit/context.ts";
import { compareCommand } from "./compare.ts";
import { configure } from "./configure.ts";
import { collect, folder, hours, jobCount, seeds, wholeNumber } from "./parse.ts";
import { aboutPaper } from "./paper_about.ts";
import { bringPaperModel, type PaperModel } from "./paper_model.ts";
import { printError } from "./print.ts";
import { pullOptions } from "./pull_shown.ts";

/** What is compared: the paper's level, its shorter length, and what its curves show, over training. */
const PLAN = ["pipelines/paper.ts", "--variants", "paper", "--primary", "area"];

/** Hours of one core that are spent unasked. */
const UNASKED = "1";

const EXAMPLES = `
The plan: alone, one-way, synthetic (random verdicts) and bidirectional on the paper's level, 10 seeds,
compared by the score over the whole of training; it is registered in DIR before the first trial. The same
command goes on where it was stopped.

Examples:
  deno task paper --model google/flan-t5-small
  deno task paper --model google/flan-t5-small --iterations 2100 --yes      the paper's longer run
  deno task paper --model ./models/mine --seeds 5 --out runs/mine`;

/** `paper`: pulls a model, and compares the paper's pipeline with its controls. */
export function paperCommand(exit: (status: number) => void) {
  return new Command("paper")
    .description("pull the paper's own model and compare the paper's pipeline with its controls")
    .option("--model <name>", "the teacher: a name on the Hub, or a folder", "google/flan-t5-small")
    .addOption(pullOptions.revision())
    .addOption(pullOptions.dtype())
    .addOption(pullOptions.cache())
    .addOption(pullOptions.endpoint())
    .addOption(pullOptions.largest())
    .option("--levels <names>", "levels, by commas", "GoToRedBallNoDists")
    .option("--seeds <n>", "seeds a variant and level", checked(seeds), "10")
    .option(
      "--iterations <n>",
      "rollouts, each followed by an update (default: 40; the paper has 2100, too)",
      checked(wholeNumber),
    )
    .option("--set <key=value>", "a setting for all variants (repeatable)", collect, [])
    .option("--jobs <n>", "trials side by side", checked(jobCount))
    .addOption(
      new Option("--device <device>", "where tensors live").choices(DEVICES).default("auto"),
    )
    .addOption(
      new Option("--max-hours <n>", "hours of one core above which one is asked first")
        .argParser(checked(hours)).default(UNASKED).conflicts("yes"),
    )
    .option("--yes", "start however many hours it takes", false)
    .option("--quiet", "print nothing but errors", false)
    .addOption(new Option("--allowed <flags>").default("").hideHelp())
    .option("--out <dir>", "the folder of the comparison (default: runs/paper-MODEL)")
    .addHelpText("after", EXAMPLES)
    .action(async (options) => {
      const model = await bringPaperModel(options);
      if (!options.quiet) printError(`The teacher is ${model.words}.`);
      const compare = configure(compareCommand(exit, aboutPaper(model, options.set)));
      await compare.parseAsync([...PLAN, ...argumentsOf(options, model)], { from: "user" });
    });
}

/** What is handed on as it was typed, once it is known to be right: before a model is pulled in vain. */
function checked(parse: (text: string) => unknown): (text: string) => string {
  return (text) => {
    parse(text);
    return text;
  };
}

/** What `compare` is told. */
interface HandedOn {
  readonly model: string;
  readonly levels: string;
  readonly seeds: string;
  readonly iterations?: string;
  readonly set: readonly string[];
  readonly jobs?: string;
  readonly device: string;
  readonly maxHours: string;
  readonly yes: boolean;
  readonly quiet: boolean;
  readonly allowed: string;
  readonly out?: string;
}

function argumentsOf(options: HandedOn, { dir, runtime, dtype }: PaperModel): string[] {
  const { levels, seeds, iterations, jobs, device, allowed, quiet, yes, maxHours } = options;
  // Behind others, so that the page tells the truth of its teacher.
  const settings = [`model=${dir}`, `runtime=${runtime}`, `dtype=${dtype}`]
    .map((setting) => `teacher.${setting}`);
  const given = Object.entries({ levels, seeds, iterations, jobs, device, allowed })
    .flatMap(([name, value]) => value === undefined ? [] : [`--${name}=${value}`]);
  return [
    ...[...options.set, ...settings].map((setting) => `--set=${setting}`),
    ...given,
    ...(yes ? [] : [`--max-hours=${maxHours}`]),
    ...(quiet ? ["--quiet"] : []),
    `--out=${options.out ?? `runs/paper-${nameOf(options.model)}`}`,
  ];
}

/** The last part of a model's name, as a folder may be called. */
function nameOf(model: string): string {
  return (folder(model).split(/[\\/]/).at(-1) ?? "").replace(/[^\w.-]+/g, "-");
}
