/** A run with its folder, its progress on the terminal and its end. */
import process from "node:process";
import { createContext, type DeviceChoice } from "../core/context.ts";
import type { TandemEvent } from "../core/events.ts";
import type { Pipeline } from "../core/pipeline.ts";
import { type RunHooks, runPipeline, type RunResult } from "../core/scheduler.ts";
import { CheckpointShelf } from "../lab/checkpoint_shelf.ts";
import { readEvents } from "../lab/event_log.ts";
import { showProgress } from "../lab/progress.ts";
import { RunCheckpoints } from "../lab/run_checkpoints.ts";
import { type RunConfig, RunFolder } from "../lab/run_folder.ts";
import { fingerprint, type SavedRun } from "../lab/saved_run.ts";
import { writeStageFiles } from "../lab/stage_files.ts";
import { type RunSummary, summarise } from "../lab/summary.ts";
import { endTable, trainingChart } from "../lab/terminal.ts";
import { stateArrays } from "./arrays.ts";
import { stopOnInterrupt } from "./interrupt.ts";
import { print, printError, printPainted } from "./print.ts";
import { writeReport } from "./report.ts";
import { canDraw } from "./terminal.ts";

/** What {@linkcode runInFolder} takes. */
export interface RunInFolderOptions {
  readonly config: RunConfig;
  readonly out?: string;
  readonly quiet: boolean;
  /** Iterations between checkpoints; undefined for as often as they cost little. */
  readonly checkpointEvery?: number;
  /** The run that goes on, in place of a new one. */
  readonly saved?: SavedRun;
  readonly hooks: Pick<RunHooks, "replacements">;
}

/** Runs, writes the folder and reports; gives the exit status. */
export async function runInFolder(
  pipeline: Pipeline,
  options: RunInFolderOptions,
): Promise<number> {
  const { config, out, quiet, saved, hooks } = options;
  const { seed } = config;
  const device = config.device as DeviceChoice;
  const stop = new AbortController();
  using folder = new RunFolder({ config, out, saved, onFailure: () => stop.abort() });
  const progress = showProgress({
    stream: process.stderr,
    live: canDraw("stderr"),
    quiet,
  });
  const emit = (event: TandemEvent) => {
    folder.sink(event);
    progress.sink(event);
  };
  const giveBack = stopOnInterrupt(stop, () => folder[Symbol.dispose]());
  const checkpoints = checkpointsOf(folder, options, emit);
  let result: RunResult;
  try {
    const context = createContext({ seed, device, emit, signal: stop.signal });
    const resume = saved?.found?.checkpoint;
    result = await runPipeline(pipeline, context, { ...hooks, resume, checkpoints });
    const summary = summarise(result, {
      pipeline,
      seed,
      device,
      wallSeconds: checkpoints.seconds,
      level: result.level,
    });
    progress.stop();
    folder.finish(summary, result.states, stateArrays.write);
    for (const [kind, files] of Object.entries(result.files)) {
      writeStageFiles(`${folder.path}/${kind}`, files);
    }
    // Read at the end, for a long run's events would fill the memory while it goes on.
    const events = [...readEvents(`${folder.path}/events.jsonl`, printError)];
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

function checkpointsOf(
  folder: RunFolder,
  { config, saved, checkpointEvery }: RunInFolderOptions,
  emit: (event: TandemEvent) => void,
): RunCheckpoints {
  // A new folder has its name when the run has begun, and not before.
  let shelf = saved?.shelf;
  return new RunCheckpoints({
    shelf: {
      keep: (...what) => {
        shelf ??= new CheckpointShelf(`${folder.path}/checkpoints`, stateArrays);
        shelf.keep(...what);
      },
    },
    run: fingerprint(config),
    every: checkpointEvery,
    secondsBefore: saved?.found?.manifest.seconds ?? 0,
    syncEvents: () => folder.syncEvents(),
    warn: (message) => emit({ type: "warning", code: "W_NOTE", message }),
    now: () => performance.now(),
  });
}

function show(summary: RunSummary, events: readonly TandemEvent[], path: string): void {
  const style = { color: canDraw("stdout"), columns: process.stdout.columns };
  const points = events.flatMap((event) =>
    event.type === "iteration.ended" && event.ended > 0
      ? [{ iteration: event.iteration, success: event.solved / event.ended }]
      : []
  );
  printPainted(trainingChart(points, summary.floor, style));
  printPainted(endTable(summary, style));
  const goOn = `Stopped; what was learned is kept, and deno task resume ${path} goes on.`;
  print(summary.stopped ? `\n${goOn}` : "");
  print(`${path}/report.html`);
}
