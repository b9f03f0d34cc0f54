import { Command, Option } from "@commander-js/extra-typings";
import { type DeviceChoice, DEVICES } from "../core/kit/context.ts";
import { TandemError } from "../core/base/errors.ts";
import type { Pipeline } from "../core/pipeline/pipeline.ts";
import { isModule } from "../core/pipeline/plugin.ts";
import { resolveDevice } from "../runtimes/webgpu/device.ts";
import { commandLine } from "./command_line.ts";
import { learnedRuns } from "./learned.ts";
import { loadPipeline } from "./load.ts";
import { LOG } from "./run_logs.ts";
import { collect, positiveNumber, wholeNumber } from "./parse.ts";
import { ALLOW_EFFECT, ALLOW_MODULE } from "./permission/flags.ts";
import { Owner } from "./permission/owner.ts";
import { runInFolder } from "./running.ts";
import { applySettings } from "../experiments/settings.ts";
import { watchPlugins } from "./watch.ts";
import { VERSION } from "../experiments/version.ts";

const EXAMPLES = `
Examples:
  deno task run pipelines/babyai.ts
  deno task run pipelines/babyai.ts --seed 3 --iterations 80
  deno task run pipelines/babyai.ts --set teacher=none             the student alone
  deno task run pipelines/babyai.ts --set feedback=none            one-way: no verdicts
  deno task run pipelines/babyai.ts --set feedback=synthetic       random verdicts
  deno task run pipelines/babyai.ts --set feedback=./my_rule.ts    a rule of your own
  deno task run pipelines/babyai.ts --set feedback=./my_rule.ts --watch      edited while it runs
  deno task run pipelines/babyai.ts --set feedback=./my_rule.ts --sandbox    by someone else
  deno task run pipelines/babyai.ts --set extra.goals=ellm         reward for goals reached
  deno task run pipelines/babyai.ts --set schedule.teacherOff=0.8  the teacher leaves
  deno task run pipelines/babyai.ts --set teacher.from=runs/ID     with what a run's teacher had learned
  deno task run pipelines/babyai.ts --set teacher.from=runs/ID --set feedback=none   and learns no more
  deno task run pipelines/babyai.ts --log tensorboard,csv          files that grow while it goes on
  deno task run pipelines/babyai.ts --set student.from=runs/ID@best   with a run's best student
  deno task run pipelines/babyai.ts --set env.level=GoToLocal --set student.learningRate=3e-4`;

/** `run FILE`: runs a pipeline and leaves a folder. */
export function runCommand(exit: (status: number) => void) {
  return new Command("run")
    .description("run a pipeline and write its folder, runs/ID/, with a report")
    .argument(
      "<file>",
      "a module whose default export is a pipeline, a pipeline in JSON, or a run's config.json",
    )
    .option(
      "--seed <n>",
      "seed of all randomness (default: 0, or as config.json says)",
      wholeNumber,
    )
    .option("--iterations <n>", "rollouts, each followed by an update", wholeNumber)
    .addOption(
      new Option("--device <device>", "where tensors live (default: auto, or as config.json says)")
        .choices(DEVICES),
    )
    .option(
      "--set <key=value>",
      "replace a stage, set an option, or say what a stage begins with (repeatable)",
      collect,
      [],
    )
    .option("--out <dir>", "the run's folder (default: runs/ID)")
    .option(
      "--checkpoint-every <n>",
      "iterations between checkpoints (default: as often as they take 2 % of the time)",
      positiveNumber,
    )
    .option("--quiet", "print nothing but errors", false)
    .option(...LOG)
    .option("--watch", "between iterations, reload plugins given by path that were edited", false)
    .option(
      "--sandbox",
      "run a feedback rule given by path in a sandbox without files or network",
      false,
    )
    .option(...ALLOW_EFFECT)
    .option(...ALLOW_MODULE)
    .addHelpText("after", EXAMPLES)
    .action(async (file, { iterations, set, watch, device: wanted, ...options }) => {
      const owner = new Owner(options);
      const read = { owner, sandbox: options.sandbox, hasSandboxFlag: true, obeysConfig: true };
      const loaded = await loadPipeline(file, read);
      const sandbox = options.sandbox || loaded.sandbox === true;
      const seed = options.seed ?? loaded.seed ?? 0;
      const catalog = await owner.catalog(sandbox);
      let { pipeline } = loaded;
      if (iterations !== undefined) pipeline = pipeline.with({ schedule: { iterations } });
      pipeline = await applySettings(pipeline, set, catalog);
      const runs = learnedRuns(owner, sandbox);
      pipeline = await runs.pinnedPipeline(pipeline, catalog);
      if (options.sandbox) expectModule(pipeline);
      const replacements = watch ? await watchPlugins(pipeline, catalog) : undefined;
      const device = await resolveDevice((wanted ?? loaded.device ?? "auto") as DeviceChoice);
      await owner.keep(pipeline, sandbox);
      const config = {
        version: VERSION,
        command: commandLine(),
        startedAt: new Date().toISOString(),
        seed,
        device,
        pipeline: pipeline.toJSON(),
        ...(sandbox && { sandbox }),
      };
      const hooks = { replacements };
      exit(await runInFolder(pipeline, { ...options, config, hooks, learned: runs.find }));
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
