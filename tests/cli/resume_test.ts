import assert from "node:assert/strict";
import { CHECKPOINT_VERSION } from "../../core/run/checkpoint.ts";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { TandemEvent } from "../../core/stages/events.ts";
import { sha256 } from "../../lab/digest.ts";
import { readEvents } from "../../lab/event_log.ts";
import { entries, outcome, start, task, withFolder } from "./command.ts";
import { inProcess } from "./in_process.ts";

const FILE = "tests/cli/corridor.ts";
const RUN = ["run", FILE, "--quiet", "--device", "cpu", "--iterations", "12"] as const;

async function digestOf(folder: string): Promise<string> {
  return JSON.parse(await Deno.readTextFile(`${folder}/summary.json`)).digest;
}

/** A run that has come to its end, with all checkpoints that it keeps. */
async function finishedRun(folder: string, name: string): Promise<string> {
  const out = join(folder, name);
  const { status, stderr } = await inProcess(...RUN, "--checkpoint-every", "5", "--out", out);
  assert.equal(status, 0, stderr);
  assert.deepEqual(await entries(`${out}/checkpoints`), ["10", "5"]);
  return out;
}

/** As if the process had been killed before it wrote its end. */
async function cutOff(out: string): Promise<void> {
  for (const name of ["state", "summary.json", "report.html"]) {
    await Deno.remove(join(out, name), { recursive: true });
  }
}

const iterations = (events: readonly TandemEvent[]) =>
  events.flatMap((event) => event.type === "iteration.ended" ? [event.iteration] : []);

Deno.test("resume goes on from the last checkpoint to the same digest, events without a gap", () =>
  withFolder(async (folder) => {
    const out = await finishedRun(folder, "run");
    const digest = await digestOf(out);
    const before = await entries(out);
    await cutOff(out);
    await Deno.writeTextFile(`${out}/error.json`, "{}");
    const { status, stderr } = await task("resume", `${out}/`);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /Going on after iteration 10 of 12\./);
    assert.equal(await digestOf(out), digest);
    assert.deepEqual(await entries(out), before);
    const events = [...readEvents(`${out}/events.jsonl`)];
    assert.deepEqual(iterations(events), Array.from({ length: 12 }, (_, i) => i + 1));
    assert.equal(events.filter(({ type }) => type === "run.resumed").length, 1);
    const again = await inProcess("resume", out);
    assert.equal(again.status, 0);
    assert.match(again.stderr, /came to its end/);
  }));

Deno.test("resume passes over a damaged checkpoint, says so, and comes to the same digest", () =>
  withFolder(async (folder) => {
    const out = await finishedRun(folder, "run");
    const digest = await digestOf(out);
    await cutOff(out);
    await Deno.truncate(`${out}/checkpoints/10/arrays.safetensors`, 1000);
    const { status, stderr } = await inProcess("resume", out);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /checkpoints\/10" cannot be used: .* is damaged: its arrays.safetensors/);
    assert.match(stderr, /Going on after iteration 5 of 12\./);
    assert.equal(await digestOf(out), digest);
  }));

Deno.test("resume refuses a run of which no checkpoint is whole, and one whose config was edited", () =>
  withFolder(async (folder) => {
    const out = await finishedRun(folder, "run");
    await cutOff(out);
    const config = await Deno.readTextFile(`${out}/config.json`);
    await Deno.writeTextFile(`${out}/config.json`, config.replace('"seed": 0', '"seed": 1'));
    const edited = await inProcess("resume", out);
    assert.equal(edited.status, 2);
    assert.match(edited.stderr, /^E_CHECKPOINT: .*of another run/m);
    await Deno.writeTextFile(`${out}/config.json`, config);
    for (const name of ["5", "10"]) {
      await Deno.writeTextFile(`${out}/checkpoints/${name}/manifest.json`, "{}");
    }
    const { status, stderr } = await inProcess("resume", out);
    assert.equal(status, 2);
    assert.match(stderr, /^E_CHECKPOINT: .*damaged.*remove ".*\/checkpoints"\.$/m);
  }));

