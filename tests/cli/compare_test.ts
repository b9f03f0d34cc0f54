/** `deno task compare` as a user types it. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { entries, outcome, ROOT, start, task, withFolder } from "./command.ts";
import { inProcess } from "./in_process.ts";

const FILE = "tests/cli/corridor.ts";
const SMALL = ["--levels", "length=4,length=6", "--seeds", "2", "--device", "cpu"];
/** A thread takes longer to begin than trials of two iterations take. */
const ALONE = ["--jobs", "1"];

/** Rows of the store: the plan's trials and what became of them. */
function storedTrials(folder: string): { key: string; done: boolean; finished: string }[] {
  const database = new DatabaseSync(`${folder}/trials.sqlite`, { readOnly: true });
  try {
    return database.prepare(
      "select key, record is not null as done, finished from trials order by key",
    )
      .all().map(({ key, done, finished }) => ({
        key: String(key),
        done: done === 1,
        finished: String(finished),
      }));
  } finally {
    database.close();
  }
}

Deno.test("compare runs variants x levels x seeds once, and draws the same report again from its store", async () => {
  await withFolder(async (folder) => {
    const out = `${folder}/compared`;
    const looking = ["--worlds", "development", "--out", out];
    const args = [FILE, "--variants", "alone,bidirectional", ...SMALL, ...looking];
    const first = await task("compare", ...args);
    assert.equal(first.status, 0, first.stderr);
    assert.match(first.stderr, /\[8\/8\] \w+, length=[46], seed [01]: success \d+/);
    assert.match(first.stdout, /length=4 \(random [\d.]+ %[^\n]*\)\n {2}alone +success/);
    assert.match(first.stdout, /No statement: 2 seeds cannot give a corrected p of 0.05/);
    assert.deepEqual(await entries(out), [
      "history.jsonl",
      "plan.json",
      "plan.lock.json",
      "report.html",
      "results.md",
      "trials.sqlite",
    ]);
    const stored = storedTrials(out);
    assert.equal(stored.length, 8);
    assert.ok(stored.every(({ done }) => done));
    const page = await Deno.readTextFile(`${out}/report.html`);

    // A process of its own: the page tells the command by which it was made.
    const again = await task("compare", ...args);
    assert.equal(again.status, 0, again.stderr);
    assert.doesNotMatch(again.stderr, /seed/, "nothing is run again");
    assert.deepEqual(storedTrials(out), stored);
    assert.equal(await Deno.readTextFile(`${out}/report.html`), page);

    // The plan is a value: its file runs the same plan, and a larger one takes what is there.
    const more = await inProcess(
      "compare",
      FILE,
      "--variants",
      "alone,bidirectional,constant",
      ...SMALL,
      ...looking,
    );
    assert.equal(more.status, 0, more.stderr);
    assert.match(more.stderr, /\[9\/12\]/);
    const plan = await inProcess(
      "compare",
      `${out}/plan.json`,
      "--device",
      "cpu",
      "--out",
      out,
      "--quiet",
    );
    assert.equal(plan.status, 0, plan.stderr);
    assert.equal(storedTrials(out).length, 12);
  });
});

