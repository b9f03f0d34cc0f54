import assert from "node:assert/strict";
import { trialKey } from "../../../lab/store.ts";
import { lettersOf } from "../../../experiments/cluster/letters.ts";
import {
  type MessageKind,
  readMessage,
  Unreadable,
} from "../../../experiments/cluster/messages.ts";
import { readResult } from "../../../experiments/cluster/results.ts";
import { statusText } from "../../../cli/cluster_status.ts";
import { agreed, chosenToVerify } from "../../../experiments/cluster/verification.ts";
import { contentOfSeed, recordOf } from "./messages.ts";

const KINDS: readonly MessageKind[] = ["trial", "result", "pointer", "failure", "plan", "worker"];
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const machine = { version: "1", code: "c", deno: "2", processor: "x", device: "cpu" };
const plan = {
  ...{ id: "p", name: "plan", machine, trials: 1, done: 0, failed: 0 },
  ...{ startedAt: 1, toldAt: 1, state: "at work", trialSeconds: null },
};
const content = contentOfSeed(3);
const key = trialKey(content);
const result = {
  ...{ key, fit: "fit", worker: "w", tries: 1 },
  outcome: { record: recordOf(content) },
};
const asked = { key, machineClass: "fit", content };
const noObjects = { find: () => Promise.resolve(undefined) };

Deno.test("readMessage() takes what is no message for none, whatever it is", () => {
  const deep = "[".repeat(200_000) + "]".repeat(200_000);
  const texts = [
    ...["", "null", "{}", "[]", "1", "not json", '"text"', deep, '{"a":'.repeat(200_000)],
    '{"__proto__":{"plan":"p"}}',
    "\ufeff{}",
  ];
  const all = [
    ...texts.map((text) => new TextEncoder().encode(text)),
    Uint8Array.of(0xff, 0xfe, 0x00),
    new Uint8Array(65 * 1024 * 1024),
  ];
  for (const kind of KINDS) {
    for (const bytes of all) assert.throws(() => readMessage(kind, bytes), Unreadable);
  }
});

Deno.test("readMessage() gives texts as they may be shown", () => {
  const hostile = { ...plan, name: "\x1b]0;title\x07\x1b[2Jplan" };
  assert.equal(readMessage("plan", bytesOf(hostile)).name, "\\x1b]0;title\\x07\\x1b[2Jplan");
});

Deno.test("readMessage() refuses a trial that would hold a worker by its numbers", () => {
  const trial = (iterations: unknown) => ({
    ...{ plan: "p", name: "n" },
    content: { ...content, pipeline: { ...content.pipeline, schedule: { iterations } } },
  });
  assert.equal(readMessage("trial", bytesOf(trial(5))).name, "n");
  for (const iterations of [1e15, -1, 0.5, "5", null]) {
    assert.throws(() => readMessage("trial", bytesOf(trial(iterations))), /schedule.iterations/);
  }
});

Deno.test("what is written in the place of a name does not reach the sentence that refuses it", () => {
  const hostile = { ...plan, state: "\x1b[2J" };
  assert.throws(() => readMessage("plan", bytesOf(hostile)), (error: Error) => {
    // deno-lint-ignore no-control-regex
    return error instanceof Unreadable && !/[\x00-\x1f]/.test(error.message);
  });
});

Deno.test("readResult() holds a result to its trial", async () => {
  assert.equal((await readResult(noObjects, bytesOf(result), asked)).worker, "w");
  const { record } = result.outcome;
  const summary = (change: object) => ({
    ...result,
    outcome: { record: { ...record, summary: { ...record.summary, ...change } } },
  });
  const cases: [unknown, RegExp][] = [
    [{}, /has no right/],
    [null, /object/i],
    [{ outcome: {} }, /has no right/],
    [{ ...result, outcome: {} }, /outcome/],
    [{ ...result, outcome: { record: {} } }, /outcome/],
    [{ ...result, outcome: { record: { summary: { wallSeconds: 1 } } } }, /outcome/],
    [{ ...result, outcome: { error: { code: "<img>", message: "x" } } }, /outcome/],
    [{ ...result, key: "0".repeat(64) }, /another trial/],
    [{ ...result, fit: "other" }, /does not fit/],
    [summary({ seed: 4 }), /seed "4", and "3" was asked for/],
    [summary({ device: "webgpu" }), /another device/],
    [summary({ iterations: 7 }), /"7" iterations/],
    [summary({ stopped: true }), /iterations/],
    [summary({ digest: "<script>" }), /outcome/],
    [summary({ wallSeconds: null }), /outcome/],
    [{ object: "result.other" }, /another trial/],
    [{ object: `result.${key}` }, /missing, damaged or too large/],
  ];
  for (const [message, pattern] of cases) {
    await assert.rejects(
      () => readResult(noObjects, bytesOf(message), asked),
      (error: Error) => error instanceof Unreadable && pattern.test(error.message),
      JSON.stringify(message),
    );
  }
});

