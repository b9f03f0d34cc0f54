import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { gunzipSync } from "node:zlib";
import { entries, type Outcome, withFolder } from "./command.ts";
import { inProcess } from "./in_process.ts";

const SMALL = ["schedule.envs=4", "evaluation.episodes=10", "evaluation.states=10"]
  .flatMap((setting) => ["--set", setting]);

async function compare(out: string, ...more: string[]): Promise<Outcome> {
  return await inProcess(
    ...["compare", "pipelines/corridor.ts", ...SMALL, "--iterations", "2", "--device", "cpu"],
    ...["--jobs", "2", "--evaluations", "2", "--out", out, ...more],
  );
}

/** A trial as it lies in the store. */
interface Row {
  readonly key: string;
  readonly seed: number;
  // deno-lint-ignore no-explicit-any -- JSON that a test looks into
  readonly pipeline: any;
  readonly digest: string;
}

function rowsOf(out: string): Row[] {
  using database = new DatabaseSync(`${out}/trials.sqlite`, { readOnly: true });
  const rows = database.prepare("select key, content, record from trials").all();
  return rows.map(({ key, content, record }) => {
    const { pipeline, seed } = JSON.parse(String(content));
    const text = new TextDecoder().decode(gunzipSync(record as Uint8Array));
    return { key: String(key), seed, pipeline, digest: JSON.parse(text).summary.digest };
  });
}

const namesRun = (stderr: string) =>
  [...stderr.matchAll(/^\[\d+\/\d+\] (.*?): success/gm)].map(([, name]) => name!).sort();

async function refused(out: string, ...args: string[]): Promise<string> {
  const { status, stderr } = await compare(out, "--quiet", "--seeds", "2", ...args);
  assert.equal(status, 2, stderr);
  assert.deepEqual(await entries(out), []);
  return stderr.trim();
}

Deno.test("compare gives the teacher that bidirectional taught to a student of another seed, as a run would, and once", () =>
  withFolder(async (folder) => {
    const out = `${folder}/cmp`;
    const plan = ["--variants", "one-way,bidirectional,fresh-student", "--worlds", "development"];
    const first = await compare(out, ...plan, "--seeds", "2");
    assert.equal(first.status, 0, first.stderr);
    assert.equal(namesRun(first.stderr).length, 6);
    const rows = rowsOf(out);
    const fresh = rows.filter(({ pipeline }) => pipeline.teacher.from).sort((a, b) =>
      a.seed - b.seed
    );
    assert.deepEqual(fresh.map(({ seed }) => seed), [0, 1]);
    // Seeds 0 and 1 exchange what their teachers had learned.
    const [source] = (await entries(`${out}/trials`)).filter((name) => name.includes("-s1-"));
    const taught = `${out}/trials/${source}`;
    const { trial } = JSON.parse(await Deno.readTextFile(`${taught}/config.json`));
    assert.equal(fresh[0]!.pipeline.teacher.from.run, `trial:${trial}`);
    const { pipeline, digest } = fresh[0]!;
    const file = `${folder}/fresh.json`;
    const begun = { ...pipeline, teacher: { ...pipeline.teacher, from: taught } };
    await Deno.writeTextFile(file, JSON.stringify(begun));
    const run = await inProcess(
      "run",
      file,
      "--quiet",
      "--device",
      "cpu",
      "--out",
      `${folder}/run`,
    );
    assert.equal(run.status, 0, run.stderr);
    const summary = JSON.parse(await Deno.readTextFile(`${folder}/run/summary.json`));
    assert.equal(summary.digest, digest);
    // The same again runs nothing; a seed more needs the neighbour's trial, and what is gone is made again.
    const again = await compare(out, ...plan, "--seeds", "2");
    assert.equal(again.status, 0, again.stderr);
    assert.deepEqual(namesRun(again.stderr), []);
    await Deno.remove(`${out}/trials`, { recursive: true });
    const more = await compare(out, ...plan, "--seeds", "3");
    assert.equal(more.status, 0, more.stderr);
    assert.deepEqual(namesRun(more.stderr), [
      "bidirectional, seed 2",
      "bidirectional, seed 3",
      "fresh-student, seed 2",
      "one-way, seed 2",
    ]);
    const dqn = ["--variant", "fresh-dqn=student=dqn,student.hidden=8,teacher.from=$bidirectional"];
    const other = await compare(
      ...[out, ...plan.with(1, "fresh-dqn"), ...dqn, "--seeds", "1"],
    );
    assert.equal(other.status, 0, other.stderr);
    assert.deepEqual(namesRun(other.stderr), ["bidirectional, seed 1", "fresh-dqn, seed 0"]);
    assert.equal(new Set(rowsOf(out).map(({ key }) => key)).size, rowsOf(out).length);
  }));

