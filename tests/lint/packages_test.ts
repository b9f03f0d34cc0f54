import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../cli/command.ts";

/** Packages that plugins of others may import; the rest nobody asks for from within a package. */
const SHARED = ["core", "plugins", "plugins/env", "runtimes"];

const json = (path: string) => JSON.parse(readFileSync(join(ROOT, path), "utf8"));

for (const folder of SHARED) {
  Deno.test(`${folder}/package.json, by which packages from npm find the one that is here, says what deno.json says`, () => {
    const { name, version, exports, publish } = json(`${folder}/deno.json`);
    const expected = { name, version, type: "module", private: true, exports };
    assert.deepEqual(json(`${folder}/package.json`), expected);
    assert.ok(publish.exclude.includes("package.json"), "it is not published: one is made for npm");
  });
}
