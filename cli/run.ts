import { Command, Option } from "@commander-js/extra-typings";
import { type DeviceChoice, DEVICES } from "../core/context.ts";
import { TandemError } from "../core/errors.ts";
import type { Pipeline } from "../core/pipeline.ts";
import { isModule } from "../core/plugin.ts";
import { resolveDevice } from "../runtimes/device.ts";
import { catalogFor } from "./catalog.ts";
import { commandLine } from "./command_line.ts";
import { loadPipeline } from "./load.ts";
import { collect, positiveNumber, wholeNumber } from "./parse.ts";
import { runInFolder } from "./running.ts";
import { applySettings } from "./settings.ts";
import { watchPlugins } from "./watch.ts";
import { VERSION } from "./version.ts";

const EXAMPLES = `
Examples:
  deno task run pipelines/babyai.ts
  deno task run pipelines/babyai.ts --seed 3 --iterations 80
  deno task run pipelines/babyai.ts --set teacher=none             the student alone
  deno task run pipelines/babyai.ts --set feedback=none            one-way: no verdicts
  deno task run pipelines/babyai.ts --set feedback=synthetic       verdicts of a coin
  deno task run pipelines/babyai.ts --set feedback=./my_rule.ts    a rule of your own
  deno task run pipelines/babyai.ts --set feedback=./my_rule.ts --watch      edited while it runs
  deno task run pipelines/babyai.ts --set feedback=./my_rule.ts --sandbox    by someone else
  deno task run pipelines/babyai.ts --set extra.goals=ellm         reward for goals reached
  deno task run pipelines/babyai.ts --set schedule.teacherOff=0.8  the teacher leaves
  deno task run pipelines/babyai.ts --set env.level=GoToLocal --set student.learningRate=3e-4`;

/** `run FILE`: runs a pipeline and leaves a folder. */
export function runCommand(exit: (status: number) => void) {
  return new Command("run")
    .description("run a pipeline and write its folder, runs/ID/, with a report")
    .argument("<file>", "a module whose default export is a pipeline, or a pipeline in JSON")
    .option("--seed <n>", "seed of all randomness", wholeNumber, 0)
    .option("--iterations <n>", "rollouts, each followed by an update", wholeNumber)
    .addOption(
      new Option("--device <device>", "where tensors live").choices(DEVICES).default("auto"),
    )
    .option("--set <key=value>", "replace a stage or set an option (repeatable)", collect, [])
    .option("--out <dir>", "the run's folder (default: runs/ID)")
    .option(
      "--checkpoint-every <n>",
      "iterations between checkpoints (default: as often as they take 2 % of the time)",
      positiveNumber,
    )
    .option("--quiet", "print nothing but errors", false)
    .option("--watch", "between iterations, reload plugins given by path that were edited", false)
    .option("--sandbox", "run a feedback rule given by path in QuickJS, out of reach", false)
    .addHelpText("after", EXAMPLES)
    .action(async (file, { iterations, set, watch, sandbox, device: wanted, seed, ...options }) => {
      const catalog = await catalogFor(sandbox);
      let pipeline = await loadPipeline(file, catalog);
      if (iterations !== undefined) pipeline = pipeline.with({ schedule: { iterations } });
      pipeline = await applySettings(pipeline, set, catalog);
      if (sandbox) expectModule(pipeline);
      const replacements = watch ? await watchPlugins(pipeline, catalog) : undefined;
      const device = await resolveDevice(wanted as DeviceChoice);
      const config = {
        version: VERSION,
        command: commandLine(),
        startedAt: new Date().toISOString(),
        seed,
        device,
        pipeline: pipeline.toJSON(),
        ...(sandbox && { sandbox }),
      };
      exit(await runInFolder(pipeline, { ...options, config, hooks: { replacements } }));
    });
}

/** @throws {TandemError} E_ARGUMENT where there is nothing to put into a sandbox. */
function expectModule({ stages: { feedback } }: Pipeline): void {
  if (isModule(feedback.plugin)) return;
  throw new TandemError(
    "E_ARGUMENT",
    `--sandbox is for a feedback rule given by path, as --set feedback=./my_rule.ts; this one is ` +
      `"${feedback.plugin}".`,
  );
}
