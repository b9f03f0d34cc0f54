import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TandemError } from "../../core/base/errors.ts";
import type { StageState } from "../../core/stages/mod.ts";
import { readEvents } from "../../lab/event_log.ts";
import { RunFolder } from "../../lab/run_folder.ts";
import { runId } from "../../lab/run_place.ts";
import { CONFIG, iterationEnded, sampleEvents, SUMMARY } from "./sample.ts";
import { inTemporaryFolder } from "./temporary.ts";

const STATES: { student: StageState; teacher: StageState } = {
  student: { json: { updates: 4 }, arrays: { w: { shape: [2], data: Float32Array.of(1, 2) } } },
  teacher: { json: { memory: ["a"] } },
};
const started = { type: "run.started", iterations: 4, device: "wasm" } as const;
const names = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name).sort();
const json = (...path: string[]) => JSON.parse(Deno.readTextFileSync(join(...path)));
const arrayNames = (arrays: object) => new TextEncoder().encode(Object.keys(arrays).join());

Deno.test("runId() is a file name for any pipeline name", () => {
  const when = new Date(2026, 10, 20, 9, 5, 7);
  assert.equal(runId("babyai", 0, when), "20261120-090507-babyai-s0");
  assert.equal(runId("../Über/x ", 12, when), "20261120-090507-ber-x-s12");
  assert.equal(runId("…", 1, when), "20261120-090507-run-s1");
});

Deno.test("RunFolder holds config, events, state and summary of a finished run", () =>
  inTemporaryFolder((folder) => {
    const out = join(folder, "a", "b");
    using run = new RunFolder({ config: CONFIG, out });
    for (const event of sampleEvents()) run.sink(event);
    run.finish(SUMMARY, STATES, arrayNames);
    assert.deepEqual(names(out), ["config.json", "events.jsonl", "state", "summary.json"]);
    assert.deepEqual(json(out, "config.json"), CONFIG);
    assert.deepEqual(json(out, "summary.json"), SUMMARY);
    assert.deepEqual([...readEvents(join(out, "events.jsonl"))], sampleEvents());
    assert.deepEqual(names(join(out, "state")), [
      "student.json",
      "student.safetensors",
      "teacher.json",
    ]);
    assert.deepEqual(json(out, "state", "student.json"), { updates: 4 });
    assert.equal(Deno.readTextFileSync(join(out, "state", "student.safetensors")), "w");
  }));

Deno.test("RunFolder makes nothing before the run starts, and keeps what was said before", () =>
  inTemporaryFolder((folder) => {
    const out = join(folder, "run");
    using run = new RunFolder({ config: CONFIG, out });
    const warning = { type: "warning", code: "W_NOTE", message: "slow" } as const;
    run.sink(warning);
    assert.deepEqual(names(folder), []);
    assert.equal(run.begun, false);
    run.fail(new TandemError("E_MODEL", "No model."));
    assert.deepEqual(names(folder), []);
    run.sink(started);
    assert.equal(run.begun, true);
    run.discard();
    assert.deepEqual(names(folder), []);
  }));

Deno.test("RunFolder writes early events first", () =>
  inTemporaryFolder((folder) => {
    const out = join(folder, "run");
    using run = new RunFolder({ config: CONFIG, out });
    run.sink({ type: "warning", code: "W_NOTE", message: "slow" });
    run.sink(started);
    run.finish(SUMMARY, {}, arrayNames);
    const types = [...readEvents(join(out, "events.jsonl"))].map(({ type }) => type);
    assert.deepEqual(types, ["warning", "run.started"]);
  }));

Deno.test("RunFolder refuses a folder with something in it, a file, and a folder filled meanwhile", () =>
  inTemporaryFolder((folder) => {
    Deno.writeTextFileSync(join(folder, "mine.txt"), "");
    const at = (out: string) => () => new RunFolder({ config: CONFIG, out });
    assert.throws(at(folder), { code: "E_RUN_EXISTS", message: /holds "mine.txt" already/ });
    assert.throws(at(join(folder, "mine.txt")), { code: "E_RUN_EXISTS", message: /is a file/ });
    const out = join(folder, "run");
    using run = new RunFolder({ config: CONFIG, out });
    Deno.mkdirSync(out);
    Deno.writeTextFileSync(join(out, "theirs.txt"), "");
    run.sink(started);
    assert.equal(run.failure?.code, "E_RUN_EXISTS");
    run.fail(run.failure);
    assert.deepEqual(names(out), ["theirs.txt"]);
  }));

