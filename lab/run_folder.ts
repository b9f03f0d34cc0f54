/**
 * The folder that a run leaves: config.json, events.jsonl, checkpoints/, state/, summary.json,
 * report.html.
 *
 * It is made when the run begins and not before, so that bad input leaves nothing behind.
 */
import { basename, dirname, join } from "node:path";
import { TandemError } from "../core/stages/errors.ts";
import type { EventSink, TandemEvent } from "../core/stages/events.ts";
import type { StageStates } from "../core/run/result.ts";
import { disk } from "../runtimes/files/files.ts";
import { diskError, removeQuietly, writeAtomically } from "./disk.ts";
import { EventLog } from "./event_log.ts";
import { lockRun, type SavedRun, takeUp } from "./saved_run.ts";
import { type ArrayWriter, writeStates } from "./state_folder.ts";
import type { RunConfig } from "./run_config.ts";
import type { RunSummary } from "./summary.ts";

/** What {@linkcode RunFolder} takes. */
export interface RunFolderOptions {
  readonly config: RunConfig;
  /** The folder itself, as --out names it; default: a folder of its own in `runs/`. */
  readonly out?: string;
  /** The run whose folder is gone on with, in place of a new one. */
  readonly saved?: SavedRun;
  /** Called once, when the disk takes no more: the run should then end. */
  readonly onFailure?: (error: TandemError) => void;
}

/** Where runs go that were not told where to. */
const RUNS = "runs";

/**
 * The name of a run's folder: local time to the second, pipeline and seed.
 *
 * @example
 * ```ts
 * import { runId } from "./run_folder.ts";
 * import assert from "node:assert/strict";
 * assert.equal(runId("BabyAI, twice", 3, new Date(2026, 10, 20, 19, 0, 5)), "20261120-190005-babyai-twice-s3");
 * ```
 */
