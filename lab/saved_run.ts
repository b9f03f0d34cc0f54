/** The folder of a run that was interrupted, from which it can be resumed. */
import { statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { DEVICES, TandemError } from "@tandem/core";
import { anyObject, parseJson } from "@tandem/core/internal";
import {
  disk,
  diskError,
  type FileLock,
  lockFile,
  readSlice,
  refuseLinksIn,
  refuseShared,
  sweepDrafts,
} from "@tandem/runtimes/files";
import type { ArrayFormat, Manifest } from "./checkpoint_file.ts";
import { CheckpointStore, type Found } from "./checkpoint_store.ts";
import { canonical, sha256 } from "./digest.ts";
import type { RunConfig } from "./run_config.ts";

/** A run that can go on. */
export interface SavedRun {
  /** The run's folder. */
  readonly path: string;
  /** What was to be run. */
  readonly config: RunConfig;
  /** Whether it came to its end, so that nothing is left to do. */
  readonly isComplete: boolean;
  /** Whether it is to train longer than its config.json says until it goes on. */
  readonly isLonger: boolean;
  /** Its checkpoints. */
  readonly store: CheckpointStore;
  /** Where it goes on; it starts again where there is no checkpoint. */
  readonly found: Found | undefined;
  /** Held as long as this process works on the run. */
  readonly lock: FileLock;
}

/** Bytes of a config.json or a summary.json; they have some thousands. */
const LONGEST = 2 ** 26;

const CONFIG = v.looseObject({
  version: v.string(),
  command: v.string(),
  startedAt: v.string(),
  seed: v.pipe(v.number(), v.integer(), v.minValue(0)),
  device: v.picklist(DEVICES.filter((device) => device !== "auto")),
  pipeline: v.pipe(anyObject, v.check(({ name }) => typeof name === "string", "Expected a name")),
  sandbox: v.optional(v.boolean()),
  plannedBefore: v.optional(v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0)))),
  trial: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
});

/**
 * Opens a run's folder, which no other process may work on from here on.
 *
 * @param warn Told of each checkpoint that cannot be used.
 * @param iterations The iterations that it shall come to, more than were planned; as planned where absent.
 * @throws {TandemError} E_FILE where there is no run or a link lies in it, E_RUN_BUSY where another process works on it,
 * E_CHECKPOINT where there are checkpoints and none can be used, E_ARGUMENT for fewer iterations.
 */
export function openSavedRun(
  path: string,
  format: ArrayFormat,
  warn: (sentence: string) => void,
  iterations?: number,
): SavedRun {
  refuseLinksIn(path);
  const planned = readConfig(path);
  refuseHandedOn(path);
  const config = iterations === undefined ? planned : longer(planned, iterations, path);
  const isLonger = config !== planned;
  const lock = lockRun(path);
  const store = new CheckpointStore(join(path, "checkpoints"), format);
  const known = fingerprints(config);
  const events = join(path, "events.jsonl");
  const isUsable = (manifest: Manifest) => {
    return known.includes(manifest.run) && endsLine(events, manifest.events);
  };
  const isComplete = !isLonger && wasFinished(path);
  try {
    const passOver = ({ message }: TandemError) => warn(`${message} The one before is taken.`);
    const found = isComplete ? undefined : store.newest(isUsable, passOver);
    return { path, config, isComplete, isLonger, store, found, lock };
  } catch (error) {
    lock.close();
    const { message } = error as TandemError;
    throw new TandemError(
      "E_CHECKPOINT",
      `${message} To start the run again from its config.json, remove "${path}/checkpoints".`,
      { cause: error },
    );
  }
}

/**
 * A pulled run, or a trial that was kept for others: resuming would start it again and lose what it holds.
 *
 * @throws {TandemError} E_CHECKPOINT
 */
function refuseHandedOn(path: string): void {
  const names = disk.list(path);
  if (!names.includes("state") || names.includes("events.jsonl")) return;
  throw new TandemError(
    "E_CHECKPOINT",
    `"${path}" holds what was learned and no record of how, so it cannot be resumed; another run can begin ` +
      `with it, by --set student.from=${path}.`,
  );
}

/** What checkpoints are known by to be of this run. */
export function fingerprint({ pipeline, seed, device }: RunConfig): string {
  return sha256(canonical({ pipeline, seed, device }));
}

