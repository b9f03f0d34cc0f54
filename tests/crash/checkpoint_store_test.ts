import assert from "node:assert/strict";
import { stateArrays } from "../../experiments/arrays.ts";
import { type Checkpoint, CHECKPOINT_VERSION } from "../../core/run/checkpoint.ts";
import { TandemError } from "../../core/base/errors.ts";
import { Pcg64 } from "../../core/kit/random.ts";
import {
  CHECKPOINT_FILES,
  type CheckpointFiles,
  type CheckpointNote,
  decodeCheckpoint,
  encodeCheckpoint,
} from "../../lab/checkpoint_file.ts";
import { CheckpointStore } from "../../lab/checkpoint_store.ts";
import type { Files } from "../../runtimes/files/files.ts";
import { RunCheckpoints } from "../../lab/run_checkpoints.ts";
import { type Crash, ForgetfulFiles, PowerCut } from "./forgetful_files.ts";

const NOTE: CheckpointNote = { run: "0".repeat(64), events: 10, seconds: 1.5 };

function checkpoint(iteration: number, success: number | null = null): Checkpoint {
  const data = Float32Array.of(iteration, NaN, -0, 1 / 3);
  return {
    version: CHECKPOINT_VERSION,
    iteration,
    success,
    json: { run: { iteration, odd: [Infinity, -0] }, "extra.a": "é\u2028" },
    arrays: {
      "student/w": { shape: [2, 2], data },
      "student/n": { shape: [1], data: Int32Array.of(-7) },
      "env/over": { shape: [3], data: Uint8Array.of(0, 1, 255) },
    },
  };
}

const newest = (store: CheckpointStore) => store.newest(() => true, () => {});
const storeOn = (files: Files) => new CheckpointStore("runs/a/checkpoints", stateArrays, files);

Deno.test("a checkpoint comes back from its files to the last bit", () => {
  const files = encodeCheckpoint(checkpoint(3, 0.5), NOTE, stateArrays);
  const { checkpoint: found, manifest } = decodeCheckpoint(files, stateArrays);
  assert.deepEqual(found, checkpoint(3, 0.5));
  assert.deepEqual([manifest.events, manifest.seconds, manifest.success], [10, 1.5, 0.5]);
});

Deno.test("every truncation and every single-bit flip of a checkpoint is detected", () => {
  const whole = encodeCheckpoint(checkpoint(3), NOTE, stateArrays);
  const refuses = (files: CheckpointFiles, what: string) => {
    try {
      decodeCheckpoint(files, stateArrays);
    } catch (error) {
      assert.ok(error instanceof TandemError && error.code === "E_CHECKPOINT", `${what}: ${error}`);
      return;
    }
    assert.fail(`${what} was not noticed`);
  };
  let tried = 0;
  for (const name of CHECKPOINT_FILES) {
    const bytes = whole[name];
    for (let length = 0; length < bytes.length; length++, tried++) {
      refuses({ ...whole, [name]: bytes.subarray(0, length) }, `${name} cut to ${length} bytes`);
    }
    for (let bit = 0; bit < 8 * bytes.length; bit++, tried++) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      refuses({ ...whole, [name]: flipped }, `bit ${bit} of ${name}`);
    }
  }
  assert.ok(tried > 5_000);
});

Deno.test("a checkpoint of an older or a newer version is refused in a sentence", () => {
  for (const version of [CHECKPOINT_VERSION - 1, CHECKPOINT_VERSION + 1]) {
    const files = encodeCheckpoint({ ...checkpoint(3), version }, NOTE, stateArrays);
    assert.throws(() => decodeCheckpoint(files, stateArrays), {
      code: "E_CHECKPOINT",
      message:
        `The checkpoint is of version "${version}"; this Tandem reads version ${CHECKPOINT_VERSION}. ` +
        "Go on with the Tandem that made it, or start the run again.",
    });
  }
});

Deno.test("the last two checkpoints are kept, and the best", () => {
  const files = new ForgetfulFiles();
  files.makeFolder("runs/a");
  const store = storeOn(files);
  const successes = [0.1, 0.9, null, 0.9, 0.4, 0.2];
  successes.forEach((success, i) => store.keep(checkpoint(i + 1, success), NOTE));
  const held = () => files.list("runs/a/checkpoints").sort();
  assert.deepEqual(held(), ["4", "5", "6"]);
  const next = storeOn(files);
  assert.equal(newest(next)?.checkpoint.iteration, 6);
  next.keep(checkpoint(7, 0.3), NOTE);
  assert.deepEqual(held(), ["4", "6", "7"], "a store that is opened again knows the best");
});

/** Keeps checkpoints 1 to `count`; gives the last one of which keeping came to its end. */
function keepUntilPowerCut(files: ForgetfulFiles, count: number): number {
  let last = 0;
  try {
    const store = storeOn(files);
    for (let iteration = 1; iteration <= count; iteration++) {
      store.keep(checkpoint(iteration), NOTE);
      last = iteration;
    }
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error;
  }
  return last;
}

