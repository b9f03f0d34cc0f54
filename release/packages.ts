/**
 * Makes npm packages of the workspace's members: JavaScript, declarations, assets, README, licence, and a
 * package.json whose dependencies are exact. `deno task packages:npm` writes them into npm/.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compile, type Compiled } from "./compile.ts";
import { manifestOf, type Needs } from "./manifest.ts";
import { withoutComments } from "./specifiers.ts";
import { type PackageFiles, readTarball, writeTarball } from "./tar.ts";
import { problemsOf } from "./verify.ts";
import { filesOf, type Member, type Pin, readMembers, readPins, ROOT } from "./workspace.ts";

/** A package that is ready to be published. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  readonly files: PackageFiles;
  readonly tarball: Uint8Array<ArrayBuffer>;
}

const encoder = new TextEncoder();

/**
 * The packages of members.
 *
 * @param names Those that are wanted, such as "@tandem/core", which must not need others; all without it.
 * @throws {Error} in sentences about files that are missing or too many.
 */
export async function makePackages(names?: readonly string[]): Promise<NpmPackage[]> {
  const members = readMembers().filter(({ name }) => names?.includes(name) ?? true);
  const parts = members.map((member) => ({ member, ...filesOf(member) }));
  const compiled = await compile(
    parts.flatMap(({ sources, assets }) => [...sources, ...assets]),
    members,
  );
  const tarballs = new Map(
    parts.map(({ member, sources, assets }) =>
      [member.name, writeTarball(packageFiles(member, sources, assets, compiled))] as const
    ),
  );
  const written = new Map([...tarballs].map(([name, tarball]) => [name, readTarball(tarball)]));
  const problems = [...written.values()].flatMap((files) => problemsOf(files, written));
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return members.map(({ name, version }) => {
    const [files, tarball] = [written.get(name)!, tarballs.get(name)!];
    return { name, version, files, tarball };
  });
}

function packageFiles(
  member: Member,
  sources: readonly string[],
  assets: readonly string[],
  compiled: ReadonlyMap<string, Compiled>,
): PackageFiles {
  const files = new Map<string, Uint8Array>();
  const within = (path: string) => path.slice(member.folder.length + 1);
  for (const source of sources) {
    const { javascript, declarations } = compiled.get(source)!;
    files.set(within(source).replace(/\.ts$/, ".js"), encoder.encode(javascript));
    files.set(within(source).replace(/\.ts$/, ".d.ts"), encoder.encode(declarations));
  }
  for (const asset of assets) {
    const data = new Uint8Array(readFileSync(join(ROOT, asset)));
    if (isJsonModule(asset, sources)) files.set(`${within(asset)}.js`, jsonModule(data));
    else files.set(within(asset), data);
  }
  const readme = readFileSync(join(ROOT, member.folder, "README.md"), "utf8");
  const code = sources.flatMap((source) => Object.values(compiled.get(source)!)).map(
    withoutComments,
  )
    .join("\n");
  const manifest = manifestOf(member, descriptionIn(readme), needsOf(member, code));
  files.set("package.json", encoder.encode(`${JSON.stringify(manifest, null, 2)}\n`));
  files.set("README.md", encoder.encode(readme));
  files.set("LICENSE", new Uint8Array(readFileSync(join(ROOT, "LICENSE"))));
  return files;
}

/** JSON that lies beside sources is imported; that in a folder of its own is read. */
function isJsonModule(path: string, sources: readonly string[]): boolean {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  return path.endsWith(".json") && sources.some((source) => source.startsWith(folder));
}

const jsonModule = (data: Uint8Array) =>
  encoder.encode(`export default ${JSON.stringify(JSON.parse(new TextDecoder().decode(data)))};\n`);

/** What code names in quotes: imports of optional packages are no literals, their names are. */
function needsOf({ name }: Member, code: string): Needs {
  const isNamed = (specifier: string) => code.includes(`"${specifier}"`);
  const members = new Set(
    [...code.matchAll(/"(@tandem\/\w+)[/"]/g)].map(([, other]) => other!)
      .filter((other) => other !== name),
  );
  const pins = new Map<string, Pin>([...readPins()].filter(([specifier]) => isNamed(specifier)));
  return { members, pins };
}

/** The first paragraph below the heading of a README, in one line and without marks. */
function descriptionIn(readme: string): string {
  const [, paragraph = ""] = /^# .*\n\n([^]*?)\n\n/.exec(readme) ?? [];
  return paragraph.replace(/\s+/g, " ").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(
    /[`*]/g,
    "",
  );
}

/** Writes the tarballs, and says how large they are. */
async function main(): Promise<void> {
  const folder = join(ROOT, "npm");
  const packages = await makePackages();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const { name, version, files, tarball } of packages) {
    const file = `${name.slice(1).replace("/", "-")}-${version}.tgz`;
    writeFileSync(join(folder, file), tarball);
    const unpacked = [...files.values()].reduce((sum, data) => sum + data.length, 0);
    console.log(
      `npm/${file.padEnd(28)} ${kilobytes(tarball.length)} packed, ${
        kilobytes(unpacked)
      } unpacked, ` +
        `${files.size} files`,
    );
  }
}

const kilobytes = (bytes: number) => `${Math.ceil(bytes / 1000)} kB`.padStart(8);

if (import.meta.main) await main();
