/** The Deno configuration of a folder of one's own, in which plugins import a clone of Tandem. */
import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import map from "../../import_map.json" with { type: "json" };
import { ROOT } from "./names.ts";

/** The Deno configuration that governs a folder. */
export interface Config {
  readonly path: string;
  /** What is to be written there, where there is none. */
  readonly source?: string;
  /** What has to be added to one that is there. */
  readonly lacks?: string;
}

/**
 * Where Tandem's packages are resolved for a folder. Tandem's own folder knows it; a folder with a
 * configuration of its own has to say it, and one without is given one.
 */
export function configFor(dir: string): Config {
  for (let at = resolve(dir);; at = dirname(at)) {
    for (const name of ["deno.json", "deno.jsonc"]) {
      const path = join(at, name);
      if (!existsSync(path)) continue;
      if (join(at, "/") === ROOT || Deno.readTextFileSync(path).includes('"@tandem/core"')) {
        return { path };
      }
      return { path, lacks: JSON.stringify(importsFrom(at), null, 2) };
    }
    if (dirname(at) === at) break;
  }
  const source = JSON.stringify({ imports: importsFrom(resolve(dir)) }, null, 2) + "\n";
  return { path: join(dir, "deno.json"), source };
}

/** What a package of the workspace says of itself. */
interface Member {
  readonly name: string;
  readonly exports: Readonly<Record<string, string>>;
}

/** All that Tandem's packages export, as files that are named from a folder. */
function importsFrom(folder: string): Record<string, string> {
  const json = (...path: string[]) => JSON.parse(Deno.readTextFileSync(join(ROOT, ...path)));
  const members = json("deno.json").workspace as string[];
  const doors = members.flatMap((member) => {
    const { name, exports } = json(member, "deno.json") as Member;
    return Object.entries(exports).map(([door, file]) =>
      [name + door.slice(1), pathFrom(folder, join(member, file))] as const
    );
  });
  return { ...Object.fromEntries(doors), "valibot": map.imports.valibot };
}

/** A file of Tandem's as an import map names it. */
function pathFrom(folder: string, file: string): string {
  const path = relative(folder, join(ROOT, file)).replaceAll("\\", "/");
  return path.startsWith(".") ? path : `./${path}`;
}
