/** The public face of every package: documented, typed, of one version, and fit to be published. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../cli/command.ts";
import { PACKAGES } from "../lint/packages.ts";

/** The door that no promise covers. */
const INTERNAL = "@tandem/core/internal";

const doors = PACKAGES.filter(({ folder }) => /core|plugins/.test(folder)).flatMap((
  { doors },
) => [...doors]);

/** What a command of Deno's writes, without colours. */
async function said(...args: string[]): Promise<string> {
  const { stdout, stderr } = await new Deno.Command("deno", {
    args,
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

/** The complaints of `deno doc --lint` about some files. Types of npm packages are their own affair. */
async function undocumented(files: readonly string[]): Promise<string[]> {
  const text = await said("doc", "--lint", "--no-npm", ...files);
  return text.split(/\n(?=error)/).filter((part) => part.includes("-->"));
}

Deno.test("all that a door lets out is documented, and the types that it needs are let out", async () => {
  assert.deepEqual(await undocumented(doors.map(([, file]) => file)), []);
});

Deno.test("no door but the internal one needs what that one lets out", async () => {
  const files = doors.filter(([name]) => name !== INTERNAL).map(([, file]) => file);
  assert.deepEqual(await undocumented(files), []);
});

for (const [name, file] of doors) {
  Deno.test(`${name} says what it is for, with an example`, () => {
    const text = readFileSync(join(ROOT, file), "utf8");
    const head = /^\/\*\*([^]*?)\*\//.exec(text)?.[1] ?? "";
    assert.match(head, /@module/);
    if (name === INTERNAL) return;
    assert.match(head, /@example [^]*```ts/);
    assert.ok(head.includes(`"${name}"`), `its example imports "${name}"`);
  });
}

Deno.test("all packages are of one version", () => {
  const versions = PACKAGES.map(({ folder }) =>
    JSON.parse(readFileSync(join(ROOT, folder, "deno.json"), "utf8")).version
  );
  assert.match(versions[0], /^\d+\.\d+\.\d+$/);
  assert.deepEqual(versions, versions.map(() => versions[0]));
});
