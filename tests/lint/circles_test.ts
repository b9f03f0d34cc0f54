/** No file of Tandem's reaches itself by imports, types included. */
import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { ROOT } from "../cli/command.ts";
import { fileBehind } from "./packages.ts";

const PLACES = ["core", "runtimes", "plugins", "lab", "models", "pipelines", "experiments", "cli"];

/** The files that each file imports, by paths from the root. */
async function importsOf(): Promise<ReadonlyMap<string, readonly string[]>> {
  const imports = new Map<string, readonly string[]>();
  const visit = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(join(ROOT, folder))) {
      const path = join(folder, name);
      if (isDirectory) await visit(path);
      else if (path.endsWith(".ts")) {
        const text = await Deno.readTextFile(join(ROOT, path));
        imports.set(path, reached(path, text.replace(/\/\*\*[^]*?\*\//g, "")));
      }
    }
  };
  for (const place of PLACES) await visit(place);
  return imports;
}

function reached(path: string, text: string): string[] {
  return [...text.matchAll(/\b(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+|@tandem\/[^"]+)"/g)]
    .map(([, specifier]) =>
      fileBehind(specifier!) ?? relative(".", join(dirname(path), specifier!))
    );
}

/** One circle of files, or undefined where there is none. */
function circleIn(imports: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const trail: string[] = [];
  const walk = (file: string): string[] | undefined => {
    const at = trail.indexOf(file);
    if (at >= 0) return [...trail.slice(at), file];
    if (done.has(file)) return undefined;
    trail.push(file);
    for (const next of imports.get(file) ?? []) {
      const found = walk(next);
      if (found) return found;
    }
    trail.pop();
    done.add(file);
  };
  for (const file of imports.keys()) {
    const found = walk(file);
    if (found) return found;
  }
}

Deno.test("no file imports itself by way of others", async () => {
  const imports = await importsOf();
  assert.ok(imports.size > 300, `only ${imports.size} files were found`);
  assert.deepEqual(circleIn(imports), undefined);
});

Deno.test("a circle of files would be found", () => {
  const imports = new Map([["a", ["b"]], ["b", ["c"]], ["c", ["b"]]]);
  assert.deepEqual(circleIn(imports), ["b", "c", "b"]);
});
