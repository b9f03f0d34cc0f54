/** `--log`: what other programs see of a run while it goes on. */
import { InvalidArgumentError } from "@commander-js/extra-typings";
import { basename, join } from "node:path";
import * as v from "valibot";
import { parseJson } from "../core/kit/json.ts";
import type { PipelineJson } from "../core/pipeline/pipeline.ts";
import { STAGE_KINDS } from "../core/stages/mod.ts";
import { readEvents } from "../lab/event_log.ts";
import { eventFileName } from "../lab/export/tensorboard.ts";
import { csvLog, tensorBoardLog } from "../lab/live/files.ts";
import { openMlflow } from "../lab/live/mlflow.ts";
import { type RunLog, RunLogs } from "../lab/live/run_logs.ts";
import type { RunConfig } from "../lab/run_config.ts";
import type { RunFolder } from "../lab/run_folder.ts";
import { readTextFileSync } from "../runtimes/files/read.ts";
import { list } from "./parse.ts";

/** A log that is asked for. */
export interface LogChoice {
  readonly kind: "tensorboard" | "csv" | "mlflow";
  /** The address of MLflow's server. */
  readonly server?: string;
}

/** The option, for the commands that train. */
export const LOG = [
  "--log <logs>",
  "tell others while it goes on, by commas: tensorboard and csv (files in the run's folder), mlflow=URL",
  logChoices,
  [] as LogChoice[],
] as const;

/** Reads the option's argument. */
function logChoices(text: string): LogChoice[] {
  return list(text).map((name) => {
    if (name === "tensorboard" || name === "csv") return { kind: name };
    const [, server] = /^mlflow=(.+)$/.exec(name) ?? [];
    if (server !== undefined) return { kind: "mlflow", server };
    throw new InvalidArgumentError(`"${name}" is none of tensorboard, csv, mlflow=URL.`);
  });
}

/** What {@linkcode openRunLogs} takes. */
export interface RunLogsSetting {
  readonly config: RunConfig;
  /** A new one has its name for good when the run has begun. */
  readonly folder: RunFolder;
  readonly warn: (sentence: string) => void;
}

/** Where the run is known at MLflow's server. */
const MLFLOW_FILE = "mlflow.json";
const MLFLOW = v.object({ server: v.string(), run: v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/)) });

/**
 * Opens the logs of a run that is about to begin or to go on.
 *
 * @throws {TandemError} E_ARGUMENT, E_PERMISSION or E_DOWNLOAD where a server cannot be told.
 */
export async function openRunLogs(
  choices: readonly LogChoice[],
  setting: RunLogsSetting,
): Promise<RunLogs> {
  const { config, folder, warn } = setting;
  const startedAt = Date.parse(config.startedAt) / 1000;
  const logs: RunLog[] = [];
  for (const { kind, server } of choices) {
    const inFolder = (name: string) => join(folder.path, name);
    if (kind === "csv") logs.push(onceBegun(() => csvLog(inFolder("progress.csv"), warn)));
    if (kind === "tensorboard") {
      const file = `tensorboard/${eventFileName(startedAt)}`;
      logs.push(onceBegun(() => tensorBoardLog(inFolder(file), startedAt, warn)));
    }
    if (kind === "mlflow") logs.push(await mlflowLog(server!, startedAt, setting));
  }
  return new RunLogs({
    logs,
    startedAt,
    kept: () => readEvents(join(folder.path, "events.jsonl")),
  });
}

/** A log that is opened when the run's folder is there. */
function onceBegun(open: () => RunLog): RunLog {
  let log: RunLog | undefined;
  const opened = () => log ??= open();
  return {
    restart: () => opened().restart!(),
    add: (scalars) => opened().add(scalars),
    end: (isDone) => log?.end(isDone) ?? Promise.resolve(),
  };
}

/** Its id stands in the run's folder, so that a run that goes on is the same there. */
async function mlflowLog(
  server: string,
  startedAt: number,
  { config, folder, warn }: RunLogsSetting,
): Promise<RunLog> {
  const { pipeline } = config;
  const known = knownRun(folder.path, server);
  const run = { experiment: pipeline.name, name: basename(folder.path), startedAt, known };
  const log = await openMlflow(server, { ...run, params: paramsOf(config) }, warn);
  let isNoted = known !== undefined;
  return {
    add(scalars) {
      if (!isNoted) folder.write(MLFLOW_FILE, `${JSON.stringify({ server, run: log.id })}\n`);
      isNoted = true;
      log.add(scalars);
    },
    end: (isDone) => log.end(isDone),
  };
}

function knownRun(path: string, server: string): string | undefined {
  try {
    const told = parseJson(readTextFileSync(join(path, MLFLOW_FILE), 10_000));
    const known = v.parse(MLFLOW, told);
    return known.server === server ? known.run : undefined;
  } catch {
    return undefined; // it was told to nobody
  }
}

/** Plugins and options by the names that --set gives them. */
function paramsOf({ pipeline, seed, device }: RunConfig): Record<string, string> {
  const params: Record<string, string> = { seed: String(seed), device };
  const note = (prefix: string, values: object) => {
    for (const [name, value] of Object.entries(values)) {
      params[`${prefix}.${name}`] = typeof value === "string" ? value : JSON.stringify(value);
    }
  };
  for (const [name, { plugin, options }] of stagesOf(pipeline)) {
    params[name] = plugin;
    note(name, options);
  }
  note("schedule", pipeline.schedule);
  return params;
}

function stagesOf(pipeline: PipelineJson) {
  const five = STAGE_KINDS.map((kind) => [kind, pipeline[kind]] as const);
  const extras = Object.entries(pipeline.extras ?? {});
  return [...five, ...extras.map(([name, stage]) => [`extra.${name}`, stage] as const)];
}
