/** `deno task paper`: from a model on a hub to the page of the paper's pipeline. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { fixtureDir } from "../runtimes/language_model/fixtures.ts";
import { HubServer } from "../runtimes/hub/server.ts";
import { withFolder } from "./command.ts";
import { inProcess } from "./in_process.ts";

/** Of flan-t5's layout: a T5 v1.1, its weights in safetensors alone. */
const FILES = ["config.json", "generation_config.json", "tokenizer.json", "model.safetensors"];

async function filesOf(fixture: "t5-v1_1" | "gpt2", names: readonly string[]) {
  const read = async (name: string) =>
    [name, await Deno.readFile(`${fixtureDir(fixture)}/${name}`)] as const;
  return Object.fromEntries(await Promise.all(names.map(read)));
}

const SMALL = [
  ...["--seeds", "2", "--iterations", "1", "--jobs", "1", "--device", "wasm", "--yes"],
  ...[
    "schedule.envs=2",
    "schedule.steps=4",
    "evaluation.episodes=1",
    "evaluation.states=1",
    "evaluation.advice=false",
  ]
    .flatMap((setting) => ["--set", setting]),
];

Deno.test("paper pulls a model, registers its plan and writes its page; the same command goes on where it was stopped, without the hub", () =>
  withFolder(async (folder) => {
    await using hub = await HubServer.start(await filesOf("t5-v1_1", FILES));
    const out = `${folder}/paper`;
    const from = ["--model", "org/model", "--endpoint", hub.endpoint, "--cache", `${folder}/cache`];
    const paper = () => inProcess("paper", ...from, ...SMALL, "--out", out);
    const read = (name: string) => Deno.readTextFile(`${out}/${name}`);

    const first = await paper();
    assert.equal(first.status, 0, first.stderr);
    const teacher =
      `org/model at revision ${hub.commit} ("main"), a t5 with int8 weights by "fused"`;
    assert.ok(first.stderr.includes(`The teacher is ${teacher}.`), first.stderr);
    const { plan, question } = JSON.parse(await read("plan.lock.json"));
    assert.deepEqual(
      plan.variants.map(({ name }: { name: string }) => name),
      ["alone", "one-way", "synthetic", "bidirectional"],
    );
    assert.deepEqual([plan.levels, plan.seeds], [["GoToRedBallNoDists"], [0, 1]]);
    assert.equal(question.primary, "area");
    assert.equal(plan.pipeline.feedback.plugin, "paper");
    const { model } = plan.pipeline.teacher.options;
    assert.equal(model, `${folder}/cache/models--org--model/snapshots/${hub.commit}`);
    for (const page of ["results.md", "report.html"]) {
      const text = (await read(page)).replaceAll("&quot;", '"');
      for (
        const said of [
          "arXiv 2401.06603",
          `The teacher is ${teacher}.`,
          "Set otherwise: schedule.envs=2, schedule.steps=4, evaluation.episodes=1",
          /It cost [\d.]+ m?s of computing, one run after the other; teachers: [\d,]+ prompts/,
          "it was not run with the real weights there",
          "nothing departs from it",
        ]
      ) {
        const isSaid = typeof said === "string" ? text.includes(said) : said.test(text);
        assert.ok(isSaid, `${said} in ${page}`);
      }
    }

    // What is left where it is stopped in the midst.
    using database = new DatabaseSync(`${out}/trials.sqlite`);
    const kept = () => database.prepare("select count(*) as n from trials").get()!["n"];
    database.exec("delete from trials where rowid in (select rowid from trials limit 1)");
    assert.equal(kept(), 7);
    hub.api.model = [200, "out of order"];
    const again = await paper();
    assert.equal(again.status, 0, again.stderr);
    assert.equal(kept(), 8);
    assert.equal([...again.stderr.matchAll(/^\[\d\/8\]/gm)].length, 1, again.stderr);
    const page = await read("results.md");
    assert.match(page, /8 of 8 runs, 2 seeds.*nothing departs from it/s);
    assert.match(page, /as it was pulled before, for the server could not be asked/);
  }));

Deno.test("paper says in one sentence what is no model for it, before anything is compared", () =>
  withFolder(async (folder) => {
    await using hub = await HubServer.start(
      await filesOf("gpt2", ["config.json", "tokenizer.json"]),
    );
    const from = ["--endpoint", hub.endpoint, "--cache", `${folder}/cache`];
    const refused = async (expected: RegExp, ...args: string[]) => {
      const said = await inProcess("paper", ...args, ...from, "--out", `${folder}/out`);
      const lines = said.stderr.trim().split("\n").filter((line) => !/^ *100 % .* MB /.test(line));
      assert.equal(lines.length, 1, said.stderr);
      assert.match(lines[0]!, expected);
      assert.notEqual(said.status, 0);
    };
    await refused(/^E_MODEL: .*"org\/other"/, "--model", "org/other");
    for (const name of ["a/b/c", "https://127.0.0.1/model"]) {
      await refused(/^E_MODEL: The model ".*" is neither a folder nor a name/, "--model", name);
    }
    await refused(/^E_MODEL: .*config.json" is missing/, "--model", folder);
    await refused(/^E_MODEL: .*config.json" is missing/, "--model", "./no/such/folder");
    const decoder =
      /is a decoder alone \("gpt2"\).* has an encoder, as "google\/flan-t5-small" has/;
    await refused(decoder, "--model", fixtureDir("gpt2"));
    await refused(decoder, "--model", "org/model");
    assert.ok(!hub.requests.some((path) => /onnx|safetensors/.test(path)), "no weights in vain");
    hub.api.model = [200, "out of order"];
    await refused(/^E_DOWNLOAD: /, "--model", "org/model");
    await refused(/^E_ARGUMENT: .*--seeds.*whole number/, "--seeds", "few");
    await refused(/^E_ARGUMENT: .*--max-hours.*--yes/, "--max-hours", "2", "--yes");
    assert.equal(await Deno.stat(`${folder}/out`).catch(() => undefined), undefined);
  }));
