/** `deno task replay` and `deno task export` as a user types them. */
import assert from "node:assert/strict";
import { entries, task, withFolder } from "./command.ts";
import { inProcess } from "./in_process.ts";

const FILE = "tests/cli/corridor.ts";

Deno.test("replay holds a run's ledger to a second run, and finds a word that was changed", async () => {
  await withFolder(async (folder) => {
    const run = `${folder}/run`;
    const ran = await inProcess(
      "run",
      FILE,
      "--quiet",
      "--device",
      "cpu",
      "--seed",
      "5",
      "--out",
      run,
    );
    assert.equal(ran.status, 0, ran.stderr);
    const same = await task("replay", run);
    assert.equal(same.status, 0, same.stderr);
    assert.equal(same.stdout, "32 of 32 rows of the ledger are the same.\n");
    const shown = await inProcess("replay", run, "--show", "2");
    assert.equal(shown.stdout.trim().split("\n").length, 2);
    assert.match(shown.stdout, /^2\.14 {2}You see a flag .* → {2}".*" {2}ΔA [+−]\d/);

    const path = `${run}/events.jsonl`;
    const events = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, events.replace('"verdict":"negative"', '"verdict":"positive"'));
    const changed = await inProcess("replay", run);
    assert.equal(changed.status, 1);
    assert.match(
      changed.stdout,
      /then, in iteration 1, step \d+, "verdict" was "positive" and is "neg/,
    );
  });
});

Deno.test("export writes a run for other programs, and refuses what is no run", async () => {
  await withFolder(async (folder) => {
    const run = `${folder}/run`;
    await inProcess("run", FILE, "--quiet", "--device", "cpu", "--out", run);
    const { status, stdout, stderr } = await task("export", run);
    assert.equal(status, 0, stderr);
    assert.equal(stdout.trim().split("\n").length, 7);
    assert.deepEqual(await entries(`${run}/export`), [
      "evaluations.csv",
      "evaluations.parquet",
      "export.json",
      "runs.csv",
      "runs.parquet",
      "tensorboard",
      "training.csv",
      "training.parquet",
    ]);
    const nothing = await inProcess("export", folder);
    assert.equal(nothing.status, 2);
    assert.match(nothing.stderr, /E_FILE: ".*" holds neither a run that ended nor a comparison/);
    const format = await inProcess("export", run, "--as", "xlsx");
    assert.match(format.stderr, /E_ARGUMENT: .*"xlsx" is none of csv, parquet, tensorboard/);
  });
});
