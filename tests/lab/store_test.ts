import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { trialKey, TrialStore } from "../../lab/store.ts";
import { type TrialRecord, TrialRecorder } from "../../lab/trial.ts";
import { CONFIG, sampleEvents, SUMMARY } from "./sample.ts";
import { inTemporaryFolder } from "./temporary.ts";

const CONTENT = {
  pipeline: CONFIG.pipeline,
  seed: 3,
  device: "wasm",
  version: "0.1.0",
  files: {},
};
const KEY = trialKey(CONTENT);
const NOW = new Date("2026-11-20T19:00:05.000Z");

function sampleRecord(): TrialRecord {
  const recorder = new TrialRecorder();
  for (const event of sampleEvents()) recorder.see(event);
  return recorder.finish(SUMMARY);
}

Deno.test("a trial's key depends on all that decides its result, and on nothing else", () => {
  const { pipeline } = CONTENT;
  const changed = [
    { ...CONTENT, seed: 4 },
    { ...CONTENT, device: "cpu" },
    { ...CONTENT, version: "0.2.0" },
    { ...CONTENT, files: { "./my_rule.ts": "f00" } },
    { ...CONTENT, pipeline: { ...pipeline, schedule: { ...pipeline.schedule, steps: 9 } } },
  ];
  const keys = new Set([KEY, ...changed.map(trialKey)]);
  assert.equal(keys.size, 6);
  const renamed = { ...pipeline, name: "another", description: "words" };
  assert.equal(trialKey({ ...CONTENT, pipeline: renamed }), KEY);
  const { seed, ...rest } = CONTENT;
  assert.equal(trialKey({ ...rest, seed }), KEY, "whatever the order of its parts");
});

Deno.test("the store keeps a record to the bit, over closing and opening", () =>
  inTemporaryFolder((folder) => {
    const record = sampleRecord();
    {
      using store = new TrialStore(`${folder}/trials.sqlite`);
      assert.equal(store.get(KEY), undefined);
      assert.equal(store.status(KEY), undefined);
      store.put(KEY, CONTENT, { record }, NOW);
    }
    using store = new TrialStore(`${folder}/trials.sqlite`);
    assert.deepEqual(store.get(KEY), { record });
    assert.equal(store.status(KEY), "done");
    assert.deepEqual(store.finishedAt(KEY), NOW);
  }));

Deno.test("the store never replaces a record, but an error by what came later", () =>
  inTemporaryFolder((folder) => {
    using store = new TrialStore(`${folder}/trials.sqlite`);
    const error = { code: "E_NUMERIC", message: "The loss became NaN." };
    store.put(KEY, CONTENT, { error }, NOW);
    assert.deepEqual(store.get(KEY), { error });
    assert.equal(store.status(KEY), "failed");
    const record = sampleRecord();
    store.put(KEY, CONTENT, { record }, NOW);
    store.put(KEY, CONTENT, { error }, NOW);
    assert.deepEqual(store.get(KEY), { record });
  }));

Deno.test("what was kept is there after a killed writer", () =>
  inTemporaryFolder((folder) => {
    const path = `${folder}/trials.sqlite`;
    {
      using store = new TrialStore(path);
      store.put(KEY, CONTENT, { record: sampleRecord() }, NOW);
    }
    // A killed writer leaves a journal of the pages that it was about to change.
    Deno.writeFileSync(`${path}-journal`, new Uint8Array(512));
    using store = new TrialStore(path);
    assert.equal(store.status(KEY), "done");
  }));

Deno.test("a file that is no store, and one of a later Tandem, are refused in a sentence", () =>
  inTemporaryFolder((folder) => {
    const path = `${folder}/trials.sqlite`;
    Deno.writeTextFileSync(path, "These are not the trials you are looking for.".repeat(50));
    assert.throws(() => new TrialStore(path), {
      code: "E_FILE",
      message: /is no store of trials; move it away/,
    });
    assert.throws(() => new TrialStore(`${folder}/nowhere/trials.sqlite`), { code: "E_DISK" });
    const later = new DatabaseSync(`${folder}/later.sqlite`);
    later.exec("pragma user_version = 99");
    later.close();
    assert.throws(() => new TrialStore(`${folder}/later.sqlite`), {
      code: "E_FILE",
      message: /was written by a later Tandem: its format is "99"/,
    });
  }));
