/** `deno task tune` as a user types it. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { entries, outcome, start, task, withFolder } from "./command.ts";
import { inProcess } from "./in_process.ts";

const FILE = "tests/cli/tune_plan.ts";
const CPU = ["--device", "cpu"];

/** What the tests read of tuning.json. */
interface TuningFile {
  readonly variants: readonly {
    readonly name: string;
    readonly missing: readonly string[];
    readonly best: { readonly settings: readonly string[]; readonly command: string | null } | null;
    readonly worth: { readonly tuned: { readonly seeds: number } } | null;
    readonly freshSeeds: readonly number[];
    readonly spent: { readonly search: { readonly envSteps: number; readonly runs: number } };
    readonly attempts: readonly {
      readonly settings: readonly string[];
      readonly iterations: number;
      readonly runs: readonly { readonly seed: number; readonly digest: string }[];
    }[];
  }[];
}

async function tuningIn(folder: string): Promise<TuningFile> {
  return JSON.parse(await Deno.readTextFile(`${folder}/tuning.json`));
}

/** What was tried and what came of it, bit by bit. */
async function triedIn(folder: string) {
  const { variants } = await tuningIn(folder);
  return variants.map(({ name, attempts, best, worth }) => ({ name, attempts, best, worth }));
}

function contentsIn(folder: string): { seed: number; testPlan?: string }[] {
  const database = new DatabaseSync(`${folder}/trials.sqlite`, { readOnly: true });
  try {
    return database.prepare("select content from trials").all()
      .map(({ content }) => JSON.parse(String(content)));
  } finally {
    database.close();
  }
}

Deno.test("tune gives every variant the same trials and steps, on seeds of its own, and says what the best is worth", () =>
  withFolder(async (folder) => {
    const out = `${folder}/tuned`;
    const first = await task("tune", FILE, ...CPU, "--out", out);
    assert.equal(first.status, 0, first.stderr);
    assert.match(first.stderr, /\[22\/22\] /);
    assert.match(first.stdout, /^alone\n {2}best +student\.learningRate=[\d.e-]+/m);
    assert.match(first.stdout, / {2}fresh .* as it was: .*2 fresh seeds cannot show a difference/);
    assert.match(first.stdout, /Compare what was found on test worlds: deno task compare /);
    assert.deepEqual(await entries(out), [
      "history.jsonl",
      "trials.sqlite",
      "tuning.html",
      "tuning.json",
      "tuning.md",
    ]);
    const { variants: [alone, both] } = await tuningIn(out);
    assert.deepEqual(alone!.missing, ["feedback"], "it has no feedback to tune");
    assert.deepEqual(both!.missing, []);
    for (const { attempts, spent, worth } of [alone!, both!]) {
      assert.equal(attempts.length, 7);
      assert.equal(spent.search.runs, 7);
      // 2 iterations of 8 × 16 steps each, whatever schedule.envs was: rounded to whole iterations.
      assert.ok(Math.abs(spent.search.envSteps / (7 * 256) - 1) < 0.25, `${spent.search.envSteps}`);
      assert.equal(worth!.tuned.seeds, 2);
    }
    const searched = new Set(
      [alone!, both!].flatMap(({ attempts }) =>
        attempts.flatMap(({ runs }) => runs.map(({ seed }) => seed))
      ),
    );
    assert.ok(alone!.freshSeeds.every((seed) => !searched.has(seed)));
    const contents = contentsIn(out);
    assert.ok(contents.every(({ seed }) => seed > 1e15 + 100_000), "no comparison is told these");
    assert.ok(contents.every(({ testPlan }) => testPlan === undefined), "no test world is touched");

    const page = await Deno.readTextFile(`${out}/tuning.html`);
    // A process of its own: the page tells the command by which it was made.
    const again = await task("tune", FILE, ...CPU, "--out", out);
    assert.equal(again.status, 0, again.stderr);
    assert.doesNotMatch(again.stderr, /seed/, "nothing is run again");
    assert.equal(await Deno.readTextFile(`${out}/tuning.html`), page);
    const history = await inProcess("tune", "--history", "--out", out);
    assert.equal(
      history.stdout.match(/tuning of alone, bidirectional; .*done after 3 seeds/g)?.length,
      2,
    );
  }));