Deno.test("compare begins from runs and from another level, tells a changed source, and adds seeds until it is decided", () =>
  withFolder(async (folder) => {
    const taught = `${folder}/taught`;
    const run = await inProcess(
      ...["run", "pipelines/corridor.ts", ...SMALL, "--iterations", "2", "--device", "cpu"],
      ...["--quiet", "--out", taught],
    );
    assert.equal(run.status, 0, run.stderr);
    const out = `${folder}/cmp`;
    const { status, stderr } = await compare(
      ...[out, "--variants", "from-run,elsewhere", "--baseline", "from-run"],
      ...["--variant", `from-run=teacher.from=${taught},feedback=none`],
      ...["--variant", "elsewhere=teacher.from=$bidirectional@length=5,feedback=none"],
      ...["--levels", "length=7", "--until", "decided", "--seeds", "2..3", "--keep-states"],
    );
    assert.equal(status, 0, stderr);
    const names = namesRun(stderr).map((name) => name.replace(/seed \d/, "seed"));
    assert.ok(names.includes("bidirectional, length=5, seed"), stderr);
    const kept = (await entries(`${out}/trials`)).map((name) => name.replace(/-s\d-\w+$/, ""));
    assert.deepEqual([...new Set(kept)], [
      "bidirectional-length-5",
      "elsewhere-length-7",
      "from-run-length-7",
    ]);
    const plan = JSON.parse(await Deno.readTextFile(`${out}/plan.json`));
    assert.match(plan.variants[0].settings[0], /^teacher\.from=\{.*"sha256":"[0-9a-f]{64}"/);
    const state = await Deno.readTextFile(`${taught}/state/teacher.json`);
    await Deno.writeTextFile(`${taught}/state/teacher.json`, state.replace(/\d/, "9"));
    const changed = await inProcess("compare", `${out}/plan.json`, "--quiet", "--out", out);
    assert.equal(changed.status, 2, changed.stderr);
    assert.match(
      changed.stderr,
      /^E_CHECKPOINT: What the teacher of ".*" had learned is not what is/m,
    );
  }));

Deno.test("compare answers what variants cannot begin from with one sentence, and makes no folder", () =>
  withFolder(async (folder) => {
    const out = `${folder}/cmp`;
    const cases: readonly (readonly [variant: string, sentence: RegExp])[] = [
      [
        "a=teacher.from=$bidirektional",
        /^E_ARGUMENT: The variant "a" begins from "bidirektional", .* Did you mean "bidirectional"\?$/,
      ],
      ["a=teacher.from=$a", /^E_ARGUMENT: The variant "a" begins with what it learns itself\.$/],
      [
        "a=teacher.from=$random",
        /^E_WIRING: .*with what "random, seed 1" had learned: the teacher there is "random"/,
      ],
      [
        "a=student=ppo,student.from=$one-way",
        /^E_WIRING: The student "ppo" cannot .* there is "tabular-q"/,
      ],
      [`a=teacher.from=${folder}`, /^E_FILE: .* holds no run to begin from/],
    ];
    for (const [variant, sentence] of cases) {
      assert.match(await refused(out, "--variants", "a", "--variant", variant), sentence);
    }
    assert.match(
      await refused(out, "--variants", "fresh-student", "--cluster", "nats://127.0.0.1:1"),
      /^E_CLUSTER: "fresh-student, seed 0" begins with what "bidirectional, seed 1" had learned, which does not travel/,
    );
  }));
