/** What a stage of a run had learned, read from the run's folder as data. */
import { join } from "node:path";
import { type StageState, type StageStates, type StateName, TandemError } from "@tandem/core";
import { outsideReason, outsideText, parseExactJson, partOfState } from "@tandem/core/internal";
import { disk, refuseLinksIn } from "@tandem/runtimes/files";
import type { ArrayFormat } from "./checkpoint_file.ts";
import { CheckpointStore } from "./checkpoint_store.ts";
import { stateDigest } from "./digest.ts";
import type { RunConfig } from "./run_config.ts";
import { fingerprints, readConfig } from "./saved_run.ts";

/** Bytes of a stage's JSON, and of its arrays. */
const [MOST_JSON, MOST_ARRAYS] = [2 ** 29, 2 ** 32];

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
 * interrupted, or is under way, at its newest checkpoint.
 *
 * @param path The run's folder.
 * @throws {TandemError} E_FILE where there is no run or a link lies in it, E_CHECKPOINT where nothing is
 * kept that can be used.
 */
export function readLearned(path: string, name: StateName, format: ArrayFormat): LearnedState {
  refuseLinksIn(path);
  const config = readConfig(path, "to begin from");
  const { [name]: state } = statesOf(path, [name], config, format);
  if (!state) throw nothingOf(path, name);
  return { config, state, sha256: stateDigest(state) };
}

/**
 * The same of several stages; those that had nothing to learn have no state.
 *
 * @throws {TandemError} E_FILE, E_CHECKPOINT
 */
export function readAllLearned(
  path: string,
  names: readonly StateName[],
  format: ArrayFormat,
): { readonly config: RunConfig; readonly states: StageStates } {
  refuseLinksIn(path);
  const config = readConfig(path, "to open");
  return { config, states: statesOf(path, names, config, format) };
}

function statesOf(
  path: string,
  names: readonly StateName[],
  config: RunConfig,
  format: ArrayFormat,
): StageStates {
  const kept = disk.list(join(path, "state"));
  const find = kept.length > 0
    ? (name: StateName) => stateAtEnd(path, name, kept, format)
    : statesUnderWay(path, config, format);
  const found = names.map((name) => [name, find(name)] as const);
  return Object.fromEntries(found.filter(([, state]) => state)) as StageStates;
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

/** Of one that was interrupted, or is under way: at its newest checkpoint. */
function statesUnderWay(
  path: string,
  config: RunConfig,
  format: ArrayFormat,
): (name: StateName) => StageState | undefined {
  const store = new CheckpointStore(join(path, "checkpoints"), format);
  const known = fingerprints(config);
  const found = store.newest(({ run }) => known.includes(run), () => {});
  if (!found) {
    throw new TandemError(
      "E_CHECKPOINT",
      `"${path}" holds neither what was learned at its end nor a checkpoint; it can be gone on with by ` +
        `deno task resume ${outsideText(path)}.`,
    );
  }
  return (name) => partOfState(found.checkpoint, name);
}

function nothingOf(path: string, name: StateName): TandemError {
  return new TandemError(
    "E_CHECKPOINT",
    `"${path}" holds nothing that its ${name} had learned; is there one that learns?`,
  );
}
