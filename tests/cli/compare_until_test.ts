/** `deno task compare --until decided` as a user types it. */
import assert from "node:assert/strict";
import { outcome, start, withFolder } from "./command.ts";
import { inProcess } from "./in_process.ts";

const FILE = "tests/cli/corridor.ts";
// "deaf" is "alone" by another name, so that the two learn the same; how it does on test worlds, where
// its teacher draws as well, may differ by chance.
const PLAN = [
  ...["--variant", "deaf=student.hears=false,feedback=none", "--variants", "alone,deaf"],
  ...["--iterations", "2", "--evaluations", "1", "--device", "cpu"],
  ...["--primary", "area"],
];

Deno.test("compare --until decided adds seeds until all is decided, and stops there again", async () => {
  await withFolder(async (folder) => {
    const out = `${folder}/decided`;
    const args = [FILE, ...PLAN, "--until", "decided", "--seeds", "3..12", "--look-every", "3"];
    const first = await inProcess("compare", ...args, "--out", out);
    assert.equal(first.status, 0, first.stderr);
    assert.match(
      first.stderr,
      /Look at 3 of at most 12 seeds: deaf against alone not yet; 1 of 1 open\./,
    );
    assert.match(
      first.stderr,
      /Look at 9 of at most 12 seeds: .* the same \(p.*; all is decided\.\n/,
    );
    assert.doesNotMatch(first.stderr, /Look at 12/);
    assert.match(first.stdout, /stopped after 9 of at most 12, when all was decided\./);
    const plan = JSON.parse(await Deno.readTextFile(`${out}/plan.json`));
    assert.deepEqual([plan.primary, plan.looks, plan.seeds.length], ["area", [3, 6, 9, 12], 12]);

    // Its plan says itself when one stops, and what is done is not done again.
    const again = await inProcess("compare", `${out}/plan.json`, "--device", "cpu", "--out", out);
    assert.equal(again.status, 0, again.stderr);
    assert.doesNotMatch(again.stderr, /success/);
    assert.match(again.stderr, /Look at 9 of at most 12 seeds: .*; all is decided\.\n$/);
    assert.equal(again.stdout, first.stdout);
  });
});

Deno.test("compare --until decided goes on where it was killed", async () => {
  await withFolder(async (folder) => {
    const out = `${folder}/decided`;
    const args = [FILE, ...PLAN, "--until", "decided", "--seeds", "4..9", "--look-every", "4"];
    const killed = start("compare", ...args, "--jobs", "1", "--out", out);
    const reader = killed.stderr.getReader();
    for (let said = ""; !said.includes("Look at 4");) {
      const { value, done } = await reader.read();
      assert.ok(!done, said);
      said += new TextDecoder().decode(value);
    }
    reader.releaseLock();
    killed.kill("SIGKILL");
    await outcome(killed).catch(() => {});
    const resumed = await inProcess("compare", ...args, "--out", out);
    assert.equal(resumed.status, 0, resumed.stderr);
    assert.doesNotMatch(resumed.stderr, /seed [0-3]: success/, "the first look's trials are kept");
    assert.match(resumed.stdout, /stopped after \d of at most 9, when all was decided\./);
  });
});

Deno.test("compare says what --until, --seeds and --look-every need of each other", async () => {
  const said = async (...args: string[]) => {
    const { status, stderr } = await inProcess(
      "compare",
      FILE,
      ...PLAN,
      ...args,
      "--out",
      "/tmp/none",
    );
    assert.equal(status, 2, stderr);
    return stderr;
  };
  assert.match(await said("--seeds", "5..30"), /E_ARGUMENT.*--seeds 5\.\.30 needs --until decided/);
  assert.match(await said("--look-every", "2"), /--look-every needs --until decided/);
  assert.match(
    await said("--until", "decided", "--seeds", "5"),
    /such as --seeds 5\.\.30, in place of "5"/,
  );
  assert.match(
    await said("--until", "decided", "--seeds", "9..5"),
    /must be two numbers from 2 on/,
  );
});