Deno.test("a result takes the name that its trial's pipeline has here", async () => {
  const pipeline = { ...content.pipeline, name: "mine" };
  const { outcome } = await readResult(noObjects, bytesOf(result), {
    ...asked,
    content: { ...content, pipeline },
  });
  assert.equal("record" in outcome && outcome.record.summary.pipeline, "mine");
});

Deno.test("texts of a record that are shown come out of it as they may be shown", async () => {
  const { record } = result.outcome;
  const summary = { ...record.summary, level: "\x1b[2Jlevel" };
  const hostile = {
    ...result,
    outcome: { record: { ...record, summary, warnings: ["\x1b]0;x\x07"] } },
  };
  const { outcome } = await readResult(noObjects, bytesOf(hostile), asked);
  assert.ok("record" in outcome);
  assert.equal(outcome.record.summary.level, "\\x1b[2Jlevel");
  assert.deepEqual(outcome.record.warnings, ["\\x1b]0;x\\x07"]);
});

Deno.test("statusText() shows what can be read, tells of what cannot, and shows no commands", () => {
  const letter = (key: string, value: unknown) => ({ key, bytes: bytesOf(value) });
  const letters = [
    letter("good", plan),
    letter("\x1b[2Jbad", null),
    letter("without", { ...plan, machine: undefined }),
    ...Array.from({ length: 9 }, (_, k) => letter(`more${k}`, {})),
  ];
  const text = statusText({
    waiting: 1,
    plans: { letters, more: 7 },
    workers: { letters: [letter("w", {})], more: 0 },
    dead: { letters: [letter("d", { message: "x" })], more: 0 },
  }, 2);
  assert.match(text, /plan: 0\/1 done, at work/);
  assert.match(text, /The plan "without" is passed over: it has no right "machine"/);
  assert.match(text, /So are 6 more/);
  assert.match(text, /There are 7 more/);
  assert.match(text, /The failure "d" is passed over/);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f]/);
});

Deno.test("lettersOf() reads ten thousand letters of a stranger without a sentence for each", () => {
  const bytes = bytesOf({});
  const letters = Array.from({ length: 10_000 }, (_, k) => ({ key: `${k}`, bytes }));
  assert.ok(lettersOf("plan", { letters, more: 0 }).sentences.length < 10);
});

Deno.test("chosenToVerify() takes about the share, the same ones each time, and at least one", () => {
  const keys = Array.from({ length: 2000 }, (_, seed) => trialKey(contentOfSeed(seed)));
  const chosen = chosenToVerify(keys, 0.05);
  assert.ok(chosen.size > 60 && chosen.size < 140, `${chosen.size}`);
  assert.deepEqual(chosenToVerify([...keys].reverse(), 0.05), chosen);
  assert.equal(chosenToVerify(keys.slice(0, 3), 1e-9).size, 1);
  assert.equal(chosenToVerify(keys, 1).size, 2000);
  assert.equal(chosenToVerify(keys, 0).size, 0);
});

Deno.test("agreed() keeps an outcome that two workers have, and tells of two that differ", () => {
  const first = readMessage("result", bytesOf(result));
  assert.deepEqual(agreed(first, { ...first, worker: "x" }), first.outcome);
  const summary = { ...result.outcome.record.summary, digest: "1".repeat(64) };
  const other = {
    ...result,
    worker: "x",
    outcome: { record: { ...result.outcome.record, summary } },
  };
  const outcome = agreed(first, readMessage("result", bytesOf(other)));
  assert.ok("error" in outcome);
  assert.match(outcome.error.message, /"w" to the digest 0{64}, "x" to the digest 1{64}/);
});
