/** Pipelines in JSON, settings and files as people write, move and name them. */
import assert from "node:assert/strict";
import { applySettings } from "../../experiments/settings.ts";
import { nearFile } from "../../cli/near_file.ts";
import { pipelineFromJson } from "../../core/pipeline/pipeline.ts";
import { readClusterSettings } from "../../runtimes/nats/settings.ts";
import { builtins } from "../../plugins/mod.ts";
import { task, withFolder } from "./command.ts";
import corridor from "./corridor.ts";
import { inProcess } from "./in_process.ts";

const QUICK = ["--quiet", "--iterations", "1"];
const BOM = "\ufeff";

Deno.test("run goes again from the config.json of a folder, with its seed and device, and with a byte order mark", () =>
  withFolder(async (folder) => {
    const first = ["tests/cli/corridor.ts", ...QUICK, "--seed", "3", "--device", "cpu"];
    const { status, stderr } = await inProcess("run", ...first, "--out", `${folder}/a`);
    assert.equal(status, 0, stderr);
    const config = `${folder}/a/config.json`;
    await Deno.writeTextFile(config, BOM + await Deno.readTextFile(config));
    const again = await inProcess("run", config, "--quiet", "--out", `${folder}/b`);
    assert.equal(again.status, 0, again.stderr);
    const other = await inProcess("run", config, "--quiet", "--seed", "4", "--out", `${folder}/c`);
    assert.equal(other.status, 0, other.stderr);
    const [a, b, c] = await Promise.all(
      ["a", "b", "c"].map(async (name) =>
        JSON.parse(await Deno.readTextFile(`${folder}/${name}/summary.json`))
      ),
    );
    assert.deepEqual([b.seed, b.device, b.digest], [3, "cpu", a.digest]);
    assert.notEqual(c.digest, a.digest);
    const replayed = await inProcess("replay", `${folder}/a`, "--quiet");
    assert.deepEqual([replayed.status, replayed.stderr], [0, ""]);
  }));

Deno.test("a byte order mark before a plan or a cluster's settings is passed over", () =>
  withFolder(async (folder) => {
    const plan = { tandem: 1, pipeline: corridor.toJSON(), variants: [], seeds: [0] };
    await Deno.writeTextFile(`${folder}/plan.json`, BOM + JSON.stringify(plan));
    const out = ["--out", `${folder}/out`];
    const { stderr } = await inProcess("compare", `${folder}/plan.json`, ...out);
    assert.match(stderr, /^E_ARGUMENT: The plan has no variants\.$/m);
    const run = await inProcess("run", `${folder}/plan.json`, ...out);
    assert.match(
      run.stderr,
      /^E_PIPELINE: .* is the plan of a comparison, which deno task compare/m,
    );
    await Deno.writeTextFile(`${folder}/nats.json`, `${BOM}{"token":"t"}`);
    assert.equal(readClusterSettings(`${folder}/nats.json`).token, "t");
  }));

Deno.test("pipelines and rules load from paths with any characters", () =>
  withFolder(async (folder) => {
    const odd = `${folder}/C# 50%25 work?`;
    await Deno.mkdir(odd);
    const here = new URL("./corridor.ts", import.meta.url).href;
    await Deno.writeTextFile(`${odd}/p #1.ts`, `export { default } from "${here}";`);
    await Deno.copyFile("tests/fixtures/plugins/definition.ts", `${odd}/rule.ts`);
    for (const sandbox of [[], ["--sandbox"]]) {
      const args = [`${odd}/p #1.ts`, ...QUICK, "--device", "cpu", ...sandbox];
      const out = `${folder}/out${sandbox.length}`;
      const rule = ["--set", `feedback=${odd}/rule.ts`];
      const { status, stderr } = await inProcess("run", ...args, ...rule, "--out", out);
      assert.deepEqual([status, stderr], [0, ""]);
    }
  }));

Deno.test("a file that lies in a folder below is hinted at, for tasks run in the project's", async () => {
  const { status, stderr } = await inProcess("run", "cli/corridor.ts");
  assert.equal(status, 2);
  assert.match(
    stderr,
    /^E_FILE: There is no file "cli\/corridor\.ts" in ".+; did you mean "tests\/cli\/corridor/m,
  );
  assert.equal(await nearFile("../x.ts"), undefined);
  assert.equal(await nearFile("/nowhere/x.ts"), undefined);
  const rule = await task("check", "./nowhere.ts");
  assert.match(rule.stderr, /Paths are relative to ".+", where tasks run from whatever folder/);
});

Deno.test("no name is lost because objects have a use for it", async () => {
  const bonus = '{"plugin":"ellm","options":{}}';
  const json = JSON.stringify(corridor.toJSON()).slice(0, -1);
  const parts: readonly [part: string, message: RegExp][] = [
    [
      `"extras":{"__proto__":${bonus}}`,
      /extra stage is named "__proto__"; right would be any other/,
    ],
    [`"extras":{"constructor":${bonus}}`, /extra stage is named "constructor"/],
    [`"constructor":{}`, /has no part "constructor"/],
    [`"__proto__":{}`, /has no part "__proto__"/],
  ];
  for (const [part, message] of parts) {
    const document = JSON.parse(`${json},${part}}`);
    await assert.rejects(pipelineFromJson(document, builtins), { code: "E_PIPELINE", message });
  }
  for (const name of ["__proto__", "constructor", "toString"]) {
    const refused = { code: "E_OPTION", message: new RegExp(`has no option "${name}"`) };
    const unknown = JSON.parse(`{"${name}":1}`);
    const plain = corridor.toJSON();
    const documents = [
      { ...plain, schedule: unknown },
      { ...plain, evaluation: unknown },
      { ...plain, student: { plugin: "ppo", options: unknown } },
      {
        ...plain,
        teacher: { plugin: "shuffled", options: { of: { plugin: "bot", options: unknown } } },
      },
      { ...plain, teacher: { plugin: "language-model", options: { weights: unknown } } },
    ];
    for (const document of documents) {
      await assert.rejects(pipelineFromJson(document, builtins), refused, JSON.stringify(document));
    }
    for (const setting of [`schedule.${name}=1`, `student.${name}=1`]) {
      await assert.rejects(applySettings(corridor, [setting], builtins), { code: "E_OPTION" });
    }
  }
  const kept = { ...corridor.toJSON(), extras: { toString: JSON.parse(bonus) } };
  assert.deepEqual(Object.keys((await pipelineFromJson(kept, builtins)).extras), ["toString"]);
  await assert.rejects(applySettings(corridor, ["extra.toString.weight=1"], builtins), {
    code: "E_ARGUMENT",
    message: /^The pipeline has no extra stage "toString"/,
  });
});

Deno.test("run FILE --help tells the settings of that file's pipeline", async () => {
  const { status, stdout } = await inProcess("run", "tests/cli/corridor.ts", "--help");
  assert.equal(status, 0);
  assert.match(
    stdout,
    /^ {2}student\.hidden +a whole number, at least 1, at most \d+ \(default \d+, here 16\)\n +\w/m,
  );
  assert.match(
    stdout,
    /^ {2}schedule\.envs +a whole number, at least 1, at most \d+ \(default 64, here 8\)$/m,
  );
  const alone = await inProcess("run", "--help");
  assert.deepEqual([alone.status, alone.stdout.includes("student.hidden")], [0, false]);
  const missing = await inProcess("run", "nowhere.ts", "--help");
  assert.equal(missing.status, 2);
});
