/** What a stage of a run had learned, read from the run's folder as data. */
import { join } from "node:path";
import { type StageState, type StageStates, type StateName, TandemError } from "@tandem/core";
import {
  outsideReason,
  outsideText,
  parseExactJson,
  parseJson,
  partOfState,
} from "@tandem/core/internal";
import { disk, refuseLinksIn } from "@tandem/runtimes/files";
import type { ArrayFormat, Manifest } from "./checkpoint_file.ts";
import { CheckpointStore, type Found } from "./checkpoint_store.ts";
import { stateDigest } from "./digest.ts";
import { type LearnedPlace, learnedPlace } from "./learned_place.ts";
import type { RunConfig } from "./run_config.ts";
import { fingerprints, readConfig } from "./saved_run.ts";
import type { RunSummary } from "./summary.ts";
import { readSummary } from "./trial_schema.ts";

/** Bytes of a stage's JSON, of its arrays, and of a summary. */
const [MOST_JSON, MOST_ARRAYS, MOST_SUMMARY] = [2 ** 29, 2 ** 32, 2 ** 26];

/** What a stage had learned, with the run that it is of. */
export interface LearnedState {
  /** What was run. */
  readonly config: RunConfig;
  /** The stage's state. */
  readonly state: StageState;
  /** SHA-256 of the state. */
  readonly sha256: string;
}

/**
 * Reads what a stage had learned: at the end of the run or where it was stopped; of one that was
 * interrupted, or is under way, at its newest checkpoint; with `@best` behind the folder where success on
 * development worlds was highest.
 *
 * @param run The run's folder, or that with `@best`.
 * @throws {TandemError} E_FILE where there is no run or a link lies in it, E_CHECKPOINT where nothing is
 * kept that can be used.
 */
export function readLearned(run: string, name: StateName, format: ArrayFormat): LearnedState {
  const { config, states: { [name]: state } } = readAllLearned(
    run,
    [name],
    format,
    "to begin from",
  );
  if (!state) throw nothingOf(run, name);
  return { config, state, sha256: stateDigest(state) };
}

/** What several stages had learned. */
export interface LearnedStates {
  /** What was run. */
  readonly config: RunConfig;
  /** Those that had nothing to learn have no state. */
  readonly states: StageStates;
  /** Iterations after which they stood so; undefined where the folder does not tell. */
  readonly iteration: number | undefined;
}

/**
 * As {@linkcode readLearned}, of several stages.
 *
 * @param purpose What the run is opened for, to end "holds no run ...".
 * @throws {TandemError} E_FILE, E_CHECKPOINT
 */
export function readAllLearned(
  run: string,
  names: readonly StateName[],
  format: ArrayFormat,
  purpose = "to open",
): LearnedStates {
  const place = learnedPlace(run);
  refuseLinksIn(place.folder);
  const config = readConfig(place.folder, purpose);
  const { iteration, find } = chosen(place, config, format);
  const found = names.map((name) => [name, find(name)] as const);
  const states = Object.fromEntries(found.filter(([, state]) => state)) as StageStates;
  return { config, states, iteration };
}

/** The states that are meant, of which none is read yet but for those of a checkpoint. */
interface Chosen {
  readonly iteration: number | undefined;
  readonly find: (name: StateName) => StageState | undefined;
}

function chosen({ folder, isBest }: LearnedPlace, config: RunConfig, format: ArrayFormat): Chosen {
  const kept = disk.list(join(folder, "state"));
  const summary = kept.length > 0 ? readSummaryOf(folder) : undefined;
  const end: Chosen | undefined = kept.length > 0
    ? { iteration: summary?.iterations, find: (name) => stateAtEnd(folder, name, kept, format) }
    : undefined;
  if (!isBest && end) return end;
  const store = new CheckpointStore(join(folder, "checkpoints"), format);
  const known = fingerprints(config);
  const isOwn = ({ run }: Manifest) => known.includes(run);
  if (!isBest) {
    const newest = store.newest(isOwn, () => {});
    if (newest) return at(newest);
    throw new TandemError(
      "E_CHECKPOINT",
      `"${folder}" holds neither what was learned at its end nor a checkpoint; it can be gone on with by ` +
        `deno task resume ${outsideText(folder)}.`,
    );
  }
  const best = store.best(isOwn);
  const atEnd = summary?.measuredAfter === undefined ? summary?.success.end : undefined;
  if (end && atEnd !== undefined && atEnd >= (best?.manifest.success ?? -1)) return end;
  if (best) return at(best);
  throw new TandemError(
    "E_CHECKPOINT",
    `"${folder}" holds nothing that was measured, of which one would be the best; without "@best" the ` +
      "last is taken.",
  );
}

function at({ checkpoint }: Found): Chosen {
  return {
    iteration: checkpoint.iteration,
    find: (name) => partOfState(checkpoint, name),
  };
}

/** Undefined where there is none that can be read, as in the folder of a trial. */
export function readSummaryOf(folder: string): RunSummary | undefined {
  try {
    const text = new TextDecoder().decode(disk.read(join(folder, "summary.json"), MOST_SUMMARY));
    const read = readSummary(parseJson(text));
    return "value" in read ? read.value : undefined;
  } catch {
    return undefined;
  }
}

/** Of a run that ended or was stopped; undefined where the stage learned nothing. */
function stateAtEnd(
  path: string,
  name: StateName,
  names: readonly string[],
  format: ArrayFormat,
): StageState | undefined {
  const folder = join(path, "state");
  if (!names.includes(`${name}.json`)) return undefined;
  try {
    const text = new TextDecoder().decode(disk.read(join(folder, `${name}.json`), MOST_JSON));
    const json = parseExactJson(text);
    const file = `${name}.safetensors`;
    if (!names.includes(file)) return { json };
    return { json, arrays: format.read(disk.read(join(folder, file), MOST_ARRAYS), file) };
  } catch (error) {
    throw new TandemError(
      "E_CHECKPOINT",
      `What the ${name} of "${path}" had learned cannot be read: ${outsideReason(error)}`,
      { cause: error },
    );
  }
}

function nothingOf(path: string, name: StateName): TandemError {
  return new TandemError(
    "E_CHECKPOINT",
    `"${path}" holds nothing that its ${name} had learned; is there one that learns?`,
  );
}
