/** `deno task audit`: every package that the lock file names, with its licence. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A package of the lock file. */
export interface Dependency {
  readonly name: string;
  readonly version: string;
  /** As its package.json says; null where the package is not installed. */
  readonly licence: string | null;
  /** The hash that a download is held to. */
  readonly integrity: string;
}

/** The packages that a project's deno.lock names. */
export function dependenciesOf(root: string): Dependency[] {
  const { npm } = JSON.parse(Deno.readTextFileSync(join(root, "deno.lock")));
  const found = new Map<string, Dependency>();
  for (const [key, { integrity }] of Object.entries<{ integrity: string }>(npm)) {
    const [, name, version] = /^(@?[^@]+)@([^_]+)/.exec(key)!;
    const folder = `${name}@${version}`;
    const licence = licenceIn(packageFolder(name!, version!));
    found.set(folder, { name: name!, version: version!, licence, integrity });
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Where Deno's cache has a package, or would have it. */
export function packageFolder(name: string, version: string): string {
  const cache = fileURLToPath(import.meta.resolve("valibot")).replace(/(\/npm\/[^/]+\/).*$/, "$1");
  return join(cache, name, version);
}

function licenceIn(folder: string): string | null {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return null;
  const { license } = JSON.parse(Deno.readTextFileSync(file));
  return typeof license === "string" ? license : JSON.stringify(license ?? "none named");
}

if (import.meta.main) {
  const dependencies = dependenciesOf(fileURLToPath(new URL("../../", import.meta.url)));
  const counts = new Map<string, number>();
  for (const { name, version, licence } of dependencies) {
    console.log(`${name}@${version}`.padEnd(50), licence ?? "not installed");
    const what = licence ?? "not installed";
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  console.log(`\n${dependencies.length} packages:`);
  for (const [licence, count] of [...counts].sort((a, b) => b[1] - a[1])) {
    console.log(`${String(count).padStart(5)} ${licence}`);
  }
}