export function runId(pipelineName: string, seed: number, now: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  const time = `${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
  const name = pipelineName.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  return `${day}-${time}-${name || "run"}-s${seed}`;
}

/** A run's folder, from before it exists to when it is whole. */
export class RunFolder {
  readonly #options: RunFolderOptions;
  #path: string;
  #log: EventLog | undefined;
  /** Events from before the run began. */
  #early: TandemEvent[] = [];
  /** What was made, to be undone. */
  #made: string[] = [];
  #learned = false;
  /** Bytes of events.jsonl up to the last checkpoint. */
  #synced = 0;
  /** Held to the process's end. */
  #lock: Deno.FsFile | undefined;
  #failure: TandemError | undefined;

  /**
   * Looks whether the folder can be made, and makes nothing yet.
   *
   * @throws {TandemError} E_RUN_EXISTS where it holds something, E_DISK where it cannot be written.
   */
  constructor(options: RunFolderOptions) {
    this.#options = options;
    if (options.saved) {
      this.#path = options.saved.path;
      this.#lock = options.saved.lock;
      this.#synced = options.saved.found?.manifest.events ?? 0;
      this.#learned = true;
      return;
    }
    const { pipeline, seed, startedAt } = options.config;
    this.#path = options.out ?? join(RUNS, runId(pipeline.name, seed, new Date(startedAt)));
    if (options.out !== undefined) refuseOccupied(options.out);
    probe(this.#path);
  }

  /** The folder. A default name that is taken gets a number when the run begins. */
  get path(): string {
    return this.#path;
  }

  /** Whether the folder has been made. */
  get begun(): boolean {
    return this.#log !== undefined;
  }

  /** What the disk answered first, if it took no more. */
  get failure(): TandemError | undefined {
    return this.#failure;
  }

  /**
   * Keeps events. `run.started` makes the folder; what came before it is kept until then. It never
   * throws: the first failure goes to `onFailure` and to {@linkcode RunFolder.finish}.
   */
  readonly sink: EventSink = (event) => {
    if (this.#failure) return;
    try {
      if (event.type === "run.started" || event.type === "run.resumed") this.#begin();
      // What happened since the checkpoint has not happened.
      if (event.type === "run.fell-back") this.#log?.cutTo(this.#synced);
      if (this.#log) this.#log.append(event);
      else this.#early.push(event);
      if (event.type === "iteration.ended") this.#learned = true;
    } catch (error) {
      this.#failure = diskError(this.#path, error);
      this.#options.onFailure?.(this.#failure);
    }
  };

  /**
   * Ends the run's record: events to the last, what was learned in state/, then summary.json.
   *
   * @param writeArrays Turns a stage's arrays into a safetensors file.
   * @throws {TandemError} E_DISK; what was written before is kept.
   */
  finish(
    summary: RunSummary,
    states: StageStates,
    writeArrays: ArrayWriter,
  ): void {
    if (this.#failure) throw this.#failure;
    this.#log?.close();
    writeStates(join(this.#path, "state"), states, writeArrays);
    this.write("summary.json", JSON.stringify(summary, null, 2) + "\n");
  }

  /** Brings all events onto the disk; gives the bytes of events.jsonl. @throws {TandemError} E_DISK */
  syncEvents(): number {
    return this.#synced = this.#log?.sync() ?? 0;
  }

  /** Lets go of the folder; a run that is not finished can go on from it. Never throws. */
  [Symbol.dispose](): void {
    try {
      this.#log?.close();
    } catch {
      // What could not be written is made again when the run goes on.
    }
    this.#lock?.close();
    this.#lock = undefined;
  }

  /** Adds a file, whole or not at all. @throws {TandemError} E_DISK */
  write(name: string, content: string | Uint8Array): void {
    writeAtomically(join(this.#path, name), content);
  }

  /**
   * Ends the record of a run that failed. If nothing was learned the folder goes; else it stays,
   * and error.json says what happened. Does nothing before the run began, and never throws.
   */
  fail(error: unknown): void {
    if (!this.#learned) return this.discard();
    try {
      this.#log?.close();
      const { code, message } = error instanceof TandemError
        ? error
        : { code: null, message: error instanceof Error ? error.message : String(error) };
      this.write("error.json", JSON.stringify({ code, message }, null, 2) + "\n");
    } catch {
      // The disk is what failed; the error itself is already on its way to the person.
    }
  }

  /** Removes all that this run has written. Never throws. */
  discard(): void {
    try {
      this.#log?.close();
    } catch {
      // What could not be written is removed in any case.
    }
    const made = new Set(this.#made);
    if (made.has(this.#path)) removeQuietly(this.#path);
    else for (const path of made) removeQuietly(path);
    for (const parent of [...made].reverse()) removeEmpty(parent);
    this.#made = [];
  }

  #begin(): void {
    const { config, saved } = this.#options;
    if (saved) takeUp(saved);
    else this.#makeFolder();
    const [configPath, eventsPath] = ["config.json", "events.jsonl"].map((name) =>
      join(this.#path, name)
    ) as [string, string];
    if (!saved) {
      this.#made.push(configPath, eventsPath);
      writeAtomically(configPath, JSON.stringify(config, null, 2) + "\n");
      this.#lock = lockRun(this.#path);
    }
    this.#log = new EventLog(eventsPath);
    // What was said before the run went on was said when it began.
    if (!saved?.found) { for (const event of this.#early) this.#log.append(event); }
    this.#early = [];
  }

  #makeFolder(): void {
    const wanted = this.#path;
    for (const parent of missingParents(wanted)) this.#makeDirectory(parent);
    const { out } = this.#options;
    if (out !== undefined && exists(out)) return refuseOccupied(out);
    // Two runs may begin in the same second: mkdir decides which of them has the name.
    for (let number = 2; !this.#makeDirectory(this.#path); number++) {
      if (out !== undefined) return refuseOccupied(out);
      this.#path = `${wanted}-${number}`;
    }
  }

  /** Whether the directory was made; false where it was there. */
  #makeDirectory(path: string): boolean {
    try {
      Deno.mkdirSync(path);
      this.#made.push(path);
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) return false;
      throw diskError(path, error);
    }
  }
}

/** @throws {TandemError} E_RUN_EXISTS where something lies in the way. */
function refuseOccupied(path: string): void {
  if (!exists(path) && !disk.isLink(path)) return;
  const refuse = (why: string) =>
    new TandemError("E_RUN_EXISTS", `"${path}" ${why}. Name a new or empty folder with --out.`);
  if (!exists(path)) throw refuse("is a link that leads nowhere");
  if (!Deno.statSync(path).isDirectory) throw refuse("is a file");
  for (const entry of Deno.readDirSync(path)) throw refuse(`holds "${entry.name}" already`);
}

/** Writes a page next to where the folder will be and removes it, to fail before the work and not after. */
function probe(path: string): void {
  let place = path;
  while (!exists(place) && dirname(place) !== place) place = dirname(place);
  let trial: string | undefined;
  try {
    trial = Deno.makeTempFileSync({ dir: place, prefix: `.${basename(path)}-` });
    Deno.writeFileSync(trial, new Uint8Array(4096));
  } catch (error) {
    throw diskError(path, error);
  } finally {
    if (trial !== undefined) removeQuietly(trial);
  }
}

function missingParents(path: string): string[] {
  const missing: string[] = [];
  for (let parent = dirname(path); !exists(parent); parent = dirname(parent)) {
    missing.unshift(parent);
  }
  return missing;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

function removeEmpty(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Others have put something there, or it is gone.
  }
}
