import assert from "node:assert/strict";
import { join } from "node:path";
import { stateArrays } from "../../experiments/arrays.ts";
import { openComparison } from "../../lab/comparison/folder.ts";
import { EventLog } from "../../lab/event_log.ts";
import { RunFolder } from "../../lab/run_folder.ts";
import { openSavedRun } from "../../lab/saved_run.ts";
import { disk } from "../../runtimes/files/files.ts";
import { CONFIG } from "./sample.ts";
import { inTemporaryFolder, symlink } from "./temporary.ts";

/** A run that was broken off, and a folder outside it. */
const withRun = (test: (run: string, outside: string) => void) =>
  inTemporaryFolder((folder) => {
    const [run, outside] = [join(folder, "run"), join(folder, "outside")];
    Deno.mkdirSync(outside);
    {
      using made = new RunFolder({ config: CONFIG, out: run });
      made.sink({ type: "run.started", iterations: 4, device: "wasm" });
    }
    test(run, outside);
  });

const open = (run: string) => openSavedRun(run, stateArrays, () => {});

for (const name of ["config.json", "events.jsonl", "checkpoints", "state", "report.html"]) {
  Deno.test(`a run folder in which ${name} is a link is refused, and nothing outside changes`, () =>
    withRun((run, outside) => {
      const [inside, target] = [join(run, name), join(outside, name)];
      if (name.includes(".")) Deno.writeTextFileSync(target, "precious\n".repeat(100));
      else Deno.mkdirSync(target);
      disk.remove(inside);
      symlink(target, inside);
      const size = Deno.statSync(target).size;
      assert.throws(() => open(run), { code: "E_FILE", message: /is a link/ });
      assert.equal(Deno.statSync(target).size, size);
    }));
}

Deno.test("events are appended to no link and to no file with a second name", () =>
  withRun((run, outside) => {
    const [log, target] = [join(run, "events.jsonl"), join(outside, "file")];
    Deno.writeTextFileSync(target, "precious\n");
    for (const link of [symlink, Deno.linkSync]) {
      Deno.removeSync(log);
      link(target, log);
      assert.throws(() => new EventLog(log), { code: "E_FILE" });
    }
    assert.equal(Deno.readTextFileSync(target), "precious\n");
  }));

Deno.test("a comparison in whose folder a link lies is refused", () =>
  inTemporaryFolder((folder) => {
    const [path, store] = [join(folder, "compared"), join(folder, "new.sqlite")];
    Deno.mkdirSync(path);
    Deno.writeTextFileSync(join(path, "plan.json"), "{}");
    symlink(store, join(path, "trials.sqlite"));
    assert.throws(() => openComparison(path), { code: "E_FILE", message: /is a link/ });
    assert.throws(() => Deno.lstatSync(store), Deno.errors.NotFound);
  }));

Deno.test("a link that leads nowhere is no folder for a run", () =>
  inTemporaryFolder((folder) => {
    const out = join(folder, "run");
    symlink(join(folder, "gone"), out);
    const make = () => new RunFolder({ config: CONFIG, out });
    assert.throws(make, { code: "E_RUN_EXISTS", message: /a link that leads nowhere/ });
  }));

Deno.test("files of a run that claim terabytes are not read: they are named, or passed over", () =>
  withRun((run) => {
    const checkpoint = join(run, "checkpoints", "3");
    Deno.mkdirSync(checkpoint, { recursive: true });
    for (const name of ["state.json", "arrays.safetensors", "manifest.json"]) {
      Deno.writeTextFileSync(join(checkpoint, name), "");
      Deno.truncateSync(join(checkpoint, name), 2 ** 42);
    }
    for (const name of ["report.html", "summary.json"]) {
      Deno.writeTextFileSync(join(run, name), "");
      Deno.truncateSync(join(run, name), 2 ** 42);
    }
    assert.throws(() => open(run), {
      code: "E_CHECKPOINT",
      message:
        /checkpoints\/3" cannot be used: it has 4398046511104 bytes, and at most \d+ are read/,
    });
    Deno.truncateSync(join(run, "config.json"), 2 ** 42);
    assert.throws(() => open(run), {
      code: "E_FILE",
      message: /of its config\.json, it has 4398046511104 bytes/,
    });
  }));