function diskWith(patience?: number): ForgetfulFiles {
  const files = new ForgetfulFiles(patience);
  for (const path of ["runs", "runs/a"]) files.makeFolder(path);
  for (const path of ["", "runs", "runs/a"]) files.sync(path);
  return files;
}

Deno.test("wherever the power fails, the last checkpoint that was kept is found, whole", () => {
  const COUNT = 4;
  const setUp = diskWith().changes;
  const whole = diskWith();
  keepUntilPowerCut(whole, COUNT);
  let tried = 0;
  for (let patience = setUp; patience <= whole.changes; patience++) {
    const coins = Array.from({ length: 40 }, (_, i) => new Pcg64(1000 * patience + i));
    for (const crash of ["forget", "keep", ...coins] satisfies Crash[]) {
      const cut = diskWith(patience);
      const last = keepUntilPowerCut(cut, COUNT);
      const files = cut.after(crash);
      const store = storeOn(files);
      const found = findNewest(store, last)?.checkpoint;
      const at = `after ${patience} changes, ${typeof crash === "string" ? crash : "by chance"}`;
      const iteration = found?.iteration ?? 0;
      assert.ok(iteration === last || iteration === last + 1, `${iteration} of ${last} ${at}`);
      if (found) assert.deepEqual(found, checkpoint(iteration), at);
      // The run goes on from there, over whatever the crash has left.
      store.keep(checkpoint(iteration + 1), NOTE);
      assert.equal(newest(storeOn(files))?.checkpoint.iteration, iteration + 1, at);
      tried++;
    }
  }
  assert.ok(tried > 1_000);
});

/** Before any checkpoint was kept, there may be a broken one. */
function findNewest(store: CheckpointStore, last: number) {
  try {
    return newest(store);
  } catch (error) {
    if (last > 0) throw error;
    return undefined;
  }
}

Deno.test("a disk that is full at any moment costs one checkpoint, no other, and the run goes on", () => {
  const count = (work: (files: ForgetfulFiles) => void) => {
    const files = diskWith();
    const before = files.changes;
    work(files);
    return files.changes - before;
  };
  const writes = count((files) => storeOn(files).keep(checkpoint(1), NOTE));
  for (let good = 0; good < writes; good++) {
    const files = diskWith();
    storeOn(files).keep(checkpoint(1), NOTE);
    let left = good;
    const full: Files = {
      read: (path) => files.read(path),
      isLink: () => files.isLink(),
      list: (path) => files.list(path),
      remove: (path) => files.remove(path),
      makeFolder: (path) => files.makeFolder(path),
      rename: (from, to) => files.rename(from, to),
      sync: (path) => files.sync(path),
      write: (...what) => {
        if (left-- <= 0) throw new Error("No space left on device (os error 28)");
        files.write(...what);
      },
    };
    if (good >= CHECKPOINT_FILES.length) break;
    const store = storeOn(full);
    newest(store);
    const warnings: string[] = [];
    let now = 0;
    const keeper = new RunCheckpoints({
      store,
      run: NOTE.run,
      secondsBefore: 0,
      syncEvents: () => 10,
      warn: (sentence) => warnings.push(sentence),
      now: () => now += 5,
    });
    keeper.keep(checkpoint(2));
    assert.match(warnings.join(), /No checkpoint was kept after iteration 2: .*the disk is full/);
    assert.deepEqual(files.list("runs/a/checkpoints"), ["1"]);
    left = Infinity;
    keeper.keep(checkpoint(3));
    assert.equal(newest(storeOn(files))?.checkpoint.iteration, 3);
  }
});

Deno.test("checkpoints take at most 2 % of the time, and none waits for a clock that steps back", () => {
  let now = 0;
  const kept: number[] = [];
  const keeper = new RunCheckpoints({
    store: { keep: ({ iteration }) => (now += 10, void kept.push(iteration)) },
    run: NOTE.run,
    secondsBefore: 7,
    syncEvents: () => 0,
    warn: () => {},
    now: () => now,
  });
  const runTo = (iteration: number, measured = false) => {
    now += 100;
    if (keeper.isDue(iteration, measured)) keeper.keep(checkpoint(iteration));
  };
  for (let iteration = 1; iteration <= 12; iteration++) runTo(iteration);
  assert.deepEqual(kept, [1, 6, 11], "10 of 500 ms");
  runTo(13, true);
  assert.deepEqual(kept.at(-1), 13, "where success was measured, in any case");
  now -= 1_000_000;
  runTo(14);
  assert.deepEqual(kept.at(-1), 14);
  assert.ok(keeper.seconds >= 7);
});

Deno.test("where success was measured a checkpoint is kept whatever --checkpoint-every says: it may be the best", () => {
  const options = { run: NOTE.run, secondsBefore: 0, syncEvents: () => 0, warn: () => {} };
  const keeper = new RunCheckpoints({
    ...options,
    ...{ store: { keep: () => {} }, every: 5, now: () => 0 },
  });
  const due = (measured: boolean) => [1, 4, 5, 7].filter((it) => keeper.isDue(it, measured));
  assert.deepEqual(due(false), [5]);
  assert.deepEqual(due(true), [1, 4, 5, 7]);
});
