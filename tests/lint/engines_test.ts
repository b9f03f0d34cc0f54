/** The packages run in Deno, Node, Bun and browsers: they ask nothing of one by name, and of none what a browser lacks. */
import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { ROOT } from "../cli/command.ts";

/** Who may, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "runtimes/files/lock.ts": "Deno alone can ask the system for a lock of a file",
  "runtimes/threads/node.ts": "tells Node from what says that it is Node",
  "runtimes/weights/half.ts": "takes arrays of halves where the engine has them",
  "runtimes/fused/build.ts": "is a tool of the checkout, and in no package",
};

/** Calls of Deno's own. */
const DENO = /\bDeno\s*[.?[;]|\bDeno\b.*=/;
/** Imports of built-in modules, those of types alone left out. */
const BUILT_IN = /^(?:import|export)(?! type\b)[^;]*?from\s+"node:[^"]+"/m;
/** What Node 22 lacks. */
const NEW =
  /\b(?:await )?using \w+ =|\.toBase64\(|\.fromBase64\(|\bRegExp\.escape\(|\bnew Float16Array\(/;

async function* filesIn(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* filesIn(join(folder, name));
    else if (name.endsWith(".ts")) yield join(folder, name);
  }
}

/** The code of a file, without its comments. */
const codeOf = (text: string) => text.replace(/\/\*[^]*?\*\/|(?<!:)\/\/.*$/gm, "");

/** Where the code of some folders has what it should not. */
async function found(folders: readonly string[], what: RegExp): Promise<string[]> {
  const places: string[] = [];
  let files = 0;
  for (const folder of folders) {
    for await (const file of filesIn(join(ROOT, folder))) {
      files++;
      const hit = what.exec(codeOf(await Deno.readTextFile(file)))?.[0];
      if (hit !== undefined) places.push(`${relative(ROOT, file)}: ${hit}`);
    }
  }
  assert.ok(files > 50);
  return places.filter((place) => !Object.hasOwn(EXCEPTIONS, place.split(":")[0]!));
}

const MEMBERS = ["core", "runtimes", "plugins", "lab"];

Deno.test("the packages call no API of Deno's own", async () => {
  assert.deepEqual(await found(MEMBERS, DENO), []);
});

Deno.test("what a browser may load imports no built-in module", async () => {
  assert.deepEqual(await found(["core", "runtimes", "plugins"], BUILT_IN), []);
});

Deno.test("the packages use no syntax and no method that Node 22 lacks", async () => {
  assert.deepEqual(await found(MEMBERS, NEW), []);
});

Deno.test("each of them would be found, and in a comment not", () => {
  assert.match(codeOf("const here = Deno.cwd();"), DENO);
  assert.match(codeOf("const { Deno } = globalThis as Host;"), DENO);
  assert.doesNotMatch(codeOf("/** Deno.cwd() */ const here = 1; // Deno.cwd()"), DENO);
  assert.match('import {\n  a,\n} from "node:fs";', BUILT_IN);
  assert.doesNotMatch(
    'import type { Stats } from "node:fs";\nimport { a } from "./a.ts";',
    BUILT_IN,
  );
  assert.match("using file = open();", NEW);
});

Deno.test("every exception is one", async () => {
  for (const file of Object.keys(EXCEPTIONS)) {
    const code = codeOf(await Deno.readTextFile(join(ROOT, file)));
    assert.ok([DENO, BUILT_IN, NEW].some((what) => what.test(code)), file);
  }
});
