import assert from "node:assert/strict";
import { entries, withFolder } from "./command.ts";
import { ppo } from "../../plugins/mod.ts";
import corridor from "./corridor.ts";
import { inProcess as command } from "./in_process.ts";
import { quickRun } from "./quick_run.ts";

/** A run whose best measurement, with the seed 2, is in its midst. */
const PIPELINE = corridor.with({
  student: ppo({ hidden: 16, learningRate: 0.05 }),
  schedule: { iterations: 6 },
  evaluation: { episodes: 50, states: 16, every: 1 },
});

/** What a command prints, which must end well. */
async function told(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await command(...args);
  assert.equal(status, 0, stderr);
  return stdout;
}

/** The sentence that a command ends with. */
async function refused(...args: string[]): Promise<string> {
  const { status, stderr } = await command(...args);
  assert.notEqual(status, 0, stderr);
  assert.equal(stderr.trim().split("\n").length, 1, stderr);
  return stderr.trim();
}

// deno-lint-ignore no-explicit-any -- JSON that a test looks into
const jsonOf = async (path: string): Promise<any> => JSON.parse(await Deno.readTextFile(path));

async function sameFiles(one: string, other: string): Promise<void> {
  assert.deepEqual(await entries(one), await entries(other));
  for (const name of await entries(one)) {
    assert.deepEqual(
      await Deno.readFile(`${one}/${name}`),
      await Deno.readFile(`${other}/${name}`),
      name,
    );
  }
}

