import { Command } from "@commander-js/extra-typings";
import { join } from "node:path";
import type { DeviceChoice } from "../core/kit/context.ts";
import { type Pipeline, pipelineFromJson } from "../core/pipeline/pipeline.ts";
import { openSavedRun } from "../lab/saved_run.ts";
import { resolveDevice } from "../runtimes/webgpu/device.ts";
import { stateArrays } from "../experiments/arrays.ts";
import { learnedRuns } from "./learned.ts";
import { folder, positiveNumber } from "./parse.ts";
import { printError } from "./print.ts";
import { ALLOW_EFFECT, ALLOW_MODULE } from "./permission/flags.ts";
import { type AllowFlags, Owner } from "./permission/owner.ts";
import { LOG, type LogChoice } from "./run_logs.ts";
import { runInFolder } from "./running.ts";

/** `resume DIR`: resumes a run that was interrupted. */
export function resumeCommand(exit: (status: number) => void) {
  return new Command("resume")
    .description(
      "resume a run that was interrupted, or train one longer; results are bit-identical",
    )
    .argument("<dir>", "the folder of a run", folder)
    .option(
      "--checkpoint-every <n>",
      "iterations between checkpoints (default: as often as they take 2 % of the time)",
      positiveNumber,
    )
    .option(
      "--iterations <n>",
      "train on to so many, more than were planned (default: as planned)",
      positiveNumber,
    )
    .option("--quiet", "print nothing but errors", false)
    .option(...LOG)
    .option(...ALLOW_EFFECT)
    .option(...ALLOW_MODULE)
    .action(async (dir, options) => exit(await resume(dir, options)));
}

async function resume(
  path: string,
  options: AllowFlags & {
    readonly quiet: boolean;
    readonly log: readonly LogChoice[];
    readonly checkpointEvery?: number;
    readonly iterations?: number;
  },
): Promise<number> {
  const saved = openSavedRun(path, stateArrays, printError, options.iterations);
  const { config, found } = saved;
  const say = (sentence: string) => options.quiet || printError(sentence);
  if (saved.isComplete) {
    say(`"${path}" came to its end; there is nothing to resume.`);
    saved.lock.close();
    return 0;
  }
  const owner = new Owner(options);
  const sandbox = config.sandbox === true;
  const catalog = await owner.ofDocument({ document: join(path, "config.json"), sandbox });
  const pipeline = await pipelineFromJson(config.pipeline, catalog);
  // Another device would give other bits: the one that the run began on must be here.
  await resolveDevice(config.device as DeviceChoice);
  await owner.keep(pipeline, sandbox);
  say(
    found
      ? `Going on after iteration ${found.checkpoint.iteration} of ${pipeline.schedule.iterations}.`
      : "There is no checkpoint yet: the run starts again.",
  );
  const { find: learned } = learnedRuns(owner, sandbox);
  const dependent = saved.isLonger ? lengthIn(pipeline) : [];
  if (dependent.length > 0) {
    say(
      `${
        dependent.join("; ")
      }: what it comes to may differ from what a run of ${pipeline.schedule.iterations} ` +
        "from its start would.",
    );
  }
  return await runInFolder(pipeline, { ...options, config, saved, hooks: {}, learned });
}

/** What of a pipeline depends on how long it trains. */
function lengthIn({ schedule: { teacherOff }, stages, extras }: Pipeline): string[] {
  const decay = stages.student.options["learningRateDecay"];
  return [
    ...teacherOff < 1 ? [`schedule.teacherOff=${teacherOff} is a share of all iterations`] : [],
    ...decay === "run" ? ["student.learningRateDecay=run is over all iterations"] : [],
    ...Object.keys(extras).map((name) =>
      `The extra stage "${name}" is told how many iterations there are`
    ),
  ];
}
