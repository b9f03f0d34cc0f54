import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { entries, withFolder } from "../cli/command.ts";
import { inProcess } from "../cli/in_process.ts";
import { end, start } from "./kill.ts";

/**
 * Milliseconds within which a command must have stopped. It takes one second where the machine is its
 * own, but many tests run side by side; each phase lasts for a minute.
 */
const BOUND = 20_000;

const TEACHER = new URL("stalling_teacher.ts", import.meta.url).pathname;

interface Phase {
  readonly name: string;
  readonly place: "create" | "train" | "evaluate" | "files";
  readonly how: "blocks" | "waits" | "breathes";
  /** Rollouts that are over before it stalls. */
  readonly after?: number;
  readonly signal?: Deno.Signal;
  /** Whether the run tells that it was stopped; else the system ends it at once. */
  readonly tells?: boolean;
}

// A run of six iterations that is measured after the second and the fourth, and at the end.
const PHASES: readonly Phase[] = [
  { name: "loading", place: "create", how: "blocks" },
  { name: "loading, by SIGTERM", place: "create", how: "waits", signal: "SIGTERM" },
  { name: "measuring the start", place: "evaluate", how: "blocks" },
  { name: "in its first iteration", place: "train", how: "blocks" },
  { name: "in an iteration that waits", place: "train", how: "waits", after: 3, tells: true },
  { name: "in an iteration that computes", place: "train", how: "breathes", after: 3, tells: true },
  {
    name: "in an iteration, by SIGTERM",
    place: "train",
    how: "breathes",
    after: 3,
    signal: "SIGTERM",
    tells: true,
  },
  { name: "measuring in between", place: "evaluate", how: "breathes", after: 4, tells: true },
  { name: "measuring the end", place: "evaluate", how: "waits", after: 6, tells: true },
  { name: "writing", place: "files", how: "blocks" },
];

for (const { name, place, how, after = 0, signal = "SIGINT", tells = false } of PHASES) {
  Deno.test(`a run stops at once while it is ${name}, and goes on to the same end`, () =>
    withFolder(async (folder) => {
      const [mark, out, whole] = ["mark", "run", "whole"].map((name) => `${folder}/${name}`);
      const set = [
        `teacher=${TEACHER}`,
        ...Object.entries({ mark, place, how, after })
          .map(([key, value]) => `teacher.${key}=${value}`),
      ];
      const args = ["tests/cli/corridor.ts", "--device", "cpu", "--iterations", "6"].concat(
        [...set, "evaluation.every=2", "schedule.feedbackEvery=16"].flatMap((
          setting,
        ) => ["--set", setting]),
      );
      const run = start("run", ...args, "--checkpoint-every", "1", "--out", out!);
      await until(async () => (await entries(folder)).includes("mark"));
      await setTimeout(500); // what it was at before the stall has been noticed
      const sent = performance.now();
      run.kill(signal);
      const { code, said } = await end(run);
      const took = performance.now() - sent;
      assert.ok(took < BOUND, `it took ${Math.round(took)} ms: ${said}`);
      assert.equal(code, signal === "SIGTERM" && !tells ? 143 : 130, said);
      assert.equal(said.includes("Stopping"), tells, said);
      const hasBegun = (await entries(folder)).includes("run");
      const rest = hasBegun ? start("resume", out!) : start("run", ...args, "--out", out!);
      await expectEnd(rest);
      const undisturbed = await inProcess("run", ...args, "--quiet", "--out", whole!);
      assert.equal(undisturbed.status, 0, undisturbed.stderr);
      assert.equal(await digestOf(out!), await digestOf(whole!));
    }));
}

Deno.test("a second Ctrl-C ends a run at once, and one that was handed on twice does not", () =>
  withFolder(async (folder) => {
    const out = `${folder}/run`;
    const settings = [`teacher=${TEACHER}`, `teacher.mark=${folder}/mark`, "teacher.place=train"]
      .concat("teacher.how=waits", "teacher.after=3", "schedule.feedbackEvery=16");
    const run = start(
      ...["run", "tests/cli/corridor.ts", "--device", "cpu", "--out", out] as const,
      ...["--iterations", "9", ...settings.flatMap((setting) => ["--set", setting])],
    );
    await until(async () => (await entries(folder)).includes("mark"));
    run.kill("SIGINT");
    run.kill("SIGINT"); // as `deno task` does at times
    const { code, said } = await end(run);
    assert.equal(code, 130, said);
    assert.equal(said.match(/Stopping/g)?.length, 1, said);
    assert.match(said, /Stopped in the midst of it; deno task resume .* goes on\./);
  }));

Deno.test("a long gradient step is broken off, whatever network and optimiser", () =>
  withFolder(async (folder) => {
    const long = ["student.epochs=1000", "student.hidden=256", "schedule.steps=512"];
    const dqn = ["student=dqn", "student.updates=100000", "student.minibatch=32"];
    for (const [k, settings] of [long, dqn].entries()) {
      const out = `${folder}/${k}`;
      const set = settings.flatMap((setting) => ["--set", setting]);
      const run = start("run", "tests/cli/corridor.ts", "--device", "cpu", ...set, "--out", out);
      await until(async () =>
        (await Deno.readTextFile(`${out}/events.jsonl`).catch(() => "")).includes('"evaluated"')
      );
      await setTimeout(500);
      const sent = performance.now();
      run.kill("SIGINT");
      const { code, said } = await end(run);
      assert.ok(performance.now() - sent < BOUND, said);
      assert.equal(code, 130, said);
      assert.ok(!(await entries(out)).includes("summary.json"));
    }
  }));

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let waits = 0; waits < 1200; waits++) {
    if (await holds()) return;
    await setTimeout(50);
  }
  assert.fail("The run did not come so far.");
}

async function expectEnd(process: Deno.ChildProcess): Promise<void> {
  const { code, said } = await end(process);
  assert.equal(code, 0, said);
}

async function digestOf(out: string): Promise<string> {
  return JSON.parse(await Deno.readTextFile(`${out}/summary.json`)).digest;
}
