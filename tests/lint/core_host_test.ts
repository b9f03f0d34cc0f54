/** core runs wherever JavaScript does: it asks nothing of Deno by name. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ROOT } from "../cli/command.ts";

async function* filesIn(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* filesIn(join(folder, name));
    else if (name.endsWith(".ts")) yield join(folder, name);
  }
}

/** The code of a file, without its comments. */
const codeOf = (text: string) => text.replace(/\/\*[^]*?\*\/|(?<!:)\/\/.*$/gm, "");

Deno.test("core calls no API of Deno's own", async () => {
  let files = 0;
  for await (const file of filesIn(join(ROOT, "core"))) {
    files++;
    const found = /\bDeno\s*[.?[]/.exec(codeOf(await Deno.readTextFile(file)));
    assert.equal(found, null, `${file} calls ${found?.input.slice(found.index, found.index + 30)}`);
  }
  assert.ok(files > 50);
});

Deno.test("a call of Deno's would be found, one in a comment not", () => {
  assert.match(codeOf("const here = Deno.cwd();"), /\bDeno\s*[.?[]/);
  assert.doesNotMatch(codeOf("/** Deno.cwd() */ const here = 1; // Deno.cwd()"), /\bDeno/);
});
