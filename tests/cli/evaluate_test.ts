import assert from "node:assert/strict";
import { wilson } from "../../core/run/measure/evaluation.ts";
import { entries, task, withFolder } from "./command.ts";
import { inProcess } from "./in_process.ts";

const RUN = ["run", "tests/cli/corridor.ts", "--quiet", "--device", "cpu"] as const;

Deno.test("evaluate measures a run's student with its teacher and without, each time the same", () =>
  withFolder(async (folder) => {
    const out = `${folder}/run`;
    const { status, stderr } = await inProcess(...RUN, "--out", out);
    assert.equal(status, 0, stderr);
    const before = await entries(out);
    const json = async (...more: string[]) => {
      const { status, stdout, stderr } = await task("evaluate", out, "--json", ...more);
      assert.equal(status, 0, stderr);
      return JSON.parse(stdout);
    };
    const result = await json("--episodes", "60");
    assert.deepEqual(await json("--episodes", "60"), result);
    const { worlds, usesOracle, levels: [{ level, withTeacher, withoutTeacher }] } = result;
    assert.deepEqual([worlds, usesOracle, level], ["development", true, "Corridor-7"]);
    for (const { rate, ci95, episodes } of [withTeacher, withoutTeacher]) {
      assert.equal(episodes, 60);
      assert.deepEqual(ci95, wilson(Math.round(60 * rate), 60));
    }
    assert.notDeepEqual(withTeacher, withoutTeacher);
    const { stdout } = await inProcess("evaluate", out, "--episodes", "60");
    assert.match(stdout, /^level +with the teacher +without it/);
    const percent = `${(100 * withTeacher.rate).toFixed(1)} %`;
    assert.ok(stdout.includes(`Corridor-7  ${percent} (`), stdout);
    assert.match(
      stdout,
      /60 development worlds each, .* The teacher asks the expert: a control\.$/m,
    );
    const alone = async (...more: string[]) => {
      const { stdout } = await inProcess("evaluate", out, "--json", "--episodes", "60", ...more);
      return JSON.parse(stdout).levels[0].withoutTeacher;
    };
    const likeliest = await alone("--deterministic");
    assert.notDeepEqual(likeliest, withoutTeacher);
    assert.deepEqual(await alone("--deterministic", "--seed", "7"), likeliest, "nothing is drawn");
    assert.deepEqual(await entries(out), before, "nothing is written");
  }));

Deno.test("evaluate answers what it cannot measure with one sentence", () =>
  withFolder(async (folder) => {
    const out = `${folder}/run`;
    assert.equal((await inProcess(...RUN, "--iterations", "1", "--out", out)).status, 0);
    const cases = [
      [[folder], /^E_FILE: ".*" holds no run to open: it has no config\.json\.$/],
      [
        [out, "--level", "length=6,length=9"],
        /^E_WIRING: The student "ppo" cannot .* other observations/,
      ],
      [[out, "--episodes", "0"], /^E_ARGUMENT: .*--episodes/],
    ] as const;
    for (const [args, sentence] of cases) {
      const { status, stdout, stderr } = await inProcess("evaluate", ...args);
      assert.equal(status, 2, stderr);
      assert.match(stderr.trim(), sentence);
      assert.equal(stdout, "", "nothing is measured before all was looked at");
    }
    await Deno.remove(`${out}/state/student.json`);
    const { stderr } = await inProcess("evaluate", out);
    assert.match(stderr, /^E_CHECKPOINT: ".*" holds nothing that its student had learned/);
  }));
