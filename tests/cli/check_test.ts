import assert from "node:assert/strict";
import { task, withFolder } from "./command.ts";
import { inProcess } from "./in_process.ts";

Deno.test("check tells in sentences what a plugin breaks, and says 1", async () => {
  await withFolder(async (folder) => {
    const rule = `${folder}/rule.ts`;
    await Deno.writeTextFile(
      rule,
      `import { definePlugin } from "@tandem/core";
       export default definePlugin({
         kind: "feedback", name: "rule", description: "Too strong.", options: {},
         create: () => ({ judge: ({ advantages: { length } }) => ({
           signs: new Int8Array(length).fill(2),
           strengths: new Float32Array(length),
           words: () => "",
         }) }),
       });`,
    );
    const { status, stdout, stderr } = await task("check", rule);
    assert.equal(status, 1, stderr);
    const lines = stdout.trim().split("\n");
    assert.equal(lines.at(-1), 'feedback "rule" breaks its contract.');
    assert.ok(
      lines.includes(`${rule}:4: judge()'s signs hold "2" at 0; right would be -1, 0 or 1.`),
      stdout,
    );
  });
});

Deno.test("check names the file and line that throw, cannot be read, or import what is not there", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/a rule #1.ts`;
    const write = (judge: string, head = "") =>
      Deno.writeTextFile(
        file,
        `${head}export default {
           kind: "feedback", name: "rule", description: "It fails.", options: {},
           create: () => ({
             judge: () => {
               ${judge}
             },
           }),
         };`,
      );
    const checked = async () => {
      const { stdout, stderr } = await task("check", file);
      return stdout + stderr;
    };
    await write(`throw new Error("no way");`);
    assert.ok((await checked()).startsWith(`${file}:5: The rule fails: no way.\n`));
    await write(`return;`);
    assert.ok((await checked()).startsWith(`${file}:4: judge() gives "undefined"`));
    await write(`return (;`);
    assert.match(
      await checked(),
      /^E_PLUGIN: .*rule #1\.ts" cannot be loaded: .* \(at .*#1\.ts:5\)$/m,
    );
    await write("", `\nimport "./nowhere.ts";\n`);
    assert.match(await checked(), /Module not found ".*\/nowhere\.ts"\. \(at .*#1\.ts:2\)$/m);
  });
});

Deno.test("check takes a plugin's options", async () => {
  const rule = "./plugins/feedback/margin.ts";
  const { status, stdout } = await inProcess("check", rule, "--set", "margin=0.5", "--seed", "3");
  assert.deepEqual([status, stdout], [0, 'feedback "margin" keeps its contract.\n']);
});

const NONSENSE: readonly [what: string, args: string[], message: RegExp][] = [
  ["no file", [], /^E_ARGUMENT: missing required argument 'file'/],
  ["a missing file", ["./nowhere.ts"], /^E_PLUGIN: The plugin "\.\/nowhere\.ts" cannot be loaded/],
  ["a module without a plugin", ["./core/base/errors.ts"], /^E_PLUGIN: .*exports no plugin/],
  [
    "an option it has not",
    ["./plugins/feedback/margin.ts", "--set", "margn=1"],
    /^E_OPTION: .*margin/,
  ],
  [
    "a setting without a value",
    ["./plugins/feedback/margin.ts", "--set", "margin"],
    /OPTION=VALUE/,
  ],
];

for (const [what, args, message] of NONSENSE) {
  Deno.test(`check answers ${what} with one sentence and status 2`, async () => {
    const { status, stderr } = await inProcess("check", ...args);
    assert.equal(status, 2, stderr);
    assert.match(stderr, message);
  });
}
