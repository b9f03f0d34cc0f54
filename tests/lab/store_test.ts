import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { trialKey, TrialStore } from "../../lab/store.ts";
import { type TrialRecord, TrialRecorder } from "../../lab/trial.ts";
import { CONFIG, sampleEvents, SUMMARY } from "./sample.ts";
import { inTemporaryFolder, symlink } from "./temporary.ts";

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

Deno.test("trialKey() knows what a stage begins with by its SHA-256, wherever it lies", () => {
  const begun = (from: Readonly<Record<string, unknown>>) =>
    trialKey({
      ...CONTENT,
      pipeline: { ...CONTENT.pipeline, teacher: { plugin: "x", options: {}, from } } as never,
    });
  const [one, other] = ["1", "2"].map((digit) => digit.repeat(64));
  assert.equal(begun({ run: "here", sha256: one }), begun({ run: "there", sha256: one }));
  assert.notEqual(begun({ run: "here", sha256: one }), begun({ run: "here", sha256: other }));
  assert.notEqual(begun({ run: `trial:${one}` }), begun({ run: `trial:${other}` }));
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

/** A store with one record whose row is then changed by SQL; what it says of it, and what it warns. */
function damagedBy(folder: string, sql: string, ...values: (string | Uint8Array | null)[]) {
  const path = `${folder}/${crypto.randomUUID()}.sqlite`;
  {
    using store = new TrialStore(path);
    store.put(KEY, CONTENT, { record: sampleRecord() }, NOW);
  }
  const database = new DatabaseSync(path);
  database.prepare(sql).run(...values);
  database.close();
  const said: string[] = [];
  const store = new TrialStore(path, { warn: (sentence) => said.push(sentence) });
  return { store, said, path };
}

const RECORD = "update trials set record = ?";

Deno.test("a damaged row is told of once, counts as not run, and is replaced by what is run again", () =>
  inTemporaryFolder((folder) => {
    const json = JSON.stringify(sampleRecord());
    const packed = gzipSync(json);
    const changed = (from: string | RegExp, to: string) => {
      const text = json.replace(from, to);
      assert.notEqual(text, json);
      return gzipSync(text);
    };
    const ways: [sql: string, value: string | Uint8Array | null, said: RegExp][] = [
      [RECORD, new TextEncoder().encode("garbage"), /cannot be unpacked/],
      [RECORD, packed.subarray(0, packed.length >> 1), /cannot be unpacked/],
      [RECORD, packed.with(40, packed[40]! ^ 1), /./],
      [RECORD, gzipSync("{"), /no JSON/],
      [RECORD, gzipSync("null"), /no right "whole"/],
      [RECORD, gzipSync("{}"), /no right "summary"/],
      [RECORD, gzipSync("[".repeat(300_000) + "]".repeat(300_000)), /./],
      [RECORD, changed('"end":0.75', '"end":7'), /no right "summary\.success\.end"/],
      [RECORD, changed('"training":[', '"training":[{},'), /no right "training\.0/],
      [RECORD, changed(/"envSteps":\d+/, '"envSteps":1e999'), /no right/],
      [RECORD, gzipSync(new Uint8Array((1 << 28) + 1).fill(32)), /more than 256 MiB/],
      ["update trials set record = null, error = ?", "garbage", /its error is none/],
      ["update trials set record = null, error = ?", null, /its error is none/],
      ["update trials set record = null, error = ?", '{"code":3}', /its error is none/],
      ["update trials set finished = ?", "yesterday", /its date is none/],
    ];
    for (const [sql, value, told] of ways) {
      const { store, said } = damagedBy(folder, sql, value);
      using _ = store;
      assert.equal(store.get(KEY), undefined, String(told));
      assert.equal(store.status(KEY), undefined);
      assert.equal(store.finishedAt(KEY), undefined);
      assert.equal(said.length, 1);
      assert.match(
        said[0]!,
        /^The trial "[0-9a-f]{12}" in ".*" is damaged \(.*\) and counts as not run/,
      );
      assert.match(said[0]!, told);
      store.put(KEY, CONTENT, { record: sampleRecord() }, NOW);
      assert.equal(store.status(KEY), "done");
    }
  }));

Deno.test("whatever bytes stand in a row, the store never throws", () =>
  inTemporaryFolder((folder) => {
    const { store, path } = damagedBy(folder, RECORD, new Uint8Array(1));
    using _ = store;
    const database = new DatabaseSync(path);
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => gzipSync(text)),
      fc.constantFrom(...Object.keys(sampleRecord())).chain((part) =>
        fc.jsonValue().map((value) =>
          gzipSync(JSON.stringify({ ...sampleRecord(), [part]: value }))
        )
      ),
    );
    fc.assert(
      fc.property(bytes, fc.option(fc.string()), (record, error) => {
        database.prepare("update trials set record = ?, error = ?").run(record, error);
        const outcome = store.get(KEY);
        assert.ok(outcome === undefined || "record" in outcome && outcome.record.summary.success);
      }),
      { numRuns: 100 },
    );
    database.close();
  }));

Deno.test("a store that another process writes to is waited for", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/trials.sqlite`;
    new TrialStore(path)[Symbol.dispose]();
    const code = `
      import { DatabaseSync } from "node:sqlite";
      const database = new DatabaseSync("${path}");
      database.exec("begin exclusive");
      console.log("held");
      setTimeout(() => database.exec("commit"), 500);`;
    const holder = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", `--allow-read=${folder}`, `--allow-write=${folder}`, "-"],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const writer = holder.stdin.getWriter();
    await writer.write(new TextEncoder().encode(code));
    await writer.close();
    const reader = holder.stdout.getReader();
    await reader.read();
    using store = new TrialStore(path);
    assert.equal(store.status(KEY), undefined);
    await reader.cancel();
    assert.ok((await holder.status).success);
  }));

Deno.test("a database of another program is refused and left as it is", () =>
  inTemporaryFolder((folder) => {
    const path = `${folder}/trials.sqlite`;
    for (const table of ["create table notes (text)", "create table trials (a)"]) {
      const database = new DatabaseSync(path);
      database.exec(table);
      database.close();
      const before = Deno.readFileSync(path);
      assert.throws(() => new TrialStore(path), {
        code: "E_FILE",
        message: /is no store of trials/,
      });
      assert.deepEqual(Deno.readFileSync(path), before);
      Deno.removeSync(path);
    }
  }));

Deno.test("a store that was cut short or scrambled is refused in a sentence, or its rows are", () =>
  inTemporaryFolder((folder) => {
    const { store, path } = damagedBy(folder, RECORD, gzipSync("{}"));
    store[Symbol.dispose]();
    const whole = Deno.readFileSync(path);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: whole.length - 1 }),
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 40 }),
        fc.boolean(),
        (length, flips, cut) => {
          const bytes = whole.slice(0, cut ? length : whole.length);
          for (const [at, value] of flips) if (at < bytes.length) bytes[at] = value;
          Deno.writeFileSync(path, bytes);
          try {
            using store = new TrialStore(path);
            store.get(KEY);
          } catch (error) {
            assert.match(String(error), /^E_(FILE|DISK): ".*" /);
          }
          for (const left of ["-wal", "-journal", "-shm"]) {
            try {
              Deno.removeSync(path + left);
            } catch { /* there was none */ }
          }
        },
      ),
      { numRuns: 200 },
    );
  }));

Deno.test("a store whose schema holds more than its table is refused before anything of it runs", () =>
  inTemporaryFolder((folder) => {
    const path = `${folder}/trials.sqlite`;
    const table =
      "create table trials (key text primary key, content text not null, record blob, " +
      "error text, finished text not null)";
    const endless =
      "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n";
    const schemas = [
      // One is asked for a row without end, one does more than is asked, one computes as it is read.
      `create view trials as select '' key, '' content, null record, (${endless}) error, '' finished`,
      `${table} strict; create trigger t after insert on trials begin delete from trials; end`,
      `${table.replace("error text", `error text as (printf('%.*c', 900000000, 'x'))`)} strict`,
      `${table} strict; create table notes (text)`,
      `create virtual table trials using fts5(key, content, record, error, finished)`,
    ];
    for (const schema of schemas) {
      const database = new DatabaseSync(path);
      database.exec(`${schema}; pragma user_version = 1`);
      database.close();
      assert.throws(() => new TrialStore(path), {
        code: "E_FILE",
        message: /is no store of trials/,
      });
      Deno.removeSync(path);
    }
  }));

/** What a journal ends with that was written for several files at once, the list of which is `names`. */
function endOfJournal(names: string): Uint8Array {
  const bytes = new TextEncoder().encode(names);
  const end = new Uint8Array(4 + bytes.length + 16);
  const view = new DataView(end.buffer);
  view.setUint32(0, 2 ** 30 / 4096 + 1);
  end.set(bytes, 4);
  view.setUint32(4 + bytes.length, bytes.length);
  view.setUint32(8 + bytes.length, bytes.reduce((sum, byte) => sum + byte, 0));
  view.setBigUint64(12 + bytes.length, 0xd9d505f920a163d7n);
  return end;
}

/** A journal from which SQLite restores the first page of a database. */
function journalOf(database: Uint8Array): Uint8Array {
  const [page, nonce, sector] = [4096, 7, 512];
  const journal = new Uint8Array(sector + 4 + page + 4);
  const view = new DataView(journal.buffer);
  view.setBigUint64(0, 0xd9d505f920a163d7n);
  for (const [k, number] of [1, nonce, database.length / page, sector, page].entries()) {
    view.setUint32(8 + 4 * k, number);
  }
  view.setUint32(sector, 1);
  journal.set(database.subarray(0, page), sector + 4);
  let sum = nonce;
  for (let at = page - 200; at > 0; at -= 200) sum += database[at]!;
  view.setUint32(sector + 4 + page, sum);
  return journal;
}

Deno.test("a store's journal from elsewhere removes no file that it names", () =>
  inTemporaryFolder((folder) => {
    const [path, precious] = [`${folder}/trials.sqlite`, `${folder}/precious`];
    new TrialStore(path)[Symbol.dispose]();
    const journal = journalOf(Deno.readFileSync(path));
    Deno.writeTextFileSync(precious, "precious\n");
    Deno.writeFileSync(`${path}-journal`, new Uint8Array([...journal, ...endOfJournal(precious)]));
    assert.throws(() => new TrialStore(path), {
      code: "E_FILE",
      message: /-journal" names other files than the store/,
    });
    assert.equal(Deno.readTextFileSync(precious), "precious\n");
    // One of a writer that was killed is of use, and goes.
    Deno.writeFileSync(`${path}-journal`, journal);
    new TrialStore(path)[Symbol.dispose]();
    assert.throws(() => Deno.statSync(`${path}-journal`), Deno.errors.NotFound);
  }));

Deno.test("a store is opened through no link, neither its own nor that of a file beside it", () =>
  inTemporaryFolder((folder) => {
    const path = `${folder}/trials.sqlite`;
    for (const ending of ["", "-journal", "-wal", "-shm"]) {
      const precious = `${folder}/precious`;
      Deno.writeTextFileSync(precious, "");
      if (ending) new TrialStore(path)[Symbol.dispose]();
      for (const link of [symlink, hardLink]) {
        link(precious, path + ending);
        assert.throws(() => new TrialStore(path), { code: "E_FILE" });
        assert.equal(Deno.readTextFileSync(precious), "");
        Deno.removeSync(path + ending);
      }
    }
  }));

function hardLink(target: string, path: string): void {
  assert.ok(new Deno.Command("ln", { args: ["--", target, path] }).outputSync().success);
}

Deno.test("a store that is to be read alone is not made", () =>
  inTemporaryFolder((folder) => {
    const path = `${folder}/trials.sqlite`;
    Deno.writeTextFileSync(path, "");
    assert.throws(() => new TrialStore(path, { makes: false }), { code: "E_FILE" });
    assert.equal(Deno.readTextFileSync(path), "");
  }));