Deno.test("what a run learned is packed, pulled and used elsewhere to the bit, its best student as well as its last", async (t) => {
  await withFolder(async (folder) => {
    const run = `${folder}/run`;
    await quickRun(PIPELINE, run, 2);
    const evaluate = async (run: string) =>
      JSON.parse(await told("evaluate", run, "--json", "--episodes", "50"));
    const last = await evaluate(run);

    await t.step("evaluate runs/ID@best measures the student of the best measurement", async () => {
      const events = (await Deno.readTextFile(`${run}/events.jsonl`)).trim().split("\n");
      const measured = events.map((line) => JSON.parse(line)).filter(({ type, iteration }) =>
        type === "evaluated" && iteration > 0
      );
      const best = measured.reduce((a, b) => b.success.rate >= a.success.rate ? b : a);
      assert.deepEqual([best.iteration, measured.length], [3, 6]);
      const { levels, student } = await evaluate(`${run}@best`);
      assert.notEqual(student, last.student);
      assert.equal(levels[0].withTeacher.episodes, 50);
      assert.ok(levels[0].withTeacher.rate > last.levels[0].withTeacher.rate);
      const out = `${folder}/best`;
      await told("pack", `${run}@best`, "--out", out);
      const { iteration, isBest, success, envSteps } = await jsonOf(`${out}/evaluation.json`);
      assert.deepEqual({ iteration, isBest, envSteps }, {
        iteration: 3,
        isBest: true,
        envSteps: 384,
      });
      assert.deepEqual(success, { ...best.success, measuredAfter: 3 });
      assert.match(await Deno.readTextFile(`${out}/README.md`), /the best of several measurements/);
    });

    await t.step("pack writes a folder in Hugging Face's layout, with a card", async () => {
      assert.equal(await told("pack", run), `${run}/pack\n`);
      assert.deepEqual(await entries(`${run}/pack`), [
        ...["README.md", "config.json", "evaluation.json", "model.safetensors", "pack.json"],
        ...["pipeline.json", "student.json", "teacher.json", "vocabulary.json"],
      ]);
      const card = await Deno.readTextFile(`${run}/pack/README.md`);
      const { success: { end: rate, ci95: [low, high] } } = await jsonOf(`${run}/summary.json`);
      assert.match(card, /^---\nlibrary_name: tandem\n[^]*- type: success_rate\n[^]*?\n---\n\n# /);
      assert.ok(card.includes(`      value: ${rate}\n`), card);
      const shown = [rate, low, high].map((share: number) => `${(100 * share).toFixed(1)} %`);
      assert.ok(card.includes(`| ${shown[0]} | ${shown[1]} to ${shown[2]} |`), card);
      const { command } = await jsonOf(`${run}/config.json`);
      assert.ok(card.includes(`\`\`\`sh\n${command}\n\`\`\`\n`), card);
      await told("pack", run); // its own is made anew
      assert.match(await refused("pack", run, "--out", run), /^E_RUN_EXISTS: /);
    });

    await t.step("pull brings it from a server, and what is used of it is the same", async () => {
      const [pulled, again] = [`${folder}/pulled`, `${folder}/again`];
      const asked: string[] = [];
      const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
      await using server = Deno.serve(options, async ({ url }) => {
        const name = new URL(url).pathname.replace("/packs/", "");
        asked.push(name);
        return new Response(await Deno.readFile(`${run}/pack/${name}`));
      });
      const url = `http://127.0.0.1:${server.addr.port}/packs`;
      assert.equal(await told("pull", url, "--out", pulled), `${pulled}\n`);
      assert.deepEqual(
        asked.sort(),
        (await entries(`${run}/pack`)).filter((it) => it !== "README.md"),
      );
      for (const name of await entries(`${pulled}/state`)) {
        const [here, there] = [pulled, run].map((dir) => Deno.readFile(`${dir}/state/${name}`));
        assert.deepEqual(await here, await there, name);
      }
      assert.deepEqual(await evaluate(pulled), { ...last, run: pulled });
      const played = ["--episodes", "1"];
      assert.equal(await told("play", pulled, ...played), await told("play", run, ...played));
      await told("pack", pulled, "--out", again);
      await sameFiles(again, `${run}/pack`);
    });

    await t.step("a pulled run is begun from, fits or not, and is not resumed", async () => {
      const pulled = `${folder}/pulled`;
      const from = ["run", "tests/cli/corridor.ts", "--set", `student.from=${pulled}`] as const;
      const small = [
        "--quiet",
        "--iterations",
        "1",
        "--device",
        "cpu",
        "--set",
        "student.hidden=16",
      ];
      assert.match(
        await refused(...from, ...small, "--set", "env.length=9", "--out", `${folder}/no`),
        /^E_WIRING: .*"Corridor-7" there has other observations/,
      );
      assert.match(await refused("resume", pulled), /^E_CHECKPOINT: .* cannot be resumed; .*from=/);
      assert.match(await refused("evaluate", `${pulled}@best`), /^E_CHECKPOINT: .*without "@best"/);
      // What the pack says of the world counts, and not what its env would be here.
      const vocabulary = await jsonOf(`${pulled}/vocabulary.json`);
      vocabulary.env.missionWords[0] = "walk";
      await Deno.writeTextFile(`${pulled}/vocabulary.json`, JSON.stringify(vocabulary));
      assert.match(await refused("evaluate", pulled), /^E_WIRING: .* has other words of missions/);
      await Deno.writeTextFile(`${pulled}/vocabulary.json`, "{}");
      assert.match(
        await refused("evaluate", pulled),
        /^E_FILE: .*vocabulary\.json.* no right "env"/,
      );
    });
  });
});

Deno.test("pull answers what it cannot take with one sentence, and leaves nothing", () =>
  withFolder(async (folder) => {
    const out = ["--out", `${folder}/no`];
    for (
      const [from, sentence] of [
        [folder, /^E_FILE: ".*" is no whole pack of a run: there is no "pack\.json"/],
        ["http://127.0.0.1:1/x", /^E_DOWNLOAD: .*pack\.json" cannot be read/],
        ["http://name:word@127.0.0.1/x", /^E_ARGUMENT: .*no name and no password/],
        ["http://", /^E_ARGUMENT: "http:" is neither a folder nor a URL/],
      ] as const
    ) assert.match(await refused("pull", from, ...out), sentence);
    assert.deepEqual(await entries(folder), []);
  }));