/** The same, with those of before it was made longer. */
export function fingerprints(config: RunConfig): string[] {
  const { plannedBefore = [] } = config;
  return [
    fingerprint(config),
    ...plannedBefore.map((count) => fingerprint(planning(config, count))),
  ];
}

function planning(config: RunConfig, iterations: number): RunConfig {
  const { pipeline } = config;
  const schedule = { ...pipeline.schedule, iterations };
  return { ...config, pipeline: { ...pipeline, schedule } };
}

/** The config of a run that trains longer. @throws {TandemError} E_ARGUMENT */
function longer(config: RunConfig, iterations: number, path: string): RunConfig {
  const { pipeline: { schedule }, plannedBefore = [] } = config;
  const planned = schedule?.iterations;
  if (iterations > planned) {
    return { ...planning(config, iterations), plannedBefore: [...plannedBefore, planned] };
  }
  throw new TandemError(
    "E_ARGUMENT",
    `"${path}" was planned for "${planned}" iterations, and "--iterations ${iterations}" is not more than that.`,
  );
}

/**
 * Holds a run for this process alone, until it ends, however it ends.
 *
 * @throws {TandemError} E_RUN_BUSY where another process holds it.
 */
export function lockRun(path: string): FileLock {
  const lock = lockFile(join(path, "config.json"));
  if (lock) return lock;
  throw new TandemError(
    "E_RUN_BUSY",
    `Another process is at work on "${path}". Wait for it, or end it.`,
  );
}

/**
 * Brings a folder to where the run goes on: later events go, and what was written at an end.
 *
 * @throws {TandemError} E_DISK
 */
export function takeUp({ path, found }: SavedRun): void {
  const events = join(path, "events.jsonl");
  try {
    for (const name of LEFT_AT_AN_END) disk.remove(join(path, name));
    for (const folder of [path, join(path, "checkpoints")]) sweepDrafts(folder, 0);
    if (!found) return disk.remove(events);
    refuseShared(events);
    truncateSync(events, found.manifest.events);
    disk.sync(events);
  } catch (error) {
    throw diskError(path, error);
  }
}

const LEFT_AT_AN_END = ["state", "summary.json", "report.html", "error.json"];

/**
 * The config.json of a run's folder.
 *
 * @param file Its path, for the message.
 * @throws {TandemError} E_PIPELINE where it is something else.
 */
export function configFromJson(value: unknown, file: string): RunConfig {
  return parseConfig(
    value,
    (key) =>
      new TandemError(
        "E_PIPELINE",
        `"${file}" is neither a pipeline nor the config.json of a run: it has no right "${key}".`,
      ),
  );
}

function parseConfig(value: unknown, refuse: (key: string) => TandemError): RunConfig {
  const parsed = v.safeParse(CONFIG, value);
  if (parsed.success) return parsed.output as unknown as RunConfig;
  throw refuse(v.getDotPath(parsed.issues[0]!) ?? "whole");
}

/**
 * The config.json in a run's folder.
 *
 * @param purpose What the run is opened for, to end "holds no run ...".
 * @throws {TandemError} E_FILE where there is none.
 */
export function readConfig(path: string, purpose = "that could go on"): RunConfig {
  const file = join(path, "config.json");
  const refuse = (why: string, cause?: unknown) =>
    new TandemError("E_FILE", `"${path}" holds no run ${purpose}: ${why}.`, { cause });
  let value: unknown;
  try {
    value = parseJson(new TextDecoder().decode(disk.read(file, LONGEST)));
  } catch (error) {
    throw refuse(
      error instanceof SyntaxError
        ? "its config.json is no JSON"
        : error instanceof RangeError
        ? `of its config.json, ${error.message}`
        : "it has no config.json",
      error,
    );
  }
  return parseConfig(value, (key) => refuse(`its config.json has no right "${key}"`));
}

/** Whether a report is there and the run was not stopped before its end. */
function wasFinished(path: string): boolean {
  try {
    statSync(join(path, "report.html"));
    const summary = JSON.parse(
      new TextDecoder().decode(disk.read(join(path, "summary.json"), LONGEST)),
    );
    return summary.stopped === false;
  } catch {
    return false;
  }
}

/** Whether a file has so many bytes and they end with a line's end. */
function endsLine(path: string, bytes: number): boolean {
  try {
    return readSlice(path, bytes - 1, 1)[0] === "\n".charCodeAt(0);
  } catch {
    return false;
  }
}