Deno.test("resume refuses checkpoints of an older and of a newer Tandem, each with its version", () =>
  withFolder(async (folder) => {
    const out = await finishedRun(folder, "run");
    await cutOff(out);
    for (const version of [CHECKPOINT_VERSION - 1, CHECKPOINT_VERSION + 1]) {
      for (const name of ["5", "10"]) {
        const path = `${out}/checkpoints/${name}/manifest.json`;
        const [line] = (await Deno.readTextFile(path)).split("\n");
        const other = JSON.stringify({ ...JSON.parse(line!), version });
        await Deno.writeTextFile(path, `${other}\n${sha256(new TextEncoder().encode(other))}\n`);
      }
      const { status, stderr } = await inProcess("resume", out);
      assert.equal(status, 2, stderr);
      const sentence = stderr.split("\n").filter((text) => text.startsWith("E_"));
      assert.equal(sentence.length, 1, stderr);
      assert.match(
        sentence[0]!,
        new RegExp(
          `^E_CHECKPOINT: .*of version "${version}"; this Tandem reads version ${CHECKPOINT_VERSION}\\.`,
        ),
      );
    }
  }));

Deno.test("resume starts a run again that was killed before its first checkpoint", () =>
  withFolder(async (folder) => {
    const out = await finishedRun(folder, "run");
    const digest = await digestOf(out);
    await cutOff(out);
    await Deno.remove(`${out}/checkpoints`, { recursive: true });
    const { status, stderr } = await inProcess("resume", out);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /starts again/);
    assert.equal(await digestOf(out), digest);
    const events = [...readEvents(`${out}/events.jsonl`)];
    assert.deepEqual(iterations(events), Array.from({ length: 12 }, (_, i) => i + 1));
  }));

Deno.test("resume answers folders that hold no run with one sentence", () =>
  withFolder(async (folder) => {
    const nothing = await inProcess("resume", folder);
    assert.equal(nothing.status, 2);
    assert.match(nothing.stderr, /^E_FILE: .* holds no run .*no config.json/m);
    await Deno.writeTextFile(`${folder}/config.json`, '{"seed": -1}');
    const broken = await inProcess("resume", folder);
    assert.equal(broken.status, 2);
    assert.match(broken.stderr, /^E_FILE: .*config.json has no right "version"/m);
  }));

Deno.test("the main job resumes with the same questions to its model, and so bit-identical", () =>
  withFolder(async (folder) => {
    const out = `${folder}/run`;
    const small = ["schedule.envs=16", "schedule.steps=16", "evaluation.episodes=8"];
    const { status, stderr } = await inProcess(
      ...["run", "pipelines/babyai.ts", "--quiet", "--device", "wasm", "--iterations", "5"],
      ...[...small, "evaluation.states=8"].flatMap((setting) => ["--set", setting]),
      ...["--checkpoint-every", "2", "--out", out],
    );
    assert.equal(status, 0, stderr);
    const summary = JSON.parse(await Deno.readTextFile(`${out}/summary.json`));
    await cutOff(out);
    await Deno.remove(`${out}/checkpoints/4`, { recursive: true });
    const resumed = await task("resume", out, "--quiet");
    assert.equal(resumed.status, 0, resumed.stderr);
    const again = JSON.parse(await Deno.readTextFile(`${out}/summary.json`));
    assert.equal(again.digest, summary.digest);
    assert.deepEqual(again.teacher, summary.teacher);
  }));

/** Waits until a run has done an iteration. */
async function underWay(out: string): Promise<void> {
  await until(async () => {
    const events = await Deno.readTextFile(`${out}/events.jsonl`).catch(() => "");
    return events.includes("iteration.ended");
  });
}

