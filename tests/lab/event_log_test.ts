import assert from "node:assert/strict";
import { join } from "node:path";
import { EventLog, readEvents } from "../../lab/event_log.ts";
import { iterationEnded, row, sampleEvents } from "./sample.ts";
import { inTemporaryFolder } from "./temporary.ts";

Deno.test("EventLog writes events that readEvents() gives back", () =>
  inTemporaryFolder((folder) => {
    const path = join(folder, "events.jsonl");
    const log = new EventLog(path);
    const events = sampleEvents();
    for (const event of events) log.append(event);
    log.close();
    assert.deepEqual([...readEvents(path)], events);
  }));

Deno.test("readEvents() knows later verdicts, and passes over what is none", () =>
  inTemporaryFolder((folder) => {
    const path = join(folder, "events.jsonl");
    const log = new EventLog(path);
    const later = {
      step: 3,
      verdict: "positive",
      words: "it led on",
      right: ["go forward"],
    } as const;
    const amendment = { iteration: 1, step: 0, env: 0, later: { ...later, iteration: 2 } };
    const ledger = {
      type: "ledger",
      rows: [row({ later: [{ ...later, mission: "go to the key" }] })],
      amendments: [amendment],
    } as const;
    log.append(ledger);
    const wrong: object[] = [{ step: "3" }, { verdict: "good" }, { right: [1] }, { mission: 2 }];
    for (const part of wrong) {
      log.append({ ...ledger, rows: [row({ later: [{ ...later, ...part }] })] });
      log.append({ ...ledger, amendments: [{ ...amendment, later: { ...later, ...part } }] });
    }
    log.close();
    assert.deepEqual([...readEvents(path)], [ledger]);
  }));

Deno.test("EventLog has on disk what an iteration brought, before it is closed", () =>
  inTemporaryFolder((folder) => {
    const path = join(folder, "events.jsonl");
    const log = new EventLog(path);
    log.append({ type: "ledger", rows: [row()] });
    assert.equal(Deno.statSync(path).size, 0, "the ledger waits");
    log.append(iterationEnded(1));
    assert.deepEqual([...readEvents(path)].map(({ type }) => type), ["ledger", "iteration.ended"]);
    log.close();
  }));

Deno.test("EventLog writes a ledger too large to wait", () =>
  inTemporaryFolder((folder) => {
    const path = join(folder, "events.jsonl");
    const log = new EventLog(path);
    log.append({ type: "ledger", rows: [row({ words: "x".repeat(1 << 19) })] });
    assert.equal([...readEvents(path)].length, 1);
    log.close();
  }));

Deno.test({
  name: "EventLog gives one E_DISK for a disk that takes no more, and keeps whole lines",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inTemporaryFolder((folder) => {
      const path = join(folder, "events.jsonl");
      const code = `
        import { EventLog, readEvents } from "${import.meta.resolve("../../lab/event_log.ts")}";
        const log = new EventLog("${path}");
        const event = { type: "warning", code: "W_NOTE", message: "x".repeat(1000) };
        let [written, errors] = [0, []];
        for (let i = 0; i < 2000; i++) {
          try { log.append(event); written++; } catch (error) { errors.push(String(error)); break; }
        }
        log.append(event);
        log.close();
        console.log(JSON.stringify({ written, errors, read: [...readEvents("${path}")].length }));`;
      // A limit on the size of files stands for the full disk, which no test can order.
      const { stdout } = new Deno.Command("sh", {
        args: [
          "-c",
          `trap "" XFSZ; ulimit -f 1000; exec "$0" "$@"`,
          Deno.execPath(),
          ...[
            "run",
            "--no-prompt",
            `--config=${new URL("../../deno.json", import.meta.url).pathname}`,
          ],
          ...["--allow-read", `--allow-write=${folder}`],
          `data:text/typescript,${encodeURIComponent(code)}`,
        ],
      }).outputSync();
      const { written, errors, read } = JSON.parse(new TextDecoder().decode(stdout));
      assert.equal(errors.length, 1);
      assert.match(errors[0], /^E_DISK: ".*events\.jsonl" cannot be written: the disk is full\./);
      assert.ok(written > 100, `${written} written`);
      assert.equal(read, written);
    }),
});

Deno.test("readEvents() skips a last line that was cut off, and says nothing of it", () =>
  inTemporaryFolder((folder) => {
    const path = join(folder, "events.jsonl");
    const line = JSON.stringify(iterationEnded(1));
    Deno.writeTextFileSync(path, `${line}\n${line.slice(0, 40)}`);
    const said: string[] = [];
    assert.equal([...readEvents(path, (sentence) => said.push(sentence))].length, 1);
    assert.deepEqual(said, []);
    assert.throws(() => [...readEvents(join(folder, "none"))], { code: "E_FILE" });
  }));

Deno.test("readEvents() passes over lines that are no events and tells how many", () =>
  inTemporaryFolder((folder) => {
    const path = join(folder, "events.jsonl");
    const line = JSON.stringify(iterationEnded(1));
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    const damaged = [
      "null",
      "{}",
      "3",
      "\0\0garbage",
      line.slice(0, 40),
      deep,
      '{"type":"constructor"}',
      '{"type":"iteration.ended","iteration":1e300}',
      line.replace('"envSteps":16', '"envSteps":1e999'),
      '{"type":"ledger","rows":[{}]}',
      '{"type":"warning","code":"W_NOTE","message":7}',
    ];
    for (const one of damaged) {
      assert.notEqual(one, line);
      Deno.writeTextFileSync(path, `${line}\n${one}\n${line}\n`);
      const said: string[] = [];
      const events = [...readEvents(path, (sentence) => said.push(sentence))];
      assert.equal(events.length, 2, one.slice(0, 60));
      assert.equal(said.length, 1);
      assert.match(said[0]!, /^Line 2 of ".*" could not be read and is passed over\.$/);
    }
    Deno.writeTextFileSync(path, damaged.join("\n") + "\n");
    assert.throws(() => [...readEvents(path)], { code: "E_FILE", message: /holds no events/ });
  }));

Deno.test("readEvents() waits for no pipe, and comes to the end of a file of terabytes that are not there", () =>
  inTemporaryFolder((folder) => {
    const pipe = join(folder, "pipe");
    assert.ok(new Deno.Command("mkfifo", { args: [pipe] }).outputSync().success);
    for (const path of [pipe, "/dev/zero"]) {
      assert.throws(() => [...readEvents(path)], {
        code: "E_FILE",
        message: /cannot be read: it is no file\.$/,
      });
    }
    const path = join(folder, "events.jsonl");
    Deno.writeTextFileSync(path, `${JSON.stringify(iterationEnded(1))}\n`);
    Deno.truncateSync(path, 2 ** 42);
    const said: string[] = [];
    assert.equal([...readEvents(path, (sentence) => said.push(sentence))].length, 1);
    assert.match(said.join(), /^Line 2 of ".*" could not be read and is passed over\.$/);
  }));
