import assert from "node:assert/strict";
import { entries, withFolder } from "./command.ts";
import { inProcess } from "./in_process.ts";

const SMALL = [
  ...["run", "pipelines/corridor.ts", "--quiet", "--device", "cpu"],
  ...["schedule.envs=4", "evaluation.episodes=10", "evaluation.states=10"]
    .flatMap((setting) => ["--set", setting]),
] as const;

/** Runs a small pipeline into a folder. */
async function ran(out: string, ...more: string[]): Promise<void> {
  const { status, stderr } = await inProcess(...SMALL, "--out", out, ...more);
  assert.equal(status, 0, stderr);
}

// deno-lint-ignore no-explicit-any -- JSON that a test looks into
const jsonOf = async (path: string): Promise<any> => JSON.parse(await Deno.readTextFile(path));

const digestOf = async (out: string): Promise<string> =>
  (await jsonOf(`${out}/summary.json`)).digest;

/** The sentence that a command ends with, which is all that it says. */
async function refused(...args: string[]): Promise<string> {
  const { status, stderr } = await inProcess(...args);
  assert.equal(status, 2, stderr);
  const lines = stderr.trim().split("\n");
  assert.equal(lines.length, 1, stderr);
  return lines[0]!;
}

Deno.test("run --set teacher.from begins with a run's teacher, one-way leaves it as it is, and the config says so", () =>
  withFolder(async (folder) => {
    const taught = `${folder}/taught`;
    await ran(taught, "--iterations", "3");
    const fresh = `${folder}/fresh`;
    const oneWay = ["--set", "feedback=none", "--seed", "5", "--iterations", "2"];
    await ran(fresh, "--set", `teacher.from=${taught}`, ...oneWay);
    const { from } = (await jsonOf(`${fresh}/config.json`)).pipeline.teacher;
    assert.equal(from.run, taught);
    assert.match(from.sha256, /^[0-9a-f]{64}$/);
    const ratings = async (
      out: string,
    ) => (await Deno.readFile(`${out}/state/teacher.safetensors`));
    assert.deepEqual(await ratings(fresh), await ratings(taught));
    await ran(`${folder}/untaught`, ...oneWay);
    assert.notEqual(await digestOf(`${folder}/untaught`), await digestOf(fresh));

    // A copy holds the same; the same run on what has changed is seen.
    const copy = `${folder}/copy`;
    await Deno.mkdir(`${copy}/state`, { recursive: true });
    for (const name of ["config.json", "state/teacher.json", "state/teacher.safetensors"]) {
      await Deno.copyFile(`${taught}/${name}`, `${copy}/${name}`);
    }
    await ran(`${folder}/again`, "--set", `teacher.from=${copy}`, ...oneWay);
    assert.equal(await digestOf(`${folder}/again`), await digestOf(fresh));
    const teacher = await Deno.readTextFile(`${copy}/state/teacher.json`);
    await Deno.writeTextFile(
      `${copy}/state/teacher.json`,
      teacher.replace(/"mean": \d/, '"mean": 9'),
    );
    assert.match(
      await refused("run", `${folder}/again/config.json`, "--out", `${folder}/no`),
      /^E_CHECKPOINT: What the teacher of ".*copy" had learned is not what is asked for: its SHA-256 is /,
    );
    assert.deepEqual(await entries(`${folder}/no`), []);
  }));

Deno.test("a run that began from another resumes to the same digest without it; a run that was interrupted is begun from, too", () =>
  withFolder(async (folder) => {
    const source = `${folder}/source`;
    await ran(source, "--iterations", "6", "--checkpoint-every", "2");
    for (const name of ["state", "summary.json", "report.html"]) {
      await Deno.remove(`${source}/${name}`, { recursive: true });
    }
    const begun = `${folder}/begun`;
    const both = ["teacher.from", "student.from"].flatMap((
      what,
    ) => ["--set", `${what}=${source}/`]);
    await ran(begun, ...both, "--iterations", "5", "--checkpoint-every", "2");
    const digest = await digestOf(begun);
    await ran(`${folder}/anew`, "--iterations", "5");
    assert.notEqual(await digestOf(`${folder}/anew`), digest);
    for (const name of ["state", "summary.json", "report.html"]) {
      await Deno.remove(`${begun}/${name}`, { recursive: true });
    }
    await Deno.rename(source, `${folder}/elsewhere`);
    const resumed = await inProcess("resume", begun, "--quiet");
    assert.equal(resumed.status, 0, resumed.stderr);
    assert.equal(await digestOf(begun), digest);
    await Deno.rename(`${folder}/elsewhere`, source);
    const replayed = await inProcess("replay", begun);
    assert.equal(replayed.status, 0, replayed.stderr);
    assert.match(replayed.stdout, /rows of the ledger are the same/);
  }));

Deno.test("run answers a source that does not fit with one sentence, and leaves nothing", () =>
  withFolder(async (folder) => {
    const taught = `${folder}/taught`;
    await ran(taught, "--iterations", "1");
    const no = ["--out", `${folder}/no`];
    const cases: readonly (readonly [settings: readonly string[], sentence: RegExp])[] = [
      [[`teacher.from=${folder}/none`], /^E_FILE: ".*none" holds no run to begin from: /],
      [
        [`feedback.from=${taught}`],
        /^E_CHECKPOINT: ".*" holds nothing that its feedback had learned/,
      ],
      [
        [`teacher.from=${taught}`, "teacher=bot"],
        /^E_WIRING: .*: the teacher there is "language-model"/,
      ],
      [[`student.from=${taught}`, "env.length=5"], /^E_WIRING: .*"Corridor-9" there has other obs/],
      [
        [`teacher.from=${taught}`, "teacher.features=relative"],
        /^E_WIRING: .*option "features" is/,
      ],
    ];
    for (const [settings, sentence] of cases) {
      const set = settings.flatMap((setting) => ["--set", setting]);
      assert.match(await refused(...SMALL, ...no, ...set), sentence);
    }
    const damaged = await Deno.readFile(`${taught}/state/teacher.safetensors`);
    await Deno.writeFile(`${taught}/state/teacher.safetensors`, damaged.slice(0, 40));
    assert.match(
      await refused(...SMALL, ...no, "--set", `teacher.from=${taught}`),
      /^E_CHECKPOINT: What the teacher of ".*taught" had learned cannot be read: /,
    );
    await Deno.writeTextFile(`${taught}/state/teacher.json`, "[]");
    await Deno.writeFile(`${taught}/state/teacher.safetensors`, damaged);
    assert.match(
      await refused(...SMALL, ...no, "--set", `teacher.from=${taught}`),
      /^E_CHECKPOINT: .*what is kept there is no state of it\.$/,
    );
    assert.deepEqual(await entries(`${folder}/no`), []);
  }));

Deno.test("run --help tells what the stages of a pipeline may begin with", async () => {
  const { status, stdout } = await inProcess("run", "pipelines/corridor.ts", "--help");
  assert.equal(status, 0);
  for (const setting of ["teacher.from", "student.from", "teacher.frozen"]) {
    assert.ok(stdout.includes(`  ${setting} `), setting);
  }
  assert.ok(!stdout.includes("  env.from "));
});
