/** Hostile text through every door: whatever the command line is given, it sends no commands to a terminal. */
import assert from "node:assert/strict";
import { definePipeline } from "../../core/pipeline/pipeline.ts";
import { bot, corridor, paper, qMinusV, tabularQ } from "../../plugins/mod.ts";
import { type Outcome, task, withFolder } from "./command.ts";
import { inProcess } from "./in_process.ts";

/** Clears a screen, sets a title, colours, rings, moves, turns the direction of writing. */
const HOSTILE = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202eevil\u2066\r\x08`|";

/** No control characters but line breaks and tabs, no marks of direction. */
function assertHarmless({ stdout, stderr }: Outcome, what: string): void {
  for (const text of [stdout, stderr]) {
    assert.doesNotMatch(
      text,
      // deno-lint-ignore no-control-regex
      /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/,
      what,
    );
  }
}

/** A short pipeline as JSON, under a name. */
function pipelineJson(name: string): string {
  const pipeline = definePipeline({
    name,
    description: HOSTILE,
    env: corridor({ length: 4 }),
    teacher: bot({ accuracy: 0.8 }),
    student: tabularQ(),
    advantage: qMinusV(),
    feedback: paper(),
    schedule: { iterations: 2, envs: 2, steps: 8 },
    evaluation: { episodes: 2, states: 2 },
  });
  return JSON.stringify(pipeline);
}

const PLUGIN = `
const HOSTILE = ${JSON.stringify(HOSTILE)};
export default {
  kind: "feedback", name: "mine" + HOSTILE, description: "Judges." + HOSTILE, options: {},
  create: () => ({ judge() { throw Object.assign(new Error("broken" + HOSTILE), { extra: HOSTILE }); } }),
};`;

Deno.test("errors show what they quote and send no commands", () =>
  withFolder(async (folder) => {
    const plugin = `${folder}/plugin.ts`;
    await Deno.writeTextFile(plugin, PLUGIN);
    await Deno.writeTextFile(`${folder}/throws.ts`, `throw new Error(${JSON.stringify(HOSTILE)});`);
    await Deno.writeTextFile(`${folder}/bad.json`, `{"tandem":1,"name":"a","${"\u202e"}part":1}`);
    const commands: [args: string[], status: number][] = [
      [[`unknown${HOSTILE}`], 2],
      [["run", `${folder}/none${HOSTILE}.ts`], 2],
      [["run", `${folder}/throws.ts`], 2],
      [["run", `${folder}/bad.json`], 2],
      [["run", "pipelines/corridor.ts", "--set", `teacher=${HOSTILE}`], 2],
      [["run", "pipelines/corridor.ts", "--set", `env.length=${HOSTILE}`], 2],
      [["run", "pipelines/corridor.ts", "--set", `${HOSTILE}=1`], 2],
      [["run", "pipelines/babyai.ts", "--set", `env.level=${HOSTILE}`], 2],
      [
        ["run", "pipelines/corridor.ts", "--out", `${folder}/run`, "--set", `feedback=${plugin}`],
        1,
      ],
      [["check", plugin], 1],
      [["plugins", plugin], 0],
      [["plugins", HOSTILE], 2],
      [["levels", HOSTILE], 2],
      [["export", `${folder}/${HOSTILE}`], 2],
      [["resume", `${folder}/${HOSTILE}`], 2],
      [["replay", `${folder}/${HOSTILE}`], 2],
    ];
    for (const [args, status] of commands) {
      const [command, ...rest] = args as [string, ...string[]];
      const outcome = command.startsWith("unknown")
        ? await inProcess("conform", args[0]!)
        : await inProcess(command, ...rest);
      assertHarmless(outcome, args.join(" "));
      assert.equal(outcome.status, status, args.join(" "));
      assert.doesNotMatch(outcome.stderr, /a defect of Tandem/, args.join(" "));
    }
  }));

Deno.test("a run's folder from elsewhere shows its texts and sends no commands", () =>
  withFolder(async (folder) => {
    const file = `${folder}/pipeline.json`;
    const out = `${folder}/run`;
    await Deno.writeTextFile(file, pipelineJson(`=HYPERLINK("http://x")${HOSTILE}`));
    const ran = await task("run", file, "--out", out);
    assert.equal(ran.status, 0, ran.stderr);
    assertHarmless(ran, "run");
    const events = `${out}/events.jsonl`;
    const lines = (await Deno.readTextFile(events)).split("\n");
    const warning = JSON.stringify({ type: "warning", code: "W_NOTE", message: HOSTILE });
    const ledger = lines.map((line) =>
      line.replace('"words":"', `"words":${JSON.stringify(HOSTILE).slice(0, -1)}`)
    );
    ledger.splice(1, 0, warning, "null", "{}", '{"type":"iteration.ended","iteration":1e300}');
    await Deno.writeTextFile(
      events,
      ledger.join("\n").replaceAll('"guidance":"right"', `"guidance":${JSON.stringify(HOSTILE)}`),
    );
    const shown = await inProcess("replay", out, "--show", "3");
    assert.equal(shown.status, 0, shown.stderr);
    assertHarmless(shown, "replay --show");
    assert.match(
      shown.stderr,
      /^3 lines of ".*events\.jsonl" could not be read and are passed over/,
    );
    assertHarmless(await inProcess("replay", out), "replay");
    const exported = await inProcess("export", out);
    assert.equal(exported.status, 0, exported.stderr);
    assertHarmless(exported, "export");
    const table = await Deno.readTextFile(`${out}/export/runs.csv`);
    assert.match(table, /\r\n"'=HYPERLINK\(""http:\/\/x""\)\\x1b\[2J/);
    assert.match(exported.stderr, /^3 lines of [^\n]*\n$/, "and nothing else");
    for (const summary of ["null", "{}", "{", "[".repeat(100_000), '{"tandem":1}']) {
      await Deno.writeTextFile(`${out}/summary.json`, summary);
      const refused = await inProcess("export", out);
      assert.equal(refused.status, 2);
      assert.match(
        refused.stderr,
        /^E_\w+: "[^\n]*summary\.json" (is no|cannot be read:) [^\n]*\n$/,
      );
    }
  }));

Deno.test("a comparison's tables hold whatever its variants are called", () =>
  withFolder(async (folder) => {
    const file = `${folder}/pipeline.json`;
    await Deno.writeTextFile(file, pipelineJson("tiny"));
    const plan = {
      tandem: 1,
      pipeline: JSON.parse(await Deno.readTextFile(file)),
      variants: [{ name: `a|b\`c${HOSTILE}` }, { name: "..", settings: ["teacher=none"] }],
      seeds: [0],
    };
    await Deno.writeTextFile(`${folder}/plan.json`, JSON.stringify(plan));
    const out = `${folder}/compared`;
    const compared = await inProcess("compare", `${folder}/plan.json`, "--out", out, "--jobs", "1");
    assert.equal(compared.status, 0, compared.stderr);
    assertHarmless(compared, "compare");
    const markdown = await Deno.readTextFile(`${out}/results.md`);
    assertHarmless({ status: 0, stdout: markdown, stderr: "" }, "results.md");
    const tables = markdown.match(/(?:^\| .*\n)+/gm) ?? [];
    assert.ok(tables.length >= 2);
    for (const table of tables) {
      const columns = table.trimEnd().split("\n")
        .map((row) => row.replaceAll("\\|", "").split("|").length);
      assert.equal(new Set(columns).size, 1, "no name makes a column");
    }
    const exported = await inProcess("export", out);
    assert.equal(exported.status, 0, exported.stderr);
    assert.equal(exported.stderr, "", "no device is looked for");
    const boards = exported.stdout.split("\n").filter((line) => line.includes("tfevents"));
    assert.equal(new Set(boards).size, 2);
    assert.ok(boards.every((path) => path.startsWith(`${out}/export/tensorboard/`)));
  }));
