/**
 * The folder that a run leaves: config.json, events.jsonl, checkpoints/, state/, summary.json,
 * report.html.
 *
 * It is made when the run begins and not before, so that bad input leaves nothing behind.
 */
import { join } from "node:path";
import { type EventSink, type StageStates, TandemError, type TandemEvent } from "@tandem/core";
import type { FileLock } from "@tandem/runtimes/files";
import { diskError, writeAtomically } from "./disk.ts";
import { EventLog } from "./event_log.ts";
import { runId, RunPlace, RUNS } from "./run_place.ts";
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

/** A run's folder, from before it exists to when it is whole. */
export class RunFolder {
  readonly #options: RunFolderOptions;
  /** Where a new run's folder is; undefined for a run that is gone on with. */
  readonly #place: RunPlace | undefined;
  #log: EventLog | undefined;
  /** Events from before the run began. */
  #early: TandemEvent[] = [];
  #learned = false;
  /** Bytes of events.jsonl up to the last checkpoint. */
  #synced = 0;
  /** Held to the process's end. */
  #lock: FileLock | undefined;
  #failure: TandemError | undefined;

  /**
   * Looks whether the folder can be made, and makes nothing yet.
   *
   * @throws {TandemError} E_RUN_EXISTS where it holds something, E_DISK where it cannot be written.
   */
  constructor(options: RunFolderOptions) {
    this.#options = options;
    const { saved, out, config: { pipeline, seed, startedAt } } = options;
    if (saved) {
      this.#lock = saved.lock;
      this.#synced = saved.found?.manifest.events ?? 0;
      this.#learned = true;
      return;
    }
    const own = join(RUNS, runId(pipeline.name, seed, new Date(startedAt)));
    this.#place = new RunPlace(out ?? own, { named: out !== undefined });
  }

  /** The folder. A default name that is taken gets a number when the run begins. */
  get path(): string {
    return this.#options.saved?.path ?? this.#place!.path;
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
      this.#failure = diskError(this.path, error);
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
    writeStates(join(this.path, "state"), states, writeArrays);
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
    writeAtomically(join(this.path, name), content);
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
    this.#place?.undo();
  }

  /** Writes what is planned now, and holds the file that is there now. */
  #planAnew(config: RunConfig): void {
    writeAtomically(join(this.path, "config.json"), JSON.stringify(config, null, 2) + "\n");
    this.#lock?.close();
    this.#lock = lockRun(this.path);
  }

  #begin(): void {
    const { config, saved } = this.#options;
    if (saved) takeUp(saved);
    if (saved?.isLonger) this.#planAnew(config);
    if (this.#place) {
      this.#place.make();
      writeAtomically(this.#place.add("config.json"), JSON.stringify(config, null, 2) + "\n");
      this.#lock = lockRun(this.path);
    }
    this.#log = new EventLog(this.#place?.add("events.jsonl") ?? join(this.path, "events.jsonl"));
    // What was said before the run went on was said when it began.
    if (!saved?.found) { for (const event of this.#early) this.#log.append(event); }
    this.#early = [];
  }
}
