/** What documents (pipelines in JSON, run folders, plans) may name, and how their owner allows it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { AllowedFile } from "../../cli/permission/allowed_file.ts";
import { Owner } from "../../cli/permission/owner.ts";
import type { Effect } from "../../core/pipeline/effects.ts";
import { pipelineFromJson, type PipelineJson } from "../../core/pipeline/pipeline.ts";
import corridor from "./corridor.ts";
import { entries, type Outcome, outcome, ROOT, withFolder } from "./command.ts";

const RULE = `import { definePlugin } from "@tandem/core";
import { STRENGTH } from "./strength.ts";
export default definePlugin({
  kind: "feedback", name: "praise", description: "Every token is good.", options: {},
  create: () => ({ judge: ({ advantages: { length } }) => ({
    signs: new Int8Array(length).fill(1),
    strengths: new Float32Array(length).fill(STRENGTH),
    words: () => "good",
  }) }),
});`;

/** A command in a folder of the user's own, which has no checkout in it. */
function tandem(cwd: string, ...args: string[]): Promise<Outcome> {
  const flags = ["--no-prompt", `--config=${ROOT}deno.json`, `--lock=${ROOT}deno.lock`, "--frozen"];
  const may = ["--allow-read", "--allow-write=."];
  return outcome(
    new Deno.Command(Deno.execPath(), {
      args: ["run", ...flags, ...may, `${ROOT}cli.ts`, ...args],
      cwd,
      env: { NO_COLOR: "1", XDG_RUNTIME_DIR: "/tmp" },
      ...{ stdin: "null", stdout: "piped", stderr: "piped" },
    }).spawn(),
  );
}

const QUICK = ["--quiet", "--device", "cpu", "--iterations", "1"];

