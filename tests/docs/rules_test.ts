/** Every plugin that the documentation prints meets its contract. */
import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { ROOT, task, withFolder } from "../cli/command.ts";

const PAGES = ["README.md", "CONTRIBUTING.md", "docs", "docs/guide"];

async function pages(): Promise<string[]> {
  const found: string[] = [];
  for (const place of PAGES) {
    if (place.endsWith(".md")) found.push(place);
    else {
      for await (const { name } of Deno.readDir(join(ROOT, place))) {
        if (name.endsWith(".md")) found.push(join(place, name));
      }
    }
  }
  return found.sort();
}

/** TypeScript blocks of a page that define a plugin as their default export. */
function pluginsIn(page: string): string[] {
  return [...page.matchAll(/^```ts[^\n]*\n([^]*?)^```$/gm)]
    .map(([, text]) => text!)
    .filter((text) => text.includes("export default") && /^ {2}kind: "/m.test(text));
}

Deno.test("every plugin that the documentation prints passes deno task check", async (test) => {
  let count = 0;
  for (const page of await pages()) {
    for (const text of pluginsIn(await Deno.readTextFile(join(ROOT, page)))) {
      count++;
      await test.step(`${page}, plugin ${count}`, () =>
        withFolder(async (folder) => {
          const file = join(folder, "printed.ts");
          await Deno.writeTextFile(file, text);
          const { status, stdout, stderr } = await task("check", relative(ROOT, file));
          assert.equal(status, 0, stdout + stderr);
        }));
    }
  }
  assert.ok(count >= 3, `only ${count} plugins were found`);
});
