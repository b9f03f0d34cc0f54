/** What the stages of a run learned, as files: NAME.json and NAME.safetensors. */
import { join } from "node:path";
import { type StageStates, stateNames } from "../core/result.ts";
import type { StateArray } from "../core/stages.ts";
import { diskError, removeQuietly } from "./disk.ts";

/** Turns named arrays into the bytes of a safetensors file. */
export type ArrayWriter = (arrays: Readonly<Record<string, StateArray>>) => Uint8Array;

/**
 * Writes a folder of stage states, whole or not at all.
 *
 * @param path The folder, which must not exist.
 * @throws {TandemError} E_DISK
 */
export function writeStates(
  path: string,
  states: StageStates,
  writeArrays: ArrayWriter,
): void {
  const draft = `${path}.tmp`;
  try {
    Deno.mkdirSync(draft);
    for (const name of stateNames(states)) {
      const state = states[name]!;
      const json = JSON.stringify(state.json ?? null, null, 2) + "\n";
      Deno.writeTextFileSync(join(draft, `${name}.json`), json);
      if (!state.arrays) continue;
      Deno.writeFileSync(join(draft, `${name}.safetensors`), writeArrays(state.arrays));
    }
    Deno.renameSync(draft, path);
  } catch (error) {
    removeQuietly(draft);
    throw diskError(path, error);
  }
}