Deno.test("compare ends on test worlds of the plan: more seeds keep them, and another plan has others", async () => {
  await withFolder(async (folder) => {
    const compared = async (variants: string, seeds: string) => {
      const where = ["--levels", "length=4", "--device", "cpu", ...ALONE, "--out", folder];
      const args = ["--variants", variants, "--seeds", seeds, ...where];
      const { status, stdout, stderr } = await inProcess("compare", FILE, ...args);
      assert.equal(status, 0, stderr);
      assert.match(stdout, /^Success at the end is of test worlds\.$/m);
      return Deno.readTextFile(`${folder}/results.md`);
    };
    const first = await compared("alone", "1");
    assert.match(first, /test worlds a seed, drawn for this plan/);
    assert.doesNotMatch(first, /other plan/);
    assert.doesNotMatch(await compared("alone", "2"), /other plan/);
    assert.equal(storedTrials(folder).length, 2, "what was done stays done");
    assert.match(await compared("alone,oracle", "2"), /of 1 other plan \([0-9a-f]{12}, 2 trials/);
    assert.equal(storedTrials(folder).length, 6, "a changed plan is measured on worlds unseen");
  });
});

Deno.test("compare gives every variant the same worlds and the same draws", async () => {
  await withFolder(async (folder) => {
    const out = `${folder}/compared`;
    // Two names for one pipeline, and one whose student never hears its teacher.
    const variants = ["--variant", "one=feedback=none", "--variant", "two=feedback=synthetic"];
    const deaf = [
      "--variant",
      "deaf=student.hears=false,feedback=none",
      "--variants",
      "one,two,deaf,alone",
    ];
    const { status, stderr } = await inProcess(
      "compare",
      FILE,
      ...variants,
      ...deaf,
      ...SMALL,
      ...ALONE,
      "--out",
      out,
    );
    assert.equal(status, 0, stderr);
    await inProcess("export", out, "--as", "csv", "--device", "cpu");
    const lines = (await Deno.readTextFile(`${out}/export/evaluations.csv`)).trim().split("\r\n");
    const curveOf = (variant: string) =>
      lines.filter((line) => line.startsWith(`${variant},`)).map((line) => {
        const fields = line.split(",");
        const at = (name: string) => fields[lines[0]!.split(",").indexOf(name)];
        return [at("level"), at("seed"), at("iteration"), at("success"), at("mean_steps")];
      });
    assert.deepEqual(curveOf("two"), curveOf("one"), "the bot does not learn from verdicts");
    assert.deepEqual(curveOf("deaf"), curveOf("alone"), "what is not heard changes nothing");
    assert.notDeepEqual(curveOf("one"), curveOf("alone"));
  });
});

Deno.test("compare goes on where it was killed, and where Ctrl-C stopped it", async () => {
  await withFolder(async (folder) => {
    const out = `${folder}/compared`;
    const args = [
      FILE,
      "--variants",
      "alone,bidirectional",
      ...SMALL,
      "--iterations",
      "400",
      ...ALONE,
      "--out",
      out,
    ];
    const killed = startDirectly("compare", ...args);
    await trialsIn(out, 1);
    killed.kill("SIGKILL");
    await killed.status;
    const afterKill = storedTrials(out);
    assert.ok(afterKill.length >= 1 && afterKill.length < 8, `${afterKill.length}`);

    const stopped = start("compare", ...args);
    await trialsIn(out, afterKill.length + 1);
    // `deno task` hands a signal on twice at times: both are one press of Ctrl-C.
    stopped.kill("SIGINT");
    stopped.kill("SIGINT");
    const { status, stderr } = await outcome(stopped);
    assert.equal(status, 130, stderr);
    const afterStop = storedTrials(out);
    assert.ok(afterStop.length > afterKill.length && afterStop.length < 8, `${afterStop.length}`);
    assert.match(await Deno.readTextFile(`${out}/report.html`), /of 8 runs are missing/);

    const resumed = await inProcess("compare", ...args);
    assert.equal(resumed.status, 0, resumed.stderr);
    const all = storedTrials(out);
    assert.equal(all.length, 8);
    for (const trial of afterStop) assert.ok(all.some((kept) => kept.finished === trial.finished));
  });
});

/** The command without `deno task` around it, which would outlive its own death by a signal. */
function startDirectly(...args: string[]): Deno.ChildProcess {
  const permissions = ["--no-prompt", "--allow-read", "--allow-write=.,/tmp"];
  return new Deno.Command(Deno.execPath(), {
    args: ["run", ...permissions, "cli.ts", ...args],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/** Waits until so many trials are in the store. */
async function trialsIn(folder: string, count: number): Promise<void> {
  for (let waits = 0; waits < 600; waits++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    try {
      if (storedTrials(folder).length >= count) return;
    } catch {
      // The store is not there yet, or it is being written.
    }
  }
  throw new Error(`No ${count} trials came into ${folder}.`);
}

Deno.test("compare keeps the error of a broken trial and runs the rest", async () => {
  await withFolder(async (folder) => {
    const core = new URL("../../core/pipeline/plugin.ts", import.meta.url).href;
    const rule = `${folder}/breaks.ts`;
    await Deno.writeTextFile(
      rule,
      `import { definePlugin } from "${core}";
       export default definePlugin({
         kind: "feedback", name: "breaks", description: "Fails for seed 1.", options: {},
         create: ({}, { seed }) => ({ judge: ({ advantages: { length } }) => {
           if (seed === 1) throw new Error("the rule is broken");
           return { signs: new Int8Array(length), strengths: new Float32Array(length), words: () => "" };
         } }),
       });`,
    );
    const out = `${folder}/compared`;
    const args = [
      FILE,
      "--variants",
      "alone,broken",
      "--variant",
      `broken=feedback=${rule}`,
      "--seeds",
      "3",
      ...ALONE,
      "--device",
      "cpu",
      "--out",
      out,
    ];
    const first = await inProcess("compare", ...args);
    assert.equal(first.status, 1, first.stderr);
    assert.match(
      first.stderr,
      /broken, seed 1: failed, E_STAGE: The feedback ".*" failed: the rule is broken/,
    );
    assert.equal(storedTrials(out).filter(({ done }) => done).length, 5);
    assert.match(await Deno.readTextFile(`${out}/report.html`), /the rule is broken/);

    // A failure is not tried again unless the rule changes, or the user says so.
    const again = await inProcess("compare", ...args);
    assert.equal(again.status, 1);
    assert.doesNotMatch(again.stderr, /seed 1/);
    await Deno.writeTextFile(rule, (await Deno.readTextFile(rule)).replace("seed === 1", "false"));
    const mended = await inProcess("compare", ...args);
    assert.equal(mended.status, 0, mended.stderr);
    assert.match(mended.stderr, /broken, seed 1: success/);
  });
});

const NONSENSE: readonly [name: string, args: string[], message: RegExp][] = [
  ["a missing file", ["nowhere.ts"], /^E_FILE: There is no file "nowhere.ts"/],
  ["an unknown variant", [FILE, "--variants", "alon"], /^E_ARGUMENT: .*Did you mean "alone"\?/],
  ["a variant without a name", [FILE, "--variant", "feedback"], /^E_ARGUMENT: .*NAME=SETTING/],
  ["a variant that does not fit", [FILE, "--variant", "x=feedback=ppo"], /^E_SLOT: /],
  ["an unknown level", [
    ...["pipelines/babyai.ts", "--variants", "alone", "--levels", "GoToMoon"],
  ], /^E_(LEVEL|OPTION): .*GoToMoon/],
  ["an option that the env lacks", [FILE, "--levels", "depth=3"], /^E_OPTION: .*depth/],
  ["no seeds", [FILE, "--seeds", "0"], /^E_ARGUMENT: .*whole number from 1/],
  ["a threshold in percent", [FILE, "--threshold", "90"], /^E_ARGUMENT: .*such as 0.9/],
  ["an unknown baseline", [FILE, "--baseline", "alon"], /^E_ARGUMENT: .*"alone"\?/],
];

for (const [name, args, message] of NONSENSE) {
  Deno.test(`compare answers ${name} with one sentence and status 2, and leaves nothing`, async () => {
    await withFolder(async (folder) => {
      const { status, stderr } = await inProcess("compare", ...args, "--out", `${folder}/compared`);
      assert.equal(status, 2, stderr);
      const sentence = stderr.split("\n").filter((line) => line.startsWith("E_")).join("\n");
      assert.match(sentence, message);
      assert.deepEqual(await entries(folder), []);
    });
  });
}

Deno.test("compare refuses a folder that holds something else", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/thesis.txt`, "years of work");
    const { status, stderr } = await inProcess("compare", FILE, "--out", folder);
    assert.equal(status, 2);
    assert.match(stderr, /E_RUN_EXISTS: .*"thesis.txt" and no comparison/);
    assert.deepEqual(await entries(folder), ["thesis.txt"]);
  });
});

Deno.test("compare tells of a damaged row of its store and runs that trial again, no other", () =>
  withFolder(async (folder) => {
    const out = `${folder}/compared`;
    const few = ["--variants", "alone,bidirectional", "--seeds", "1", "--device", "cpu", ...ALONE];
    const args = [FILE, ...few, "--out", out];
    assert.equal((await inProcess("compare", ...args)).status, 0);
    const [whole] = storedTrials(out);
    const database = new DatabaseSync(`${out}/trials.sqlite`);
    database.prepare("update trials set record = ?, finished = 'never' where key = ?")
      .run(new TextEncoder().encode("garbage"), whole!.key);
    database.close();
    const again = await inProcess("compare", ...args);
    assert.equal(again.status, 0, again.stderr);
    assert.match(
      again.stderr,
      /^The trial "[0-9a-f]{12}" in ".*" is damaged \(.*\) and counts as not run\.\n/,
    );
    assert.equal(again.stderr.match(/seed \d: success/g)?.length, 1);
    assert.ok(storedTrials(out).every(({ finished }) => finished !== "never"));
  }));
