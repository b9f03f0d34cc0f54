import { Command, Option } from "@commander-js/extra-typings";
import process from "node:process";
import { createContext, type DeviceChoice, DEVICES } from "../core/context.ts";
import { TandemError } from "../core/errors.ts";
import type { TandemEvent } from "../core/events.ts";
import type { Pipeline } from "../core/pipeline.ts";
import { type Catalog, isModule } from "../core/plugin.ts";
import { type RunHooks, runPipeline, type RunResult } from "../core/scheduler.ts";
import { showProgress } from "../lab/progress.ts";
import { type RunConfig, RunFolder } from "../lab/run_folder.ts";
import { type RunSummary, summarise } from "../lab/summary.ts";
import { endTable, trainingChart } from "../lab/terminal.ts";
import { builtins } from "../plugins/mod.ts";
import { resolveDevice } from "../runtimes/device.ts";
import { sandboxedRule } from "../runtimes/sandbox/rule.ts";
import { stateArrays } from "./arrays.ts";
import { commandLine } from "./command_line.ts";
import { stopOnInterrupt } from "./interrupt.ts";
import { loadPipeline } from "./load.ts";
import { collect, wholeNumber } from "./parse.ts";
import { writeReport } from "./report.ts";
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
    .option("--quiet", "print nothing but errors", false)
    .option("--watch", "between iterations, reload plugins given by path that were edited", false)
    .option("--sandbox", "run a feedback rule given by path in QuickJS, out of reach", false)
    .addHelpText("after", EXAMPLES)
    .action(async (file, { iterations, set, watch, sandbox, ...options }) => {
      const catalog: Catalog = sandbox ? { ...builtins, sandbox: sandboxedRule } : builtins;
      let pipeline = await loadPipeline(file, catalog);
      if (iterations !== undefined) pipeline = pipeline.with({ schedule: { iterations } });
      pipeline = await applySettings(pipeline, set, catalog);
      if (sandbox) expectModule(pipeline);
      const replacements = watch ? await watchPlugins(pipeline, catalog) : undefined;
      const device = options.device as DeviceChoice;
      exit(await run(pipeline, { ...options, device, hooks: { replacements } }));
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

interface RunOptions {
  readonly seed: number;
  readonly device: DeviceChoice;
  readonly out?: string;
  readonly quiet: boolean;
  readonly hooks: RunHooks;
}

/** Runs, writes the folder and reports; gives the exit status. */
async function run(pipeline: Pipeline, { seed, out, quiet, hooks, ...options }: RunOptions) {
  const device = await resolveDevice(options.device);
  const config: RunConfig = {
    version: VERSION,
    command: commandLine(),
    startedAt: new Date().toISOString(),
    seed,
    device,
    pipeline: pipeline.toJSON(),
  };
  const stop = new AbortController();
  const folder = new RunFolder({ config, out, onFailure: () => stop.abort() });
  const progress = showProgress({ stream: process.stderr, quiet });
  const events: TandemEvent[] = [];
  const emit = (event: TandemEvent) => {
    events.push(event);
    folder.sink(event);
    progress.sink(event);
  };
  const giveBack = stopOnInterrupt(stop, () => folder.fail(new Error("interrupted twice")));
  const started = performance.now();
  let result: RunResult;
  try {
    const context = createContext({ seed, device, emit, signal: stop.signal });
    result = await runPipeline(pipeline, context, hooks);
    const wallSeconds = (performance.now() - started) / 1000;
    const summary = summarise(result, {
      pipeline,
      seed,
      device,
      wallSeconds,
      level: result.level,
      floor: result.floor.rate,
      ceiling: result.ceiling?.rate ?? null,
    });
    progress.stop();
    folder.finish(summary, result.states, stateArrays);
    await writeReport(folder, { summary, config, events, draw: result.draw });
    if (!quiet) show(summary, events, folder.path);
  } catch (error) {
    folder.fail(error);
    throw folder.failure ?? error;
  } finally {
    progress.stop();
    giveBack();
  }
  return result.stopped ? 130 : 0;
}

function show(summary: RunSummary, events: readonly TandemEvent[], path: string): void {
  const style = { color: Deno.stdout.isTerminal(), columns: process.stdout.columns };
  const points = events.flatMap((event) =>
    event.type === "iteration.ended" && event.ended > 0
      ? [{ iteration: event.iteration, success: event.solved / event.ended }]
      : []
  );
  console.log(trainingChart(points, summary.floor, style));
  console.log(endTable(summary, style));
  console.log(summary.stopped ? "\nStopped; what was learned is kept." : "");
  console.log(`${path}/report.html`);
}
