/** A channel from a scratch folder, through the command line as a user types it. */
import assert from "node:assert/strict";
import { ROOT, withFolder } from "./command.ts";
import { inProcess } from "./in_process.ts";

const SMALL = ["schedule.iterations=1", "evaluation.episodes=5"].flatMap((set) => ["--set", set]);

/** What the guide to channels prints as my_channel.ts. */
async function guideChannel(): Promise<string> {
  const page = await Deno.readTextFile(`${ROOT}docs/guide/channel.md`);
  return /^```ts ignore my_channel\.ts\n([^]*?)^```$/m.exec(page)![1]!;
}

/** What the teacher said in the steps of a run's ledger. */
async function guidanceOf(run: string): Promise<Set<string>> {
  const events = await Deno.readTextFile(`${run}/events.jsonl`);
  return new Set([...events.matchAll(/"guidance":"([^"]*)"/g)].map(([, said]) => said!));
}

Deno.test("a channel from any file teaches, is saved with its run, and is asked for when it changed", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/stubborn.ts`;
    await Deno.writeTextFile(
      file,
      `export default {
        kind: "channel", name: "stubborn", description: "Says one thing.", options: {},
        create: () => ({ correct: (scores) => void (scores[1] += 1000) }),
      };`,
    );
    const learnsBy = `teacher.learnsBy=["logits",${JSON.stringify(file)}]`;
    const run = `${folder}/run`;
    const [pipeline, flags] = ["pipelines/corridor.ts", ["--quiet", "--device", "cpu"]];
    const ran = await inProcess(
      "run",
      pipeline,
      "--set",
      learnsBy,
      ...SMALL,
      ...flags,
      "--out",
      run,
    );
    assert.equal(ran.status, 0, ran.stderr);
    assert.deepEqual([...await guidanceOf(run)], ["go right"]);
    const { pipeline: saved } = JSON.parse(await Deno.readTextFile(`${run}/config.json`));
    assert.deepEqual(saved.teacher.options.learnsBy, ["logits", { plugin: file, options: {} }]);
    const again = await inProcess("replay", run);
    assert.equal(again.status, 0, again.stderr);
    assert.match(again.stdout, /rows of the ledger are the same/);
    await Deno.writeTextFile(file, (await Deno.readTextFile(file)).replace("1000", "2000"));
    const changed = await inProcess("replay", run);
    assert.equal(changed.status, 2);
    assert.match(
      changed.stderr,
      /^E_PERMISSION: .* the channel ".*stubborn\.ts", which has changed/,
    );
  });
});

Deno.test("the guide's channel keeps its contract and runs, with options of its own", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/my_channel.ts`;
    await Deno.writeTextFile(file, await guideChannel());
    const checked = await inProcess("check", file);
    assert.equal(checked.stdout, 'channel "my-channel" keeps its contract.\n', checked.stderr);
    const chosen = { plugin: file, options: { penalty: 4 } };
    const set = `teacher.learnsBy=${JSON.stringify([chosen])}`;
    const out = `${folder}/run`;
    const ran = await inProcess(
      ...["run", "pipelines/corridor.ts", "--set", set, ...SMALL, "--quiet", "--out", out],
    );
    assert.equal(ran.status, 0, ran.stderr);
  });
});

Deno.test("a channel that cannot be used is refused in a sentence", async () => {
  await withFolder(async (folder) => {
    const refused = async (learnsBy: string, sentence: RegExp) => {
      const set = `teacher.learnsBy=${learnsBy}`;
      const out = ["--out", `${folder}/run`];
      const ran = await inProcess("run", "pipelines/corridor.ts", "--set", set, ...SMALL, ...out);
      assert.equal(ran.status, 2, ran.stderr);
      assert.match(ran.stderr, sentence);
    };
    await refused('["logit"]', /^E_OPTION: .*"learnsBy\.0".* expected one of "prompt", "memory"/m);
    await refused(`["${folder}/none.ts"]`, /^E_PLUGIN: The plugin ".*none\.ts" cannot be loaded/m);
    await Deno.writeTextFile(`${folder}/odd.ts`, "export default { kind: 'channel' };");
    await refused(`["${folder}/odd.ts"]`, /^E_PLUGIN: The module ".*odd\.ts" exports no plugin/m);
  });
});
