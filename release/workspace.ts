/** The packages of the workspace as they stand in the repository: doors, sources, and what they need. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { folderAssets, relativeImports, resolveFrom } from "./specifiers.ts";

/** The repository's root, with a slash at its end. */
export const ROOT: string = fileURLToPath(new URL("../", import.meta.url));

/** A member of the workspace. */
export interface Member {
  /** "@tandem/core" */
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** From the root: "plugins/env". */
  readonly folder: string;
  /** Files from the root by what is written after the name: "./kit" is "core/kit/mod.ts". */
  readonly doors: ReadonlyMap<string, string>;
}

/** A package of the npm registry, in the one version that is used. */
export interface Pin {
  readonly name: string;
  readonly version: string;
}

const json = (path: string) => JSON.parse(readFileSync(join(ROOT, path), "utf8"));

/** All members. */
export function readMembers(): Member[] {
  return (json("deno.json").workspace as string[]).map((entry) => {
    const folder = join(entry);
    const { name, version, license, exports } = json(join(folder, "deno.json"));
    const doors = Object.entries(exports as Record<string, string>)
      .map(([door, file]) => [door, join(folder, file)] as const);
    return { name, version, license, folder, doors: new Map(doors) };
  });
}

/** Packages of npm by what sources write: "onnxruntime-web/webgpu" is onnxruntime-web. */
export function readPins(): Map<string, Pin> {
  const { imports } = json("import_map.json") as { imports: Record<string, string> };
  return new Map(
    Object.entries(imports).map(([specifier, target]) => {
      const [, name, version] = /^npm:(@?[^@]+)@([^/]+)/.exec(target)!;
      return [specifier, { name: name!, version: version! }];
    }),
  );
}

/** What of a member goes into its package: paths from the root. */
export interface MemberFiles {
  /** TypeScript that its doors lead to. */
  readonly sources: readonly string[];
  /** Files that sources read: JSON modules, and folders that they name by `new URL("./folder/", ...)`. */
  readonly assets: readonly string[];
}

/** Follows the imports of a member's doors within the member. */
export function filesOf({ doors }: Member): MemberFiles {
  const found = new Set(doors.values());
  const assets = new Set<string>();
  for (const path of found) { // grows while it is walked
    if (!path.endsWith(".ts")) continue;
    const text = readFileSync(join(ROOT, path), "utf8");
    for (const specifier of relativeImports(text)) found.add(resolveFrom(path, specifier));
    for (const specifier of folderAssets(text)) {
      for (const file of filesBelow(resolveFrom(path, specifier))) assets.add(file);
    }
  }
  const [sources, data] = [[...found], [...found]].map((paths, isData) =>
    paths.filter((path) => path.endsWith(".ts") === !isData && existsSync(join(ROOT, path)))
  );
  return { sources: sources!, assets: [...data!, ...assets] };
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(ROOT.length));
}