/** Waits half a minute at the most. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let waits = 0; waits < 600; waits++) {
    if (await holds()) return;
    await setTimeout(50);
  }
}

const LONG = ["run", FILE, "--quiet", "--device", "cpu", "--iterations", "6000"] as const;

Deno.test("a run that was stopped once or twice by Ctrl-C goes on; two processes are never at it", () =>
  withFolder(async (folder) => {
    const out = `${folder}/run`;
    const first = start(...LONG, "--out", out);
    await underWay(out);
    const second = await task("resume", out);
    assert.equal(second.status, 2);
    assert.match(second.stderr, /^E_RUN_BUSY: Another process is at work on /m);
    first.kill("SIGINT");
    assert.equal((await outcome(first)).status, 130);
    const stopped = JSON.parse(await Deno.readTextFile(`${out}/summary.json`));
    assert.equal(stopped.stopped, true);
    const third = start("resume", out);
    await underWay(out);
    third.kill("SIGINT");
    third.kill("SIGINT");
    assert.equal((await outcome(third)).status, 130);
    const { status, stderr } = await inProcess("resume", out, "--quiet");
    assert.equal(status, 0, stderr);
    const whole = `${folder}/whole`;
    const undisturbed = await inProcess(...LONG, "--out", whole);
    assert.equal(undisturbed.status, 0, undisturbed.stderr);
    assert.equal(await digestOf(out), await digestOf(whole));
  }));

Deno.test("resume --iterations trains longer, to the digest that a longer run comes to, interrupted or not", () =>
  withFolder(async (folder) => {
    const every = ["--set", "evaluation.every=3", "--checkpoint-every", "5"];
    const ran = async (name: string, iterations: string) => {
      const out = `${folder}/${name}`;
      const { status, stderr } = await inProcess(
        ...RUN.slice(0, -1),
        iterations,
        ...every,
        "--out",
        out,
      );
      assert.equal(status, 0, stderr);
      return out;
    };
    const long = await ran("long", "12");
    const short = await ran("short", "6");
    const { status, stderr } = await inProcess(
      ...["resume", short, "--iterations", "12", "--checkpoint-every", "5"],
    );
    assert.equal(status, 0, stderr);
    assert.match(stderr, /Going on after iteration 5 of 12\./);
    assert.equal(await digestOf(short), await digestOf(long));
    const events = [...readEvents(`${short}/events.jsonl`)];
    assert.deepEqual(iterations(events), Array.from({ length: 12 }, (_, i) => i + 1));
    const config = JSON.parse(await Deno.readTextFile(`${short}/config.json`));
    assert.deepEqual([config.pipeline.schedule.iterations, config.plannedBefore], [12, [6]]);
    // Its checkpoints from before it was made longer are still its own.
    await cutOff(short);
    await Deno.remove(`${short}/checkpoints/10`, { recursive: true });
    const again = await inProcess("resume", short, "--quiet");
    assert.equal(again.status, 0, again.stderr);
    assert.equal(await digestOf(short), await digestOf(long));
  }));

Deno.test("resume --iterations says what depends on the length, and refuses one that is no longer", () =>
  withFolder(async (folder) => {
    const out = `${folder}/run`;
    const depend = ["schedule.teacherOff=0.5", "student.learningRateDecay=run"];
    const run = await inProcess(...RUN, ...depend.flatMap((it) => ["--set", it]), "--out", out);
    assert.equal(run.status, 0, run.stderr);
    const digest = await digestOf(out);
    const shorter = await inProcess("resume", out, "--iterations", "12");
    assert.equal(shorter.status, 2);
    assert.match(
      shorter.stderr,
      /^E_ARGUMENT: ".*" was planned for "12" iterations, and "--iterations 12" is not more than that\./m,
    );
    assert.equal(await digestOf(out), digest);
    const longer = await inProcess("resume", out, "--iterations", "14");
    assert.equal(longer.status, 0, longer.stderr);
    assert.match(
      longer.stderr,
      /teacherOff=0\.5 is a share of all iterations; .*Decay=run is over .*: what it comes to may differ/,
    );
  }));