Deno.test("tune goes on where Ctrl-C stopped it, to the same results, however many run side by side", () =>
  withFolder(async (folder) => {
    const few = ["--variants", "bidirectional", "--fresh-seeds", "1"];
    const args = [FILE, ...CPU, ...few, "--iterations", "40"];
    const whole = await inProcess("tune", ...args, "--jobs", "3", "--out", `${folder}/whole`);
    assert.equal(whole.status, 0, whole.stderr);

    const out = `${folder}/stopped`;
    const running = start("tune", ...args, "--jobs", "1", "--out", out);
    await until(() => contentsIn(out).length >= 2);
    running.kill("SIGINT");
    running.kill("SIGINT"); // `deno task` hands a signal on twice at times
    const stopped = await outcome(running);
    assert.equal(stopped.status, 130, stopped.stderr);
    assert.match(stopped.stderr, /the same command goes on/);
    const kept = contentsIn(out).length;
    assert.ok(kept < 9, `${kept} had ended`);

    const resumed = await inProcess("tune", ...args, "--jobs", "1", "--out", out);
    assert.equal(resumed.status, 0, resumed.stderr);
    assert.match(resumed.stderr, /\[9\/9\]/);
    assert.deepEqual(await triedIn(out), await triedIn(`${folder}/whole`));
    const { stdout } = await inProcess("tune", "--history", "--out", out);
    assert.match(stdout, /: stopped after .*\n.*: done after /);
  }));

async function until(isSo: () => boolean): Promise<void> {
  for (let waits = 0; waits < 600; waits++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    try {
      if (isSo()) return;
    } catch {
      // It is not there yet.
    }
  }
  throw new Error("It never came.");
}

Deno.test("halving runs many short trials and few whole ones, of equal cost, and shares the store with the others", () =>
  withFolder(async (out) => {
    const args = [FILE, ...CPU, "--iterations", "9", "--variants", "alone", "--out", out];
    const halving = await inProcess("tune", ...args, "--method", "halving", "--trials", "3");
    assert.equal(halving.status, 0, halving.stderr);
    const { variants: [alone] } = await tuningIn(out);
    const lengths = alone!.attempts.map(({ iterations }) => iterations);
    assert.deepEqual(lengths, [...Array(9).fill(1), ...Array(3).fill(3), 9]);
    const grid = await inProcess("tune", ...args, "--method", "grid", "--trials", "4");
    assert.equal(grid.status, 0, grid.stderr);
    const { variants: [tuned] } = await tuningIn(out);
    assert.deepEqual(tuned!.attempts.map(({ iterations }) => iterations), [9, 9, 9, 9]);
  }));

