import assert from "node:assert/strict";
import { dirname } from "node:path";
import { repositoryFor } from "../../cli/new/repository.ts";
import core from "../../core/deno.json" with { type: "json" };
import { TEMPLATES } from "../../cli/new/names.ts";
import { PLUGIN_KINDS } from "../../core/stages/mod.ts";
import { entries, outcome, ROOT, task, withFolder } from "./command.ts";
import { inProcess } from "./in_process.ts";

/** Runs `deno` itself in a folder. */
function deno(cwd: string, ...args: string[]) {
  const options = { args, cwd, env: { NO_COLOR: "1" }, stdin: "null" } as const;
  return outcome(
    new Deno.Command(Deno.execPath(), { ...options, stdout: "piped", stderr: "piped" }).spawn(),
  );
}

Deno.test("new writes plugins of all kinds that pass at once in a folder of one's own", async (test) => {
  await withFolder(async (folder) => {
    for (const kind of TEMPLATES) {
      const { status, stdout, stderr } = await inProcess(
        "new",
        kind,
        `my_${kind}`,
        "--dir",
        folder,
      );
      assert.equal(status, 0, stderr);
      assert.match(stdout, new RegExp(`^${folder}/my_${kind}\\.ts\\n`));
    }
    const names = await entries(folder);
    assert.equal(names.length, 3 * TEMPLATES.length + 1);
    const plugins = TEMPLATES.map((kind) => `my_${kind}.ts`);
    const commands: Record<string, string[]> = {
      "format": ["fmt", "--check", "--line-width", "100"],
      "lint": ["lint"],
      "types": ["check", ...names.filter((name) => name.endsWith(".ts"))],
      "tests": ["test", "--no-prompt", "--no-check"],
      "benchmarks": ["bench", "--no-prompt", "--no-check"],
    };
    for (const [what, args] of Object.entries(commands)) {
      await test.step(`their ${what}`, async () => {
        const { status, stdout, stderr } = await deno(folder, ...args);
        assert.equal(status, 0, stdout + stderr);
      });
    }
    await test.step("their contract, by deno task check", async () => {
      for (const [i, plugin] of plugins.entries()) {
        const { status, stdout, stderr } = await inProcess("check", `${folder}/${plugin}`);
        assert.equal(status, 0, stderr);
        const kind = TEMPLATES[i];
        const kept = kind === "level" ? "env" : kind;
        assert.equal(stdout, `${kept} "my-${kind}" keeps its contract.\n`);
      }
    });
  });
});

