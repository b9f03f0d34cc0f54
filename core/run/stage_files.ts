import { STAGE_KINDS, type StageFiles, type StageKind, type Stages } from "../stages/mod.ts";

/** Asks the stages for the files that they have made. */
export async function filesOf(stages: Stages): Promise<Partial<Record<StageKind, StageFiles>>> {
  const files: Partial<Record<StageKind, StageFiles>> = {};
  for (const kind of STAGE_KINDS) {
    const made = await stages[kind].files?.();
    if (made) files[kind] = made;
  }
  return files;
}