Deno.test("compare names what was tuned, all variants or one under another name", () =>
  withFolder(async (folder) => {
    const tuned = `${folder}/tuned`;
    const search = ["--trials", "1", "--fresh-seeds", "1"];
    const first = await inProcess("tune", FILE, ...CPU, ...search, "--out", tuned);
    assert.equal(first.status, 0, first.stderr);
    const { variants: [alone, both] } = await tuningIn(tuned);
    const compared = async (...args: string[]) => {
      const out = `${folder}/compared`;
      const common = [FILE, ...CPU, "--seeds", "1", "--out", out];
      const { status, stderr } = await inProcess("compare", ...common, ...args);
      assert.equal(status, 0, stderr);
      const { variants } = JSON.parse(await Deno.readTextFile(`${out}/plan.json`));
      return variants as { name: string; settings: string[] }[];
    };
    const [first2, second] = await compared("--variants", `@${tuned}`);
    assert.deepEqual(first2!.settings, ["teacher=none", "feedback=none", ...alone!.best!.settings]);
    assert.deepEqual([second!.name, second!.settings], ["bidirectional", both!.best!.settings]);
    const mixed = await compared(
      ...["--variants", "bidirectional,best", "--variant"],
      `best=@${tuned}:bidirectional,student.hidden=8`,
    );
    assert.deepEqual(mixed.map(({ settings }) => settings), [
      [],
      [...both!.best!.settings, "student.hidden=8"],
    ]);

    const refused = async (message: RegExp, ...args: string[]) => {
      const { status, stderr } = await inProcess("compare", FILE, ...args, "--out", `${folder}/no`);
      assert.equal(status, 2);
      assert.match(stderr, message);
    };
    await refused(
      /E_ARGUMENT: .* has tuned no variant "alon". Did you mean "alone"\?/,
      "--variants",
      `@${tuned}:alon`,
    );
    await refused(/E_ARGUMENT: .*holds several variants; name one/, "--variant", `x=@${tuned}`);
    await refused(
      /E_ARGUMENT: "alone" is named beside the tuned one/,
      "--variants",
      `alone,@${tuned}`,
    );
    await refused(/E_FILE: .* is no result of deno task tune/, "--variants", `@${folder}`);

    // The file is a document: what it names that is code, its reader has to allow.
    const rule = `${folder}/rule.ts`;
    await Deno.writeTextFile(rule, "throw new Error('it was loaded')");
    const text = await Deno.readTextFile(`${tuned}/tuning.json`);
    await Deno.writeTextFile(
      `${tuned}/tuning.json`,
      text.replaceAll("feedback=none", `feedback=${rule}`),
    );
    await refused(
      /E_PERMISSION: .*tuning.json" has the feedback .* you have not allowed/,
      "--variants",
      `@${tuned}`,
    );
  }));

Deno.test("tune does not begin what may take more than --max-hours, nor without a folder of its own", () =>
  withFolder(async (folder) => {
    const out = `${folder}/tuned`;
    const { status, stderr } = await inProcess(
      "tune",
      FILE,
      ...CPU,
      "--max-hours",
      "1e-6",
      "--out",
      out,
    );
    assert.equal(status, 2, stderr);
    assert.match(
      stderr,
      /E_ARGUMENT: The plan may take .* of one core, and --max-hours allows .*fewer trials/,
    );
    await Deno.writeTextFile(`${folder}/thesis.txt`, "years of work");
    const refused = await inProcess("tune", FILE, ...CPU, "--out", folder);
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /E_RUN_EXISTS: .*"thesis.txt"/);
  }));

Deno.test("settings that diverge count as the worst, and do not end the search", () =>
  withFolder(async (folder) => {
    const rule = `${folder}/breaks.ts`;
    const core = new URL("../../core/pipeline/mod.ts", import.meta.url).href;
    await Deno.writeTextFile(
      rule,
      `import { definePlugin, option } from "${core}";
       import { between } from "${new URL("../../core/kit/mod.ts", import.meta.url).href}";
       export default definePlugin({
         kind: "feedback", name: "breaks", description: "Fails.",
         options: { margin: option("From where on.", between(0, 1), 0) },
         create: ({ margin }) => ({ judge: ({ advantages: { length } }) => {
           if (margin > 0.5) throw new Error("the rule is broken");
           return { signs: new Int8Array(length), strengths: new Float32Array(length), words: () => "" };
         } }),
       });`,
    );
    const plan = `${folder}/plan.ts`;
    await Deno.writeTextFile(
      plan,
      `import corridor from "${new URL("./corridor.ts", import.meta.url).href}";
       import { between } from "${new URL("../../core/kit/mod.ts", import.meta.url).href}";
       export default corridor;
       export const space = { "feedback.margin": between(0, 1) };
       export const variants = ["broken=feedback=${rule}"];
       export const search = { method: "grid", trials: 4, seeds: 1, freshSeeds: 1 };`,
    );
    const out = `${folder}/tuned`;
    const { status, stdout, stderr } = await inProcess("tune", plan, ...CPU, "--out", out);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /failed, E_STAGE: .*the rule is broken/);
    assert.match(stdout, /4 runs \(2 failed\)/);
    assert.match(stdout, /best +feedback.margin=0(\.3333)?/);
  }));

