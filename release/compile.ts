/**
 * JavaScript and declarations of sources. They are compiled in a folder of their own, as one program: in
 * the workspace each member would be checked alone, which takes four times as long.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { asPackaged } from "./specifiers.ts";
import { type Member, ROOT } from "./workspace.ts";

/** What a source becomes. */
export interface Compiled {
  readonly javascript: string;
  readonly declarations: string;
}

/**
 * Compiles sources.
 *
 * @param files Sources and the JSON that they import, from the root.
 * @param members Whose doors they import from, besides packages of the import map.
 * @returns By the sources' paths.
 * @throws {Error} with what Deno says where a type does not fit.
 */
export async function compile(
  files: readonly string[],
  members: readonly Member[],
): Promise<Map<string, Compiled>> {
  const folder = mkdtempSync(join("/tmp", "tandem-compile-"));
  try {
    for (const file of files) {
      mkdirSync(join(folder, dirname(file)), { recursive: true });
      copyFileSync(join(ROOT, file), join(folder, file));
    }
    writeFileSync(join(folder, "deno.json"), JSON.stringify(configuration(members)));
    const sources = files.filter((file) => file.endsWith(".ts"));
    await transpile(folder, sources);
    const named = doorsByName(members);
    return new Map(sources.map((source) => [source, compiledFrom(folder, source, named)]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The root's configuration, with the members' doors among its imports. */
function configuration(members: readonly Member[]) {
  const read = (path: string) => JSON.parse(readFileSync(join(ROOT, path), "utf8"));
  const doors = [...doorsByName(members)].map(([name, file]) => [name, `./${file}`]);
  return {
    // Types of packages are theirs to check, and some are written for browsers.
    compilerOptions: { ...read("deno.json").compilerOptions, skipLibCheck: true },
    imports: { ...read("import_map.json").imports, ...Object.fromEntries(doors) },
    nodeModulesDir: "none",
  };
}

async function transpile(folder: string, sources: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("deno", {
    args: [
      ...["transpile", "--quiet", "--no-lock", "--declaration", "--source-map", "none"],
      ...["--outdir", "compiled", ...sources],
    ],
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Files by what users write: "@tandem/core/kit" is "core/kit/mod.ts". */
function doorsByName(members: readonly Member[]): Map<string, string> {
  return new Map(
    members.flatMap(({ name, doors }) =>
      [...doors].map(([door, file]) => [name + door.slice(1), file] as const)
    ),
  );
}

/**
 * In declarations the compiler writes inferred types with the paths of the files that they are of: here
 * doors get their names, and other files their place beside the source.
 */
function compiledFrom(
  folder: string,
  source: string,
  doors: ReadonlyMap<string, string>,
): Compiled {
  const names = new Map([...doors].map(([name, file]) => [file, name]));
  const named = (_: string, file: string) => {
    const beside = posix.relative(posix.dirname(source), file);
    return `"${names.get(file) ?? (beside.startsWith(".") ? beside : `./${beside}`)}"`;
  };
  const read = (ending: string) => {
    const path = join(folder, "compiled", source.replace(/\.ts$/, ending));
    const text = readFileSync(path, "utf8");
    return asPackaged(text.replace(new RegExp(`"file://${folder}/([^"]+)"`, "g"), named));
  };
  return { javascript: read(".js"), declarations: read(".d.ts") };
}
