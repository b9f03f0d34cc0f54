/** A run with its folder, its progress on the terminal and its end. */
import process from "node:process";
import { createContext, type DeviceChoice } from "../core/kit/context.ts";
import type { FindLearned } from "../core/stages/learned.ts";
import type { EventSink, TandemEvent } from "../core/stages/events.ts";
import { outsideText } from "../core/base/outside.ts";
import type { Pipeline } from "../core/pipeline/pipeline.ts";
import { type RunHooks, runPipeline, type RunResult } from "../core/run/scheduler.ts";
import { CheckpointStore } from "../lab/checkpoint_store.ts";
import { readEvents } from "../lab/event_log.ts";
import { earlyEndNote, showProgress } from "../lab/progress.ts";
import { RunCheckpoints } from "../lab/run_checkpoints.ts";
import type { RunConfig } from "../lab/run_config.ts";
import { RunFolder } from "../lab/run_folder.ts";
import { fingerprint, type SavedRun } from "../lab/saved_run.ts";
import { writeStageFiles } from "../lab/stage_files.ts";
import { type RunSummary, summarise } from "../lab/summary.ts";
import { endTable, trainingChart } from "../lab/terminal.ts";
import { stateArrays } from "../experiments/arrays.ts";
import { INTERRUPTED, Interrupts } from "./interrupt.ts";
import { print, printError, printPainted } from "./print.ts";
import { type LogChoice, openRunLogs } from "./run_logs.ts";
import { type FinishedRun, prepareReport, writeReport } from "./report.ts";
import { openTelemetry, type Telemetry } from "./telemetry.ts";
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
  /** What others are told while it goes on. */
  readonly log: readonly LogChoice[];
  /** Finds what stages begin with; not asked where the run goes on from a checkpoint, which holds all. */
  readonly learned: FindLearned;
}

/** Bytes of events of which a report is drawn within a moment, for a run that was stopped. */
const QUICKLY_DRAWN = 4 << 20;

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
  const progress = await showProgress({
    stream: process.stderr,
    live: canDraw("stderr"),
    quiet,
  });
  const listeners: EventSink[] = [folder.sink, progress.sink];
  const emit = (event: TandemEvent) => {
    for (const listener of listeners) listener(event);
  };
  const warn = (message: string) => emit({ type: "warning", code: "W_NOTE", message });
  const logs = await openRunLogs(options.log, { config, folder, warn });
  const telemetry = await openTelemetry({
    config,
    path: () => folder.path,
    kept: () => readEvents(eventsOf(folder)),
  });
  listeners.push(logs.sink, telemetry.sink);
  using interrupts = new Interrupts({ stop, onLeave: () => leave(folder, telemetry) });
  const checkpoints = checkpointsOf(folder, options, emit);
  let result: RunResult;
  let isDone = false;
  let prepared: Promise<void> | undefined;
  if (!quiet) printError(`Loading the stages of "${outsideText(pipeline.name)}" ...`);
  try {
    const resume = saved?.found?.checkpoint;
    const learned = resume ? () => undefined : options.learned;
    const context = createContext({ seed, device, emit, signal: stop.signal, learned });
    result = await runPipeline(pipeline, context, {
      ...hooks,
      resume,
      checkpoints,
      onPhase(phase) {
        prepared ??= prepareReport(); // the stages have loaded what they are made of
        interrupts.enter(phase);
      },
    });
    isDone = !result.stopped;
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
    const events = eventsOf(folder);
    if (result.stopped && (interrupts.isLate || Deno.statSync(events).size > QUICKLY_DRAWN)) {
      printError(`No report was drawn; deno task resume ${folder.path} goes on, and draws it.`);
      return INTERRUPTED;
    }
    await prepared;
    // Read at the end, for a long run's events would fill the memory while it goes on.
    await tell(
      folder,
      { summary, config, events: [...readEvents(events, printError)], draw: result.draw },
      quiet,
    );
  } catch (error) {
    telemetry.end(error);
    folder.fail(error);
    throw folder.failure ?? error;
  } finally {
    progress.stop();
    telemetry.end();
    await logs.end(isDone);
  }
  return result.stopped ? INTERRUPTED : 0;
}

function eventsOf(folder: RunFolder): string {
  return `${folder.path}/events.jsonl`;
}

/** Draws the report, and shows what the run came to. */
async function tell(folder: RunFolder, run: FinishedRun, quiet: boolean): Promise<void> {
  await writeReport(folder, run);
  if (!quiet) await show(run.summary, run.events, folder.path);
}

/** What a run leaves that did not come to an end of its own: it goes on from its last checkpoint. */
function leave(folder: RunFolder, telemetry: Telemetry): void {
  telemetry.end();
  folder[Symbol.dispose]();
  printError(`Stopped in the midst of it; deno task resume ${folder.path} goes on.`);
}

function checkpointsOf(
  folder: RunFolder,
  { config, saved, checkpointEvery }: RunInFolderOptions,
  emit: (event: TandemEvent) => void,
): RunCheckpoints {
  // A new folder has its name when the run has begun, and not before.
  let store = saved?.store;
  return new RunCheckpoints({
    store: {
      keep: (...what) => {
        store ??= new CheckpointStore(`${folder.path}/checkpoints`, stateArrays);
        store.keep(...what);
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

async function show(
  summary: RunSummary,
  events: readonly TandemEvent[],
  path: string,
): Promise<void> {
  const style = { color: canDraw("stdout"), columns: process.stdout.columns };
  const points = events.flatMap((event) =>
    event.type === "iteration.ended" && event.ended > 0
      ? [{ iteration: event.iteration, success: event.solved / event.ended }]
      : []
  );
  printPainted(await trainingChart(points, summary.floor, style));
  printPainted(endTable(summary, style));
  const goOn = `Stopped; what was learned is kept, and deno task resume ${path} goes on.`;
  print(summary.stopped ? `\n${goOn}` : "");
  if (summary.earlyEnd) print(earlyEndNote(summary.iterations, summary.earlyEnd) + "\n");
  if (summary.measuredAfter !== undefined) {
    const { measuredAfter } = summary;
    print(
      `The last measurement was left out: success is that after iteration ${measuredAfter}.`,
    );
  }
  print(`${path}/report.html`);
}
