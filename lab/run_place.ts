/** Where the folder of a new run will be: looked at before the run begins, made then, and undone. */
import { mkdirSync, readdirSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { TandemError } from "@tandem/core";
import { disk, isTaken } from "@tandem/runtimes/files";
import { diskError, removeQuietly } from "./disk.ts";

/** Where runs go that were not told where to. */
export const RUNS = "runs";

/**
 * The name of a run's folder: local time to the second, pipeline and seed.
 *
 * @example
 * ```ts
 * import { runId } from "./run_place.ts";
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

/** The place of a new run's folder. */
export class RunPlace {
  readonly #named: boolean;
  #path: string;
  /** What was made, to be undone. */
  #made: string[] = [];

  /**
   * Looks whether the folder can be made, and makes nothing yet.
   *
   * @param wanted The folder, or one of which a neighbour with a number will do where it is taken.
   * @param named Whether it must be that one.
   * @throws {TandemError} E_RUN_EXISTS where it holds something, E_DISK where it cannot be written.
   */
  constructor(wanted: string, { named }: { readonly named: boolean }) {
    this.#named = named;
    this.#path = wanted;
    try {
      if (named) refuseOccupied(wanted);
    } catch (error) {
      throw diskError(wanted, error); // Deno may not even look there
    }
    probe(wanted);
  }

  /** The folder; that of a run without a name for it is sure when it has been made. */
  get path(): string {
    return this.#path;
  }

  /** Makes the folder, and those above it. @throws {TandemError} E_RUN_EXISTS, E_DISK */
  make(): void {
    const wanted = this.#path;
    for (const parent of missingParents(wanted)) this.#makeDirectory(parent);
    if (this.#named && exists(wanted)) return refuseOccupied(wanted);
    // Two runs may begin in the same second: mkdir decides which of them has the name.
    for (let number = 2; !this.#makeDirectory(this.#path); number++) {
      if (this.#named) return refuseOccupied(wanted);
      this.#path = `${wanted}-${number}`;
    }
  }

  /** The path of a file in the folder that is removed with it. */
  add(name: string): string {
    const path = join(this.#path, name);
    this.#made.push(path);
    return path;
  }

  /** Removes all that was made, and folders that were made for it and are empty. Never throws. */
  undo(): void {
    const made = new Set(this.#made);
    if (made.has(this.#path)) removeQuietly(this.#path);
    else for (const path of made) removeQuietly(path);
    for (const parent of [...made].reverse()) removeEmpty(parent);
    this.#made = [];
  }

  /** Whether the directory was made; false where it was there. */
  #makeDirectory(path: string): boolean {
    try {
      mkdirSync(path);
      this.#made.push(path);
      return true;
    } catch (error) {
      if (isTaken(error)) return false;
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
  if (!statSync(path).isDirectory()) throw refuse("is a file");
  const [first] = readdirSync(path);
  if (first !== undefined) throw refuse(`holds "${first}" already`);
}

/** Writes a page next to where the folder will be and removes it, to fail before the work and not after. */
function probe(path: string): void {
  let place = path;
  while (!exists(place) && dirname(place) !== place) place = dirname(place);
  let trial: string | undefined;
  try {
    trial = join(place, `.${basename(path)}-${crypto.randomUUID()}`);
    writeFileSync(trial, new Uint8Array(4096), { flag: "wx" });
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
    statSync(path);
    return true;
  } catch {
    return false;
  }
}

function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Others have put something there, or it is gone.
  }
}