async function withRule(work: (folder: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/rule.ts`, RULE);
    await Deno.writeTextFile(`${folder}/strength.ts`, "export const STRENGTH = 1;");
    await work(folder);
  });
}

/** A pipeline in JSON, written into a folder. */
async function document(folder: string, change: Partial<PipelineJson>): Promise<string> {
  const path = `${folder}/theirs.json`;
  await Deno.writeTextFile(path, JSON.stringify({ ...corridor.toJSON(), ...change }));
  return path;
}

Deno.test("a module that its owner named runs from his folders unasked, and is asked for elsewhere and after an edit", () =>
  withRule(async (folder) => {
    const own = await tandem(
      folder,
      ...["run", `${ROOT}tests/cli/corridor.ts`, "--set", "feedback=./rule.ts", ...QUICK],
      ...["--out", "runs/own"],
    );
    assert.equal(own.status, 0, own.stderr);
    for (const name of ["state", "summary.json", "report.html"]) {
      await Deno.remove(`${folder}/runs/own/${name}`, { recursive: true });
    }
    const resumed = await tandem(folder, "resume", "runs/own", "--quiet");
    assert.deepEqual([resumed.status, resumed.stderr], [0, ""]);
    const config = ["runs/own/config.json", ...QUICK, "--out"];
    const again = await tandem(folder, "run", ...config, "runs/again");
    assert.deepEqual([again.status, again.stderr], [0, ""]);
    const digests = await Promise.all(
      ["own", "again"].map(async (name) =>
        JSON.parse(await Deno.readTextFile(`${folder}/runs/${name}/summary.json`)).digest
      ),
    );
    assert.equal(digests[0], digests[1]);

    await Deno.writeTextFile(`${folder}/strength.ts`, "export const STRENGTH = 0.5;");
    const edited = await tandem(folder, "run", ...config, "runs/edited");
    assert.equal(edited.status, 2);
    assert.equal(
      edited.stderr,
      'E_PERMISSION: "runs/own/config.json" has the feedback "./rule.ts", which has changed since ' +
        "you allowed it; if you trust it, say it once with --allow-module ./rule.ts, or run it in " +
        "a sandbox with --sandbox.\n",
    );
    const apart = await tandem(folder, "run", ...config, "runs/apart", "--sandbox");
    assert.equal(apart.status, 0, apart.stderr);
    const still = await tandem(folder, "run", ...config, "runs/edited");
    assert.equal(still.status, 2, "what runs in a sandbox is allowed nothing");

    await Deno.remove(`${folder}/.tandem`, { recursive: true });
    const replayed = await tandem(folder, "replay", "runs/own", "--quiet");
    assert.equal(replayed.status, 2);
    assert.equal(
      replayed.stderr,
      'E_PERMISSION: "runs/own/config.json" has the feedback "./rule.ts", which is code that you ' +
        "have not allowed; if you trust it, say it once with --allow-module ./rule.ts.\n",
    );
    const flag = ["--allow-module", "rule.ts"];
    const allowed = await tandem(folder, "run", ...config, "runs/allowed", ...flag);
    assert.equal(allowed.status, 0, allowed.stderr);
    const once = await tandem(folder, "run", ...config, "runs/once");
    assert.deepEqual([once.status, once.stderr], [0, ""]);
  }));

Deno.test("a plan, its variants and its nested stages name no code that was not allowed", () =>
  withRule(async (folder) => {
    const loaded = `${folder}/loaded`;
    const spy = `Deno.writeTextFileSync("loaded", ""); export default {};`;
    await Deno.writeTextFile(`${folder}/spy.ts`, spy);
    const settings = [
      ["feedback=./spy.ts"],
      ["teacher=./spy.ts"],
      ["extra.bonus=./spy.ts"],
      ["teacher=shuffled", 'teacher.of={"plugin":"./spy.ts"}'],
      ["teacher=shuffled", 'teacher.of={"plugin":"shuffled","options":{"of":"./spy.ts"}}'],
    ];
    for (const [k, changes] of settings.entries()) {
      const plan = {
        tandem: 1,
        pipeline: corridor.toJSON(),
        variants: [{ name: "theirs", settings: changes }],
        seeds: [0],
      };
      await Deno.writeTextFile(`${folder}/plan.json`, JSON.stringify(plan));
      const { status, stderr } = await tandem(folder, "compare", "plan.json", "--out", `out${k}`);
      assert.equal(status, 2, stderr);
      assert.match(
        stderr,
        /^E_PERMISSION: "plan\.json" has the \w+ "\.\/spy\.ts".*--allow-module/m,
      );
      await assert.rejects(Deno.stat(loaded));
    }
    assert.equal((await entries(folder)).includes(".tandem"), false);
  }));

Deno.test("a cassette in a document records nothing that was not allowed by name", () =>
  withFolder(async (folder) => {
    const cassette = (file: string) => ({
      teacher: { plugin: "cassette", options: { file, mode: "record", of: { plugin: "bot" } } },
    });
    const theirs = await document(folder, cassette("victim.ts"));
    await Deno.writeTextFile(`${folder}/victim.ts`, "precious");
    const run = (out: string, ...flags: string[]) =>
      tandem(folder, "run", "theirs.json", ...QUICK, "--out", out, ...flags);
    const asked = await run("a");
    assert.equal(asked.status, 2);
    assert.equal(
      asked.stderr,
      'E_PERMISSION: "theirs.json" has the teacher "cassette", which writes files in the working ' +
        "directory, and you have not allowed that; if it shall, say it once with --allow-effect " +
        "write.\n",
    );
    const refused = await run("b", "--allow-effect", "write");
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /^E_FILE: .*"victim\.ts" is not recorded: it is something else/m);
    assert.equal(await Deno.readTextFile(`${folder}/victim.ts`), "precious");

    await document(folder, cassette("tape.jsonl"));
    const recorded = await run("c", "--allow-effect", "write");
    assert.equal(recorded.status, 0, recorded.stderr);
    const again = await run("d");
    assert.deepEqual(
      [again.status, again.stderr],
      [0, ""],
      "it was said once, and it is a cassette",
    );

    await document(folder, cassette("../elsewhere.jsonl"));
    const outside = await run("e", "--allow-effect", "write");
    assert.match(outside.stderr, /^E_PERMISSION: .*--allow-effect write-outside\.$/m);
    assert.equal(theirs, `${folder}/theirs.json`);
  }));

Deno.test("a variant's setting does not bring back an effect that the stage did not have", async () => {
  await withFolder(async (folder) => {
    const teacher = {
      plugin: "cassette",
      options: { file: "a", mode: "replay", of: { plugin: "bot" } },
    };
    const plan = {
      tandem: 1,
      pipeline: { ...corridor.toJSON(), teacher },
      variants: [{ name: "theirs", settings: ["teacher.mode=record"] }],
      seeds: [0],
    };
    await Deno.writeTextFile(`${folder}/plan.json`, JSON.stringify(plan));
    const { status, stderr } = await tandem(folder, "compare", "plan.json", "--out", "out");
    assert.equal(status, 2);
    assert.match(stderr, /^E_PERMISSION: .*--allow-effect write\./m);
  });
});

Deno.test("data: and blob: URLs are no modules, wherever they are named and however they are written", async () => {
  const code = "text/javascript,Deno.writeTextFileSync('loaded','');export default {}//x.ts";
  await withFolder(async (folder) => {
    const names = [
      `data:${code}`,
      `DATA:${code}`,
      ` data:${code}`,
      `da\nta:${code}`,
      "blob:null/1.ts",
    ];
    for (const name of names) {
      await document(folder, { feedback: { plugin: name, options: {} } });
      const flags = [[], ["--sandbox"]];
      const commands = [
        ...flags.map((flag) => ["run", "theirs.json", ...QUICK, "--out", "out", ...flag]),
        ["run", `${ROOT}tests/cli/corridor.ts`, "--set", `feedback=${name}`, ...QUICK],
        ["check", name],
        ["run", name],
      ];
      for (const command of name === names[0] ? commands : commands.slice(0, 1)) {
        const { status, stderr } = await tandem(folder, ...command);
        assert.equal(status, 2, command.join(" "));
        assert.match(stderr, /^E_(PLUGIN|FILE): [^\n]*\n$/, command.join(" "));
      }
    }
    assert.deepEqual(await entries(folder), ["theirs.json"]);
  });
});

/** An owner whose list lies in a folder, with what he is told. */
function ownerIn(folder: string, allowEffect: readonly Effect[] = []) {
  const told: string[] = [];
  const file = new AllowedFile((sentence) => told.push(sentence), join(folder, ".tandem"));
  return { owner: new Owner({ allowEffect, allowModule: [] }, file), file, told };
}

const CHAT = {
  plugin: "chat",
  options: { model: "m", baseUrl: "http://127.0.0.1:9/v1", keyVariable: "" },
};

Deno.test("what code names is its owner's word: the same stage is allowed in a document, another is not", () =>
  withFolder(async (folder) => {
    const json = { ...corridor.toJSON(), teacher: CHAT };
    const first = ownerIn(folder).owner;
    await first.keep(await pipelineFromJson(json, await first.catalog(false)));
    const reading = { document: "x.json", sandbox: false };
    const catalog = await ownerIn(folder).owner.ofDocument(reading);
    assert.equal((await pipelineFromJson(json, catalog)).stages.teacher.plugin, "chat");
    const options = { ...CHAT.options, baseUrl: "http://127.0.0.1:10/v1" };
    const other = { ...json, teacher: { ...CHAT, options } };
    await assert.rejects(pipelineFromJson(other, catalog), {
      code: "E_PERMISSION",
      message: /--allow-effect network\.$/,
    });
    const flagged = await ownerIn(folder, ["network"]).owner.ofDocument(reading);
    assert.equal((await pipelineFromJson(other, flagged)).stages.teacher.plugin, "chat");
  }));

Deno.test("the list of what was allowed loses nothing to two processes, and is begun anew when damaged", () =>
  withFolder(async (folder) => {
    const entry = (k: number) => ({ sha256: String(k).padStart(64, "0"), what: `the module ${k}` });
    const files = Array.from({ length: 8 }, () => ownerIn(folder));
    await Promise.all(files.map(({ file }, k) => file.add([entry(k)])));
    const kept = ownerIn(folder).file.read().map(({ what }) => what);
    assert.deepEqual(kept.sort(), files.map((_, k) => `the module ${k}`));
    assert.deepEqual(files.flatMap(({ told }) => told), []);
    assert.deepEqual(await entries(`${folder}/.tandem`), ["allowed.json", "lock"]);
    const path = `${folder}/.tandem/allowed.json`;
    const unfit = '{"tandem":"allowed","version":1,"allowed":[{"sha256":"x","what":"y"}]}';
    for (const text of ["{", "null", "[]", unfit, "\ufeff{}"]) {
      await Deno.writeTextFile(path, text);
      const { file, told } = ownerIn(folder);
      assert.deepEqual(file.read(), []);
      assert.equal(told.length, 1);
      assert.match(told[0]!, /allowed\.json" is damaged \(.*\) and is begun anew/);
      await file.add([entry(1)]);
      assert.deepEqual(ownerIn(folder).file.read(), [entry(1)]);
    }
  }));

Deno.test("the list of what was allowed is bounded: the newest stay", () =>
  withFolder(async (folder) => {
    const all = Array.from({ length: 3000 }, (_, k) => ({
      sha256: String(k).padStart(64, "0"),
      what: "a module",
    }));
    await ownerIn(folder).file.add(all);
    assert.deepEqual(ownerIn(folder).file.read(), all.slice(1000));
  }));

Deno.test("the list is written through no link", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/mine`);
    await Deno.mkdir(`${folder}/theirs`);
    // Deno makes links for those alone who may write everywhere.
    await new Deno.Command("ln", { args: ["-s", `${folder}/theirs`, `${folder}/mine/.tandem`] })
      .output();
    const { file, told } = ownerIn(`${folder}/mine`);
    await file.add([{ sha256: "0".repeat(64), what: "x" }]);
    assert.match(told.join(), /cannot be kept .* It will be asked for again\./);
    assert.deepEqual(await entries(`${folder}/theirs`), []);
    assert.deepEqual(file.read(), []);
  }));
