import assert from "node:assert/strict";
import { createContext } from "../../../../core/context.ts";
import { runPipeline } from "../../../../core/scheduler.ts";
import { chat } from "../../../../plugins/teacher/chat/mod.ts";
import { stubPipeline } from "../../../core/stubs.ts";
import { at, choicesOf, HASTE, listener, open, says, withServer } from "./server.ts";

const answer = (message: object, more: object = {}) => () =>
  Response.json({ choices: [{ message, ...more }] });

/** What models do in place of an answer, and what is said of it. */
const MUTE: [reply: () => Response, said: RegExp][] = [
  [
    answer({ content: null, reasoning_content: "Let me" }, { finish_reason: "length" }),
    /cut off after "16" tokens .*raise teacher\.maxTokens/,
  ],
  [
    answer({ content: "<think>left? Or" }),
    /it thinks and does not answer: raise teacher\.maxTokens/,
  ],
  [answer({ content: null, tool_calls: [{ id: "1" }] }), /calls a tool .*take the tools away/],
  [answer({ content: "" }), /its answer is empty: /],
  [
    answer({ content: null, refusal: "I\x1b[2J can't" }),
    /refuses to answer, "I\\x1b\[2J can't": change/,
  ],
  [answer({ content: null }, { finish_reason: "content_filter" }), /withholds its answer/],
  [answer({ content: "up" }), /names no candidate, "up": change teacher\.system/],
];

Deno.test("chat: a teacher that gives no usable answer ends the run before it begins", async () => {
  for (const [reply, said] of MUTE) {
    await withServer(reply, async (baseUrl, seen) => {
      await assert.rejects(open(baseUrl), (error: Error & { code: string }) => {
        assert.equal(error.code, "E_TEACHER");
        assert.match(error.message, said);
        assert.match(error.message, /teacher\.required=false/);
        return true;
      });
      assert.equal(seen.length, 1, "one question, and no answer in vain is asked for again");
    }, true);
  }
});

Deno.test("chat: one that is not required is warned of once, and counted", async () => {
  for (const [reply, said] of MUTE) {
    await withServer(reply, async (baseUrl) => {
      const { emit, messages } = listener();
      const teacher = await open(baseUrl, { required: false }, { emit });
      for (let t = 0; t < 60; t++) await teacher.advise(at(t, t + 60), "train");
      assert.equal(messages().length, 1);
      assert.match(messages()[0]!, said);
      const { calls, cacheHits, requests, unusable } = teacher.usage();
      assert.deepEqual([calls, cacheHits, requests, unusable], [120, 0, 121, 120]);
    }, true);
  }
});

Deno.test("chat: a server that is gone ends the run before it begins", () =>
  withServer(() => new Response("overloaded", { status: 503 }), async (baseUrl, seen) => {
    await assert.rejects(open(baseUrl), {
      code: "E_TEACHER",
      message: 'The chat teacher "m" gives no usable answer to a test question: the server ' +
        'answered 503, "overloaded". Set teacher.required=false to run without one.',
    });
    assert.equal(seen.length, 3, "one question and its two retries");
  }, true));

Deno.test("chat: the test question is asked in a run's words, and counts", () =>
  withServer(() => says("Left", 7), async (baseUrl, seen) => {
    const teacher = await open(baseUrl, { budgetCalls: 2 });
    assert.match(seen[0]!.question, /^Goal: this is a test: answer "left"\n/);
    assert.deepEqual(teacher.usage(), {
      ...{ calls: 0, cacheHits: 0, tokens: 7 },
      ...{ requests: 1, unusable: 0 },
    });
    assert.deepEqual(await choicesOf(teacher, at(0)), [0]);
    assert.deepEqual(await choicesOf(teacher, at(1)), [-1]);
  }, true));

Deno.test("chat: a server that goes for good ends the run, one that comes back does not", async () => {
  for (const comesBack of [false, true]) {
    let isGone = false;
    await withServer(
      () => isGone ? new Response("", { status: 502 }) : says("left"),
      async (baseUrl) => {
        const options = { retries: 0, coolDown: 1e-6, patience: 6, concurrency: 1 };
        const teacher = await open(baseUrl, options);
        assert.deepEqual(await choicesOf(teacher, at(1, 2)), [0, 0]);
        isGone = true;
        assert.deepEqual(await choicesOf(teacher, at(3, 4, 5)), [-1, -1, -1]);
        isGone = !comesBack;
        const asking = choicesOf(teacher, at(6, 7, 8));
        if (comesBack) return assert.deepEqual(await asking, [0, 0, 0]);
        await assert.rejects(asking, {
          code: "E_TEACHER",
          message: 'The chat teacher "m" gives no usable answer any more: none came to the last ' +
            '"6" questions, and the server answered 502. The run can be resumed when it does; ' +
            "teacher.required=false goes on without.",
        });
      },
    );
  }
});

Deno.test("chat: a server that is left alone counts as gone", () =>
  withServer(() => new Response("", { status: 502 }), async (baseUrl, seen) => {
    const teacher = await open(baseUrl, { patience: 5, concurrency: 1 });
    await choicesOf(teacher, at(0, 1, 2, 3));
    await assert.rejects(choicesOf(teacher, at(4)), { code: "E_TEACHER" });
    assert.equal(seen.length, 3);
  }));

Deno.test("chat: a model that is mute in a world of few questions is noticed too", () =>
  withServer(() => says("up"), async (baseUrl, seen) => {
    const teacher = await open(baseUrl, { patience: 9 });
    for (let t = 0; t < 4; t++) await teacher.advise(at(1, 2), "train");
    await assert.rejects(async () => await teacher.advise(at(1, 2), "train"), {
      code: "E_TEACHER",
    });
    assert.equal(seen.length, 2);
  }));

Deno.test("chat: an agent that stands still before a question without an answer ends nothing", () =>
  withServer(
    ({ question }) => says(question.includes("is 1 ") ? "up" : "left"),
    async (baseUrl) => {
      const teacher = await open(baseUrl, { patience: 5 });
      await teacher.advise(at(0), "train");
      for (let t = 0; t < 50; t++) await teacher.advise(at(1), "train");
      await teacher.advise(at(0), "train");
    },
  ));

Deno.test("chat: a budget that is spent ends nothing", () =>
  withServer(() => says("left"), async (baseUrl) => {
    const teacher = await open(baseUrl, { patience: 5, budgetCalls: 1 });
    for (let t = 0; t < 20; t++) assert.deepEqual(await choicesOf(teacher, at(t)), [-1]);
  }));

Deno.test("chat: a stop while the test question is on its way is no failure", () => {
  const { promise: stopped, resolve: release } = Promise.withResolvers<void>();
  return withServer(() => stopped.then(() => says("late")), async (baseUrl) => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 20);
    const teacher = await open(baseUrl, { timeout: 60 }, { signal: stop.signal });
    assert.deepEqual(await choicesOf(teacher, at(0)), [-1]);
    release();
  }, true);
});

Deno.test("chat: a run whose server dies ends with E_TEACHER", () =>
  withServer(
    (_, n) => n < 5 ? says("left") : new Response("", { status: 500 }),
    async (baseUrl) => {
      const pipeline = stubPipeline([], {
        teacher: chat({ ...HASTE, baseUrl, patience: 10 }),
        schedule: { iterations: 50, envs: 2, steps: 4 },
      });
      await assert.rejects(runPipeline(pipeline, createContext({ seed: 0 })), {
        code: "E_TEACHER",
        stage: "teacher",
      });
    },
  ));
