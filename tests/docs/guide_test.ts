/** Walks through docs/guide/ as a reader would. */
import assert from "node:assert/strict";
import { defaultsOf } from "../../core/pipeline/options.ts";
import { SCHEDULE } from "../../core/pipeline/schedule.ts";
import { VARIANT_GROUPS, VARIANTS } from "../../lab/variants.ts";
import { type Outcome, outcome, ROOT, task, withFolder } from "../cli/command.ts";
import { inProcess } from "../cli/in_process.ts";
import { type Block, blocksOf, BRIEF, commandsOf } from "./page.ts";

/** The blocks of a page that a reader types; those without a language show what comes of it. */
function typedIn(page: string): Block[] {
  return blocksOf(page).filter(({ language }) => language !== "");
}

/** Runs a command of the guide, with the reader's own files in a folder. */
async function follow(folder: string, [program, ...args]: string[]): Promise<Outcome> {
  assert.equal(program, "deno");
  const own = args.map((arg) =>
    arg.replace(/\.\/(\w+\.ts)$/, `${folder}/$1`).replace(/^runs\//, `${folder}/runs/`)
  );
  if (own[0] === "task") {
    return await task(...own.slice(1), ...(own[1] === "new" ? ["--dir", folder] : []));
  }
  const command = new Deno.Command(Deno.execPath(), {
    args: own,
    cwd: folder,
    stdout: "piped",
    stderr: "piped",
  });
  return await outcome(command.spawn());
}

Deno.test("the guide to feedback rules leads to a significant result", async (test) => {
  const url = new URL("../../docs/guide/feedback-rule.md", import.meta.url);
  const blocks = typedIn(await Deno.readTextFile(url));
  await withFolder(async (folder) => {
    let last = "";
    for (const block of blocks) {
      if (block.language === "ts") {
        await Deno.writeTextFile(`${folder}/${block.name}`, block.text);
        continue;
      }
      assert.equal(block.language, "sh");
      for (const command of commandsOf(block)) {
        await test.step(command.slice(0, 4).join(" "), async () => {
          const { status, stdout, stderr } = await follow(folder, command);
          assert.equal(status, 0, stdout + stderr);
          last = stdout;
        });
      }
    }
    assert.match(last, /mine beats one-way: it ends higher/);
    assert.match(last, /sign beats one-way: it ends higher/);
  });
});

Deno.test("the guide to loops tells every option of the schedule with its default", async () => {
  const url = new URL("../../docs/guide/custom-loops.md", import.meta.url);
  const page = await Deno.readTextFile(url);
  const rows = [...page.matchAll(/^\| `(\w+)` +\| (\S+) +\|/gm)].map(([, name, value]) => {
    return [name!, value === "none" ? undefined : Number(value)];
  });
  assert.deepEqual(Object.fromEntries(rows), defaultsOf(SCHEDULE));
  assert.deepEqual(rows.map(([name]) => name), Object.keys(SCHEDULE));
});

Deno.test("the guide to loops runs", async () => {
  const url = new URL("../../docs/guide/custom-loops.md", import.meta.url);
  await withFolder(async (folder) => {
    const shown: string[] = [];
    for (const block of typedIn(await Deno.readTextFile(url))) {
      if (block.language === "ts") {
        const isPlugin = block.text.includes("export default definePlugin");
        const name = isPlugin ? "logger" : /name: "(\w+)"/.exec(block.text)![1]!;
        await Deno.writeTextFile(`${folder}/${name}.ts`, block.text);
        const what = isPlugin
          ? ["pipelines/corridor.ts", "--set", `extra.log=${folder}/logger.ts`]
          : [`${folder}/${name}.ts`];
        const out = `${folder}/run-of-${name}`;
        const { status, stdout, stderr } = await inProcess("run", ...what, ...BRIEF, "--out", out);
        assert.equal(status, 0, stderr);
        if (isPlugin) assert.match(stdout, /^1,\d+,\d+,/m, "it prints a line an iteration");
      } else {
        for (const [, ...command] of commandsOf(block)) {
          const out = `${folder}/run-${shown.length}`;
          const isLong = command.includes("pipelines/babyai.ts");
          const how = isLong ? BRIEF : ["--quiet"];
          const { status, stderr } = await inProcess(...command.slice(1), ...how, "--out", out);
          assert.equal(status, 0, stderr);
          if (isLong) continue;
          const summary = JSON.parse(await Deno.readTextFile(`${out}/summary.json`));
          if (summary.retention) {
            shown.push("what is left");
            assert.equal(summary.retention.iteration, 15);
          } else if (summary.metrics.asked === undefined) {
            shown.push("a teacher on trial");
            assert.ok(summary.metrics.heard >= 0 && summary.metrics.heard <= 1);
          } else {
            shown.push("a budget of advice");
            assert.ok(
              Math.abs(summary.metrics.asked - 0.3) < 0.05,
              "what is unasked is spent later",
            );
          }
        }
      }
    }
    assert.deepEqual(shown, ["what is left", "a teacher on trial", "a budget of advice"]);
  });
});

Deno.test("the guide to experiments runs, and tells every variant that has a name", async () => {
  const url = new URL("../../docs/guide/experiments.md", import.meta.url);
  const page = await Deno.readTextFile(url);
  const rows = [...page.matchAll(/^\| `([\w-]+)` +\| .*? \| +(×?) +\| +(×?) +\|$/gm)];
  assert.deepEqual(rows.map(([, name]) => name), VARIANTS.map(({ name }) => name));
  const marked = (column: number) => rows.filter((row) => row[column]).map(([, name]) => name!);
  assert.deepEqual(marked(2), VARIANT_GROUPS.paper);
  assert.deepEqual(marked(3), VARIANT_GROUPS.controls);
  const blocks = blocksOf(page);
  for (const { name, text } of blocks.filter(({ language }) => language === "ts")) {
    assert.ok(
      (await Deno.readTextFile(`${ROOT}${name}`)).includes(text),
      `${name} has these lines`,
    );
  }
  await withFolder(async (folder) => {
    const shell = blocks.filter(({ language }) => language === "sh");
    const earlier = await inProcess(
      "run",
      "pipelines/babyai.ts",
      ...BRIEF,
      "--out",
      `${folder}/ID`,
    );
    assert.equal(earlier.status, 0, earlier.stderr);
    let runs = 0;
    for (const [, ...command] of shell.flatMap(commandsOf)) {
      const own = command.slice(1).map((arg) => arg.replace(/(?<=^|[@=])runs\//, `${folder}/`));
      const seeds = own.includes("--until") ? "2..3" : "1";
      const few = own[0] === "compare"
        ? ["--iterations", "1", "--seeds", seeds, "--set", "evaluation.episodes=2", "--quiet"]
        : own[0] === "tune"
        ? ["--iterations", "1", "--trials", "2", "--seeds", "1", "--fresh-seeds", "1", "--quiet"]
        : own[0] === "run"
        ? [...BRIEF, "--out", `${folder}/begun-${++runs}`]
        : own[0] === "evaluate"
        ? ["--episodes", "4"]
        : [];
      const { status, stderr } = await inProcess(...own, ...few);
      assert.equal(status, 0, `${own.join(" ")}: ${stderr}`);
    }
  });
});
