/** The baseline from the command line, cut to a few steps. */
import assert from "node:assert/strict";
import { entries, task, withFolder } from "../cli/command.ts";

/** So few and so short rollouts that the shipped model learns in seconds. */
const SHORT = [
  ...["--iterations", "1", "--device", "wasm", "--quiet"],
  ...["schedule.envs=4", "schedule.steps=8", "evaluation.episodes=2", "evaluation.states=2"]
    .flatMap((setting) => ["--set", setting]),
];

async function metricsOf(folder: string): Promise<Record<string, number>> {
  const events = (await Deno.readTextFile(`${folder}/events.jsonl`)).trim().split("\n");
  return events.map((line) => JSON.parse(line))
    .find(({ type }) => type === "iteration.ended")
    .metrics;
}

const COMMANDS: Readonly<Record<string, { settings: string[]; reports: string[] }>> = {
  "as it stands": { settings: [], reports: ["policyLoss", "clipFraction"] },
  "with its mistakes put right": {
    settings: [
      "student.scoring=normalised",
      "student.valueClip=false",
      "advantage.truncation=bootstrap",
    ],
    reports: ["policyLoss"],
  },
  "as a frozen model under a policy head": {
    settings: ["student.head=policy", "student.train=heads"],
    reports: ["policyLoss"],
  },
  "as behaviour cloning of the bot": {
    settings: ["student=language-model-cloning", "student.hidden=[8]", "teacher=bot"],
    reports: ["teacherLoss"],
  },
};

for (const [what, { settings, reports }] of Object.entries(COMMANDS)) {
  Deno.test(`run pipelines/lamorel.ts ${what}`, () =>
    withFolder(async (folder) => {
      const sets = settings.flatMap((setting) => ["--set", setting]);
      const args = ["pipelines/lamorel.ts", ...SHORT, ...sets, "--out", `${folder}/run`];
      const { status, stderr } = await task("run", ...args);
      assert.equal(status, 0, stderr);
      const metrics = await metricsOf(`${folder}/run`);
      for (const name of ["loss", "valueLoss", "entropy", "gradNorm", ...reports]) {
        assert.ok(Number.isFinite(metrics[name]), `${name}: ${metrics[name]}`);
      }
    }));
}

Deno.test("compare sets Lamorel beside the student alone", () =>
  withFolder(async (folder) => {
    const out = `${folder}/compared`;
    const { status, stderr, stdout } = await task(
      ...["compare", "tests/cli/corridor.ts", "--variants", "alone,lamorel", "--seeds", "1"],
      ...[
        "--variant",
        "lamorel=student=lamorel,student.hidden=[8],student.epochs=1,teacher=none,feedback=none",
      ],
      ...["--iterations", "1", "--device", "wasm", "--out", out],
      ...["--set", "evaluation.episodes=2", "--set", "evaluation.states=2"],
    );
    assert.equal(status, 0, stderr);
    assert.match(stdout, /lamorel/);
    assert.ok((await entries(out)).includes("results.md"));
  }));