Deno.test("new within Tandem's folder needs no configuration, and the rule runs", async () => {
  await Deno.mkdir(`${ROOT}runs`, { recursive: true });
  const folder = await Deno.makeTempDir({ dir: `${ROOT}runs`, prefix: "new-" });
  try {
    const made = await task("new", "feedback", "MyRule", "--dir", folder);
    assert.equal(made.status, 0, made.stderr);
    assert.deepEqual(await entries(folder), ["my_rule.ts", "my_rule_bench.ts", "my_rule_test.ts"]);
    // Its types are those that the test above has checked.
    const tested = await deno(folder, "test", "--no-prompt", "--no-check", "my_rule_test.ts");
    assert.equal(tested.status, 0, tested.stdout + tested.stderr);
    await withFolder(async (out) => {
      const set = ["--set", `feedback=${folder}/my_rule.ts`, "--quiet", "--device", "cpu"];
      const ran = await inProcess("run", "tests/cli/corridor.ts", ...set, "--out", `${out}/run`);
      assert.equal(ran.status, 0, ran.stderr);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("new overwrites nothing", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/my_rule_test.ts`, "years of work");
    const { status, stderr } = await inProcess("new", "feedback", "my_rule", "--dir", folder);
    assert.equal(status, 2);
    assert.match(stderr, /^E_FILE: ".*my_rule_test\.ts" exists already; take another name/);
    assert.deepEqual(await entries(folder), ["my_rule_test.ts"]);
  });
});

Deno.test("new leaves a configuration alone and says what it lacks", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/deno.json`, `{ "imports": {} }`);
    const { status, stdout } = await inProcess("new", "extra", "bonus", "--dir", `${folder}/deep`);
    assert.equal(status, 0);
    assert.match(stdout, /Add this to the imports of .*deno\.json:\n\{\n {2}"@tandem\/core": "/);
    assert.equal(await Deno.readTextFile(`${folder}/deno.json`), `{ "imports": {} }`);
    assert.deepEqual(await entries(`${folder}/deep`), [
      "bonus.ts",
      "bonus_bench.ts",
      "bonus_test.ts",
    ]);
  });
});

Deno.test("new plugin writes a repository of any kind, in the form that its own check asks for", async (test) => {
  await withFolder(async (around) => {
    for (const kind of PLUGIN_KINDS) {
      await test.step(kind, async () => {
        const dir = `${around}/${kind}`;
        const { files } = repositoryFor({ name: `@you/my-${kind}`, kind, licence: "MIT", dir });
        for (const [path, text] of files) {
          await Deno.mkdir(dirname(path), { recursive: true });
          await Deno.writeTextFile(path, text);
          assert.doesNotMatch(
            text,
            /my[-_]?(plugin|package|kind|setting|licen[sc]e|year)\b/i,
            path,
          );
        }
        const { name, license, exports, imports } = JSON.parse(files.get(`${dir}/deno.json`)!);
        assert.deepEqual([name, license, exports], [`@you/my-${kind}`, "MIT", `./my_${kind}.ts`]);
        assert.equal(imports["@tandem/core"], `npm:@tandem/core@^${core.version}`);
        assert.match(
          files.get(`${dir}/LICENSE`)!,
          /^MIT License\n\nCopyright \(c\) \d{4} the authors/,
        );
        const formatted = await deno(dir, "fmt", "--check");
        assert.equal(formatted.status, 0, formatted.stderr);
      });
    }
  });
});

Deno.test("new plugin overwrites nothing", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/README.md`, "years of work");
    const { status, stderr } = await inProcess("new", "plugin", "my-rule", "--dir", folder);
    assert.equal(status, 2);
    assert.match(stderr, /^E_FILE: ".*README\.md" exists already; take another name or --dir\.$/m);
    assert.deepEqual(await entries(folder), ["README.md"]);
  });
});

const NONSENSE: readonly [what: string, args: string[], message: RegExp][] = [
  ["an unknown kind", ["rule", "x"], /^E_ARGUMENT: .*'rule' is invalid.*feedback/],
  ["no name", ["feedback"], /^E_ARGUMENT: missing required argument 'name'/],
  ["a name that is none", ["feedback", "../x"], /^E_ARGUMENT: "\.\.\/x" is no name for a plugin/],
  [
    "a package's name that is none",
    ["plugin", "you/rule"],
    /^E_ARGUMENT: "you\/rule" is no name for/,
  ],
  [
    "a scope alone",
    ["plugin", "@you/"],
    /^E_ARGUMENT: "@you\/" is no name for a package; write my-/,
  ],
  [
    "an unknown kind of a repository",
    ["plugin", "x", "--kind", "rule"],
    /^E_ARGUMENT: .*'rule' is in/,
  ],
  ["an unknown licence", ["plugin", "x", "--license", "mine"], /^E_ARGUMENT: .*Apache-2\.0, MIT/],
  [
    "a licence for a file",
    ["feedback", "x", "--license", "MIT"],
    /^E_ARGUMENT: --license is for a repository of its own: deno task new plugin x --kind feedback\.$/m,
  ],
  [
    "a repository within Tandem's folder",
    ["plugin", "my_rule", "--dir", "runs/x"],
    /^E_FILE: "runs\/x" lies in Tandem's folder, .* take --dir \.\.\/my-rule\.$/m,
  ],
  [
    "a folder that may not be written",
    ["feedback", "x", "--dir", "/etc/x"],
    /^E_DISK: "\/etc\/x\//,
  ],
];

for (const [what, args, message] of NONSENSE) {
  Deno.test(`new answers ${what} with one sentence and status 2`, async () => {
    const { status, stderr } = await inProcess("new", ...args);
    assert.equal(status, 2, stderr);
    assert.match(stderr, message);
  });
}