Deno.test("RunFolder takes an empty folder and leaves it empty when the run fails at once", () =>
  inTemporaryFolder((folder) => {
    using run = new RunFolder({ config: CONFIG, out: folder });
    run.sink(started);
    assert.deepEqual(names(folder), ["config.json", "events.jsonl"]);
    run.fail(new TandemError("E_NUMERIC", "The loss is NaN."));
    assert.deepEqual(names(folder), []);
  }));

Deno.test("RunFolder removes parents that it made, when a run fails before it learned", () =>
  inTemporaryFolder((folder) => {
    using run = new RunFolder({ config: CONFIG, out: join(folder, "a", "b") });
    run.sink(started);
    run.fail(new TandemError("E_NUMERIC", "The loss is NaN."));
    assert.deepEqual(names(folder), []);
  }));

Deno.test("RunFolder keeps a run that failed after it learned, and says what happened", () =>
  inTemporaryFolder((folder) => {
    const out = join(folder, "run");
    using run = new RunFolder({ config: CONFIG, out });
    run.sink(started);
    run.sink(iterationEnded(1));
    run.fail(new TandemError("E_NUMERIC", "The loss is NaN."));
    assert.deepEqual(names(out), ["config.json", "error.json", "events.jsonl"]);
    assert.deepEqual(json(out, "error.json"), { code: "E_NUMERIC", message: "The loss is NaN." });
  }));

Deno.test("RunFolder refuses a place that cannot be written before anything runs", () =>
  inTemporaryFolder((folder) => {
    Deno.writeTextFileSync(join(folder, "file"), "");
    const out = join(folder, "file", "run");
    assert.throws(() => new RunFolder({ config: CONFIG, out }), {
      code: "E_DISK",
      message: /a part of the path is a file/,
    });
    assert.deepEqual(names(folder), ["file"]);
  }));

Deno.test("RunFolder reports a disk that fails while it runs once, to onFailure and finish()", () =>
  inTemporaryFolder((folder) => {
    const out = join(folder, "run");
    const failures: TandemError[] = [];
    using run = new RunFolder({ config: CONFIG, out, onFailure: (error) => failures.push(error) });
    Deno.writeTextFileSync(join(folder, "run"), "");
    run.sink(started);
    run.sink(iterationEnded(1));
    assert.equal(failures.length, 1);
    assert.equal(run.failure, failures[0]);
    assert.throws(() => run.finish(SUMMARY, {}, arrayNames), failures[0]);
  }));

Deno.test("RunFolder.finish() leaves no half-written state or summary", () =>
  inTemporaryFolder((folder) => {
    const out = join(folder, "run");
    using run = new RunFolder({ config: CONFIG, out });
    run.sink(started);
    const broken = () => {
      throw new Error("No space left on device");
    };
    assert.throws(() => run.finish(SUMMARY, STATES, broken), { code: "E_DISK" });
    assert.deepEqual(names(out), ["config.json", "events.jsonl"]);
  }));

Deno.test("RunFolder numbers a default name that is taken", () =>
  inTemporaryFolder((folder) => {
    const code = `
      import { RunFolder } from "${import.meta.resolve("../../lab/run_folder.ts")}";
      const config = ${JSON.stringify(CONFIG)};
      const [a, b] = [new RunFolder({ config }), new RunFolder({ config })];
      for (const run of [a, b]) run.sink({ type: "run.started", iterations: 1, device: "cpu" });
      console.log(JSON.stringify([a.path, b.path]));`;
    const { stdout } = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        "--allow-read",
        "--allow-write=.",
        `--config=${fileURLToPath(new URL("../../deno.json", import.meta.url))}`,
        `data:text/typescript,${encodeURIComponent(code)}`,
      ],
      cwd: folder,
    }).outputSync();
    const [a, b] = JSON.parse(new TextDecoder().decode(stdout)) as [string, string];
    assert.match(a, /^runs\/\d{8}-\d{6}-babyai-s3$/);
    assert.equal(b, `${a}-2`);
    assert.deepEqual(names(join(folder, b)), ["config.json", "events.jsonl"]);
  }));
