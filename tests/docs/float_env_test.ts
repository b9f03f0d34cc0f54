/** What CONTRIBUTING tells authors to write does what it says, from any folder. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ROOT, task, withFolder } from "../cli/command.ts";

/** The program under a heading. */
async function programUnder(heading: string): Promise<string> {
  const text = await Deno.readTextFile(join(ROOT, "CONTRIBUTING.md"));
  const [, section] = text.split(`### ${heading}\n`);
  const program = /```ts[^\n]*\n([^]*?)```/.exec(section ?? "")?.[1];
  assert.ok(program, `there is no program under "${heading}"`);
  return program;
}

Deno.test("an env with float observations is one file, from any folder", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "room.ts");
    await Deno.writeTextFile(file, await programUnder("An env with float observations"));
    const checked = await task("check", file);
    assert.equal(checked.status, 0, checked.stdout + checked.stderr);
    const set = [
      `env=${file}`,
      "schedule.iterations=1",
      "schedule.steps=8",
      "evaluation.episodes=8",
    ];
    const run = await task(
      ...["run", "pipelines/cartpole.ts", "--out", join(folder, "run")],
      ...set.flatMap((choice) => ["--set", choice]),
    );
    assert.equal(run.status, 0, run.stdout + run.stderr);
    const refused = await task(
      ...["run", "pipelines/cartpole.ts", "--set", `env=${file}`, "--set", "student=tabular-q"],
    );
    assert.notEqual(refused.status, 0);
    assert.match(refused.stderr, /The student "tabular-q" takes observations of the kind "vector"/);
  });
});
