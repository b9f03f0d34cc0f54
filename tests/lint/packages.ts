/** The packages of the workspace: their folders, their names, and the files behind what they export. */
import { readMembers } from "../../release/workspace.ts";

/** A package of the workspace. */
export interface Package {
  readonly name: string;
  /** Its folder, from the root: "plugins/env". */
  readonly folder: string;
  /** The files behind its exports by what users write: "@tandem/core/kit" is "core/kit/mod.ts". */
  readonly doors: ReadonlyMap<string, string>;
}

/** Every package. */
export const PACKAGES: readonly Package[] = readMembers().map(({ name, folder, doors }) => ({
  name,
  folder,
  doors: new Map([...doors].map(([door, file]) => [name + door.slice(1), file])),
}));

/** The file that a specifier such as "@tandem/core/kit" means; undefined for others. */
export function fileBehind(specifier: string): string | undefined {
  for (const { doors } of PACKAGES) {
    const file = doors.get(specifier);
    if (file !== undefined) return file;
  }
  return undefined;
}
