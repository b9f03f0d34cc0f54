/** The packages of the workspace: their folders, their names, and the files behind what they export. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A package of the workspace. */
export interface Package {
  readonly name: string;
  /** Its folder, from the root: "plugins/env". */
  readonly folder: string;
  /** The files behind its exports by what users write: "@tandem/core/kit" is "core/kit/mod.ts". */
  readonly doors: ReadonlyMap<string, string>;
}

const json = (path: string) => JSON.parse(readFileSync(join(ROOT, path), "utf8"));

/** Every package. */
export const PACKAGES: readonly Package[] = (json("deno.json").workspace as string[])
  .map((member) => {
    const folder = join(member);
    const { name, exports } = json(join(folder, "deno.json")) as {
      name: string;
      exports: Record<string, string>;
    };
    const doors = Object.entries(exports)
      .map(([door, file]) => [name + door.slice(1), join(folder, file)] as const);
    return { name, folder, doors: new Map(doors) };
  });

/** The file that a specifier such as "@tandem/core/kit" means; undefined for others. */
export function fileBehind(specifier: string): string | undefined {
  for (const { doors } of PACKAGES) {
    const file = doors.get(specifier);
    if (file !== undefined) return file;
  }
  return undefined;
}

/** The package that a file is of, by its path from the root: the innermost where one lies in another. */
export function packageOf(path: string): Package | undefined {
  return PACKAGES.filter(({ folder }) => path.startsWith(`${folder}/`))
    .sort((a, b) => b.folder.length - a.folder.length)[0];
}