const NONSENSE: readonly [name: string, plan: string, args: readonly string[], message: RegExp][] =
  [
    [
      "a plan without a space",
      "export default corridor;",
      [],
      /^E_PIPELINE: .* exports no space; write export const space = /,
    ],
    [
      "a plan without a pipeline",
      "export const space = {};",
      [],
      /^E_PIPELINE: .*does not export a pipeline/,
    ],
    [
      "an empty space",
      "export default corridor; export const space = {};",
      [],
      /^E_ARGUMENT: The plan has no space/,
    ],
    [
      "an option that no stage has",
      space('"student.learningrate": between(0, 1)'),
      [],
      /^E_OPTION: .*Did you mean "learningRate"\?/,
    ],
    [
      "a value that the option refuses",
      space('"student.learningRate": between(-1, 1)'),
      [],
      /^E_OPTION: The option "learningRate" of student.ppo is "-1"/,
    ],
    [
      "a schema without ends",
      space('"student.learningRate": v.number()'),
      [],
      /^E_ARGUMENT: The space's "student.learningRate" must have two ends/,
    ],
    [
      "a stage that is none",
      space('"pupil.size": between(0, 1)'),
      [],
      /^E_ARGUMENT: .*names no stage "pupil"/,
    ],
    [
      "a task that is tuned",
      space('"env.length": whole(4, 9)'),
      [],
      /^E_ARGUMENT: The space has "env.length", which decides/,
    ],
    [
      "a budget that is tuned",
      space('"schedule.iterations": whole(4, 9)'),
      [],
      /^E_ARGUMENT: The space has "schedule.iterations"/,
    ],
    ["a longer variant", space('"student.hidden": whole(4, 9)'), [
      "--variant",
      "long=schedule.iterations=99",
    ], /^E_ARGUMENT: The variant "long" sets schedule.iterations/],
    [
      "a search that is not known",
      space('"student.hidden": whole(4, 9)') + 'export const search = { method: "best" };',
      [],
      /^E_PIPELINE: The "search.method" that .* exports is malformed/,
    ],
    ["a grid that is too large", space('"student.hidden": v.picklist([4, 8, 16])'), [
      "--method",
      "grid",
      "--trials",
      "2",
    ], /^E_ARGUMENT: The grid has 3 settings .*--trials 3/],
    [
      "a variant that is not known",
      space('"student.hidden": whole(4, 9)'),
      ["--variants", "alon"],
      /^E_ARGUMENT: .*Did you mean "alone"\?/,
    ],
    ["a variant that has nothing to tune", space('"feedback.margin": between(0, 1)'), [
      "--variants",
      "alone",
      "--set",
      "feedback=margin",
    ], /^E_ARGUMENT: The variant "alone" has none of the options of the space/],
  ];

/** A plan with a space. */
function space(entry: string): string {
  return `export default corridor; export const space = { ${entry} };`;
}

Deno.test("tune answers nonsense with one sentence and status 2, and leaves nothing", async (test) => {
  const head = ["corridor.ts", "../../core/kit/mod.ts"].map((path) =>
    new URL(path, import.meta.url).href
  );
  const imports = `import corridor from "${head[0]}"; import * as v from "valibot";
    import { between, whole } from "${head[1]}"; void [v, between, whole, corridor];`;
  for (const [name, plan, args, message] of NONSENSE) {
    await test.step(name, () =>
      withFolder(async (folder) => {
        const file = `${folder}/plan.ts`;
        await Deno.writeTextFile(file, `${imports}\n${plan}`);
        const { status, stderr } = await inProcess(
          "tune",
          file,
          ...args,
          ...CPU,
          "--out",
          `${folder}/out`,
        );
        assert.equal(status, 2, stderr);
        const sentence = stderr.split("\n").filter((line) => line.startsWith("E_")).join("\n");
        assert.match(sentence, message);
        assert.deepEqual(await entries(folder), ["plan.ts"]);
      }));
  }
});
