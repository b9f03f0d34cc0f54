/** What the first run brings: a run of the main job loads no package but a few small ones. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { ROOT } from "../cli/command.ts";

/** The packages that every command is made of; all others are imported where they are used. */
const ALWAYS = ["@commander-js/extra-typings", "valibot"];

interface Graph {
  readonly roots: readonly string[];
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly specifier: string;
      /** What runs, and not only what types are taken from. */
      readonly code?: { readonly specifier?: string };
    }[];
  }[];
}

/** The packages that Deno fetches before a line of a file runs. */
async function packagesOf(file: string): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--lock=deno.lock", "--frozen", file],
    cwd: ROOT,
    stdin: "null",
  }).output();
  const { roots, modules } = JSON.parse(new TextDecoder().decode(stdout)) as Graph;
  const dependencies = new Map(modules.map((each) => [each.specifier, each.dependencies ?? []]));
  const [packages, seen] = [new Set<string>(), new Set(roots)];
  for (const module of seen) {
    for (const { specifier, code } of dependencies.get(module) ?? []) {
      if (code?.specifier?.startsWith("npm:")) packages.add(specifier);
      else if (code?.specifier) seen.add(code.specifier);
    }
  }
  return [...packages].sort();
}

const read = (path: string) => readFileSync(`${ROOT}${path}`, "utf8");

Deno.test("the main job and the commands load no package before they need it", async () => {
  assert.deepEqual(await packagesOf("cli/main.ts"), ALWAYS);
  assert.deepEqual(await packagesOf("pipelines/babyai.ts"), ["valibot"]);
});

Deno.test("the command line begins without any package, so that it can say what is missing", async () => {
  assert.deepEqual(await packagesOf("cli.ts"), []);
});

Deno.test("every package that is imported late is named, mapped to one version and locked", async () => {
  const named = await packagesOf("cli/all_packages.ts");
  assert.ok(named.length > 10);
  const { imports } = JSON.parse(read("import_map.json")) as { imports: Record<string, string> };
  const { specifiers } = JSON.parse(read("deno.lock")) as { specifiers: Record<string, string> };
  for (const name of named) {
    const [, pinned, version] = /^(npm:.+@(\d+\.\d+\.\d+))/.exec(imports[name] ?? "") ?? [];
    assert.ok(pinned && version, `import_map.json names no version of "${name}"`);
    assert.match(specifiers[pinned] ?? "", new RegExp(`^${version}(_|$)`), name);
  }
  for (const name of await lateNames(Object.keys(imports))) {
    assert.ok(named.includes(name), `cli/all_packages.ts does not import "${name}"`);
  }
});

/** The packages of the import map that files with late imports name in quotes. */
async function lateNames(known: readonly string[]): Promise<Set<string>> {
  const names = new Set<string>();
  const visit = async (folder: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(`${ROOT}${folder}`)) {
      const path = `${folder}/${name}`;
      if (isDirectory) await visit(path);
      else if (name.endsWith(".ts")) {
        const text = read(path);
        if (!text.includes("importOptional")) continue;
        const late = text.replace(/^import .*;$|\bimport\("[^"]+"\)/gm, "");
        for (const each of known) {
          if (late.includes(`"${each}"`) && !ALWAYS.includes(each)) names.add(each);
        }
      }
    }
  };
  for (const folder of ["runtimes", "lab", "plugins"]) await visit(folder);
  assert.ok(names.size > 8);
  return names;
}
