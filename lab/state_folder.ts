/** What the stages of a run learned, as files: KIND.json and KIND.safetensors. */
import { join } from "node:path";
import { STAGE_KINDS, type StageKind, type StageState, type StateArray } from "../core/stages.ts";
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
  states: Readonly<Partial<Record<StageKind, StageState>>>,
  writeArrays: ArrayWriter,
): void {
  const draft = `${path}.tmp`;
  try {
    Deno.mkdirSync(draft);
    for (const kind of STAGE_KINDS) {
      const state = states[kind];
      if (!state) continue;
      const json = JSON.stringify(state.json ?? null, null, 2) + "\n";
      Deno.writeTextFileSync(join(draft, `${kind}.json`), json);
      if (!state.arrays) continue;
      Deno.writeFileSync(join(draft, `${kind}.safetensors`), writeArrays(state.arrays));
    }
    Deno.renameSync(draft, path);
  } catch (error) {
    removeQuietly(draft);
    throw diskError(path, error);
  }
}
