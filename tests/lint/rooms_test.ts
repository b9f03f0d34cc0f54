import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import rules from "./rooms.ts";

/** The complaints about a source text, as if it stood at a path of the project. */
function complaints(path: string, source: string): string[] {
  const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  return Deno.lint.runPlugin(rules, file, source).map(({ message }) => message);
}

Deno.test("rooms lets imports point one way only", () => {
  const importing = (specifier: string) => `import ${JSON.stringify(specifier)};`;
  assert.deepEqual(
    complaints("plugins/feedback/a.ts", importing("@tandem/core")),
    [],
  );
  assert.match(
    complaints("core/pipeline/plugin.ts", importing("../../plugins/mod.ts")).join(),
    /core must not import from plugins/,
  );
  assert.match(
    complaints("lab/report.ts", importing("@tandem/runtimes/tfjs")).join(),
    /lab must not import from runtimes/,
  );
  assert.deepEqual(complaints("cli/a.ts", importing("../experiments/trials.ts")), []);
  assert.match(
    complaints("experiments/trials.ts", importing("../cli/print.ts")).join(),
    /experiments must not import from cli/,
  );
  assert.match(
    complaints("core/a.ts", `export * from "../cli.ts";`).join(),
    /core must not import from cli.ts/,
  );
});

Deno.test("rooms lets packages import one another by name, and by what they export", () => {
  const message = (path: string, specifier: string) =>
    complaints(path, `import "${specifier}";`).join();
  assert.match(
    message("plugins/feedback/a.ts", "../../core/mod.ts"),
    /from other packages by name/,
  );
  assert.match(message("plugins/feedback/a.ts", "@tandem/core/kit/random"), /No package exports/);
  assert.match(message("plugins/feedback/a.ts", "@tandem/plugins"), /one another by path/);
  assert.match(message("plugins/env/corridor.ts", "@tandem/runtimes/files"), /env must not import/);
  assert.match(message("core/kit/a.ts", "../mod.ts"), /not from its doors/);
  assert.equal(message("cli/a.ts", "../core/pipeline/plugin.ts"), "");
});

Deno.test("rooms holds the order of core's folders", () => {
  assert.deepEqual(complaints("core/run/parts/judge.ts", `import "../kit/shapes.ts";`), []);
  assert.match(
    complaints("core/kit/shapes.ts", `import "../run/judge.ts";`).join(),
    /core\/kit must not import from core\/run/,
  );
});

Deno.test("rooms holds which runtimes know of which", () => {
  const t5 = "runtimes/t5/policy.ts";
  assert.deepEqual(complaints(t5, `import "../tfjs/tfjs.ts";`), []);
  assert.match(
    complaints(t5, `import "../language_model/score.ts";`).join(),
    /runtimes\/t5 must not import from runtimes\/language_model/,
  );
});

Deno.test("rooms keeps plugins apart and their own files together", () => {
  assert.deepEqual(complaints("plugins/student/neural/ppo.ts", `import "./engine.ts";`), []);
  assert.match(
    complaints("plugins/feedback/a.ts", `import "./paper.ts";`).join(),
    /another plugin's files/,
  );
});

Deno.test("rooms keeps heavy packages in runtimes/ and all but valibot out of core/", () => {
  assert.deepEqual(complaints("runtimes/tfjs/tfjs.ts", `import "@tensorflow/tfjs";`), []);
  assert.match(complaints("plugins/env/a.ts", `await import("@tensorflow/tfjs");`).join(), /heavy/);
  assert.match(complaints("core/a.ts", `import "node:path";`).join(), /nothing from outside/);
  assert.deepEqual(complaints("core/a.ts", `import * as v from "valibot";`), []);
});

Deno.test("one-door finds what is written past the function that shows control characters", () => {
  assert.match(complaints("cli/run.ts", "console.log(1);").join(), /use cli\/print\.ts/);
  assert.equal(complaints("cli.ts", "console.error(1); console.warn(2);").length, 2);
  assert.equal(complaints("lab/a.ts", "console.log(1);").length, 1);
  assert.deepEqual(complaints("cli/print.ts", "console.log(1);"), []);
  assert.deepEqual(complaints("bench/a.ts", "console.log(1);"), []);
});

Deno.test("hidden-input finds randomness and time that do not come from the context", () => {
  assert.equal(complaints("core/a.ts", "Math.random(); Date.now();").length, 2);
  assert.equal(complaints("plugins/env/a.ts", "performance.now();").length, 1);
  assert.deepEqual(complaints("lab/a.ts", "Date.now();"), []);
});
