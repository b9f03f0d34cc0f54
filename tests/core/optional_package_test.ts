import assert from "node:assert/strict";
import { importOptional } from "../../core/base/optional_package.ts";

/** What runtimes say of a package that is not there. */
const NOT_INSTALLED = [
  'Import "@you/charts" not a dependency and not in import map from "file:///a.ts"', // Deno
  "Cannot find package '@you/charts' imported from /a.mjs", // Node
  "Cannot find package '@you/charts' from '/a.mjs'", // Bun
];

const failing = (message: string, code?: string) => () =>
  Promise.reject(Object.assign(new TypeError(message), code && { code }));

Deno.test("importOptional() says which package is missing, what for, and what installs it", async () => {
  for (const message of NOT_INSTALLED) {
    const load = failing(message, "ERR_MODULE_NOT_FOUND");
    await assert.rejects(importOptional("@you/charts/svg", "draws", load), {
      code: "E_PACKAGE",
      message: 'The package "@you/charts", which draws, is not installed; "npm install ' +
        '@you/charts" (in Deno: "deno add npm:@you/charts") installs it.',
    });
  }
});

Deno.test("importOptional() says why a package could not be fetched", async () => {
  const said = "Failed caching npm package 'charts@1.0.0'\n    0: error sending request\n    1: b";
  const load = failing(said, "ERR_MODULE_NOT_FOUND");
  await assert.rejects(importOptional("charts", "draws", load), {
    code: "E_PACKAGE",
    message: /^The package "charts", which draws, could not be fetched \(error sending request\); /,
  });
});

Deno.test("importOptional() passes on what is wrong within a package, and what it exports", async () => {
  const broken = failing("x is not a function");
  await assert.rejects(importOptional("charts", "draws", broken), { name: "TypeError" });
  const lacking = failing(
    "Cannot find package 'colours' imported from /charts.js",
    "ERR_MODULE_NOT_FOUND",
  );
  await assert.rejects(importOptional("charts", "draws", lacking), { name: "TypeError" });
  const loaded = importOptional<{ a: number }>("charts", "draws", () => Promise.resolve({ a: 1 }));
  assert.equal((await loaded).a, 1);
});
