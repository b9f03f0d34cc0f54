/** What the stages of a run learned, as files: NAME.json and NAME.safetensors. */
import type { StageState, StageStates, StateArray } from "@tandem/core";
import { exactJson, stateNames } from "@tandem/core/internal";
import type { RunConfig } from "./run_config.ts";
import { writeFolder } from "@tandem/runtimes/files";

/**
 * Turns named arrays into the bytes of a safetensors file.
 *
 * @internal
 */
export type ArrayWriter = (arrays: Readonly<Record<string, StateArray>>) => Uint8Array;

/**
 * Writes a folder of stage states, whole or not at all.
 *
 * @param path The folder, which must not exist.
 * @throws {TandemError} E_DISK, and E_FILE where a link or something else is in the way.
 */
export function writeStates(
  path: string,
  states: StageStates,
  writeArrays: ArrayWriter,
): void {
  writeFolder(path, statesIn("", states, writeArrays));
}

/**
 * What a comparison keeps of a trial for others to begin from: its config.json, and its states.
 *
 * @param path The folder; what stood there before goes.
 * @throws {TandemError} E_DISK, and E_FILE where a link is in the way.
 */
export function writeTrialFolder(
  path: string,
  config: RunConfig,
  states: StageStates,
  writeArrays: ArrayWriter,
): void {
  const text = `${JSON.stringify(config, null, 2)}\n`;
  const files = function* (): Generator<[string, Uint8Array]> {
    yield ["config.json", new TextEncoder().encode(text)];
    yield* statesIn("state/", states, writeArrays);
  };
  writeFolder(path, files(), { replaces: true });
}

/**
 * The files of states, by names behind a folder's. One at a time: the arrays of a large model would fill the
 * memory together.
 */
export function* statesIn(
  folder: "" | "state/",
  states: StageStates,
  writeArrays: ArrayWriter,
): Generator<[string, Uint8Array]> {
  for (const name of stateNames(states)) {
    const state = states[name]!;
    yield [`${folder}${name}.json`, stateJson(state)];
    if (state.arrays) yield [`${folder}${name}.safetensors`, writeArrays(state.arrays)];
  }
}

/** What of a stage's state is no array, as a file. */
export function stateJson({ json }: Pick<StageState, "json">): Uint8Array {
  const text = JSON.stringify(JSON.parse(exactJson(json)), null, 2);
  return new TextEncoder().encode(`${text}\n`);
}
