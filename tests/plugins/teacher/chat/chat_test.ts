import assert from "node:assert/strict";
import { checkTeacher } from "../../../../core/testing/mod.ts";
import { createContext } from "../../../../core/kit/context.ts";
import { runPipeline } from "../../../../core/run/scheduler.ts";
import type { Verdicts } from "../../../../core/stages/mod.ts";
import { corridor } from "../../../../plugins/env/corridor.ts";
import { chat } from "../../../../plugins/teacher/chat/mod.ts";
import { stubPipeline } from "../../../core/stubs.ts";
import { rolloutOf } from "../../moments.ts";
import {
  at,
  choicesOf,
  type Handler,
  HASTE,
  listener,
  open,
  says,
  type Seen,
  withServer,
} from "./server.ts";

Deno.test("chat: asks an OpenAI-compatible server for one of the candidates", () =>
  withServer(() => says("Right!", 21), async (baseUrl, seen) => {
    const teacher = await open(`${baseUrl}/`, { model: "tiny", maxTokens: 5, confidence: 0.75 });
    const guidance = await teacher.advise(at(3), "train");
    assert.deepEqual([...guidance.choices], [1]);
    assert.deepEqual([...guidance.distribution], [0.25, 0.75]);
    const [{ url, key, body, question }] = seen as [Seen];
    assert.ok(url.endsWith("/v1/chat/completions"));
    assert.equal(key, null);
    assert.equal(body.model, "tiny");
    assert.equal(body.temperature, 0);
    assert.equal(body.max_tokens, 5);
    assert.deepEqual(body.messages.map(({ role }) => role), ["system", "user"]);
    assert.equal(
      question,
      "Goal: wait\nThe agent sees: It is 3 o'clock\nVerdict on your last answer: none\n" +
        "Candidates: left, right\nAnswer:",
    );
    assert.deepEqual(teacher.usage(), {
      ...{ calls: 1, cacheHits: 0, tokens: 21 },
      ...{ requests: 2, unusable: 0, answeredBy: { text: 1 } },
    });
    assert.deepEqual(teacher.learnsBy, ["prompt"]);
  }));

Deno.test("chat: the key comes from the variable that the options name", () =>
  withServer(() => says("left"), async (baseUrl, seen) => {
    Deno.env.set("TANDEM_TEST_KEY", " secret\n");
    try {
      const teacher = await open(baseUrl, { keyVariable: "TANDEM_TEST_KEY" });
      await teacher.advise(at(0), "train");
      assert.equal(seen[0]!.key, "Bearer secret");
    } finally {
      Deno.env.delete("TANDEM_TEST_KEY");
    }
    await assert.rejects(open(baseUrl, { keyVariable: "TANDEM_TEST_KEY" }), {
      code: "E_OPTION",
      message:
        'The environment variable "TANDEM_TEST_KEY" holds no key: set it, or set keyVariable ' +
        'to "" for a server that wants none.',
    });
  }));

Deno.test("chat: asks equal questions once, in a batch and ever after", () =>
  withServer(({ question }) => says(question.includes("It is 1") ? "left" : "right"), async (
    baseUrl,
    seen,
  ) => {
    const teacher = await open(baseUrl);
    assert.deepEqual(await choicesOf(teacher, at(1, 2, 1, 2)), [0, 1, 0, 1]);
    assert.equal(seen.length, 2);
    const again = teacher.advise(at(2, 1), "train");
    assert.ok(!(again instanceof Promise), "what is known is answered at once");
    assert.deepEqual([...again.choices], [1, 0]);
    assert.deepEqual(await choicesOf(teacher, at(2), "evaluate"), [1]);
    assert.equal(seen.length, 2);
    assert.equal(teacher.usage().cacheHits, 5);
  }));

Deno.test("chat: samples anew at a temperature, except when it is measured", () =>
  withServer((_, n) => says(n % 2 ? "left" : "right"), async (baseUrl, seen) => {
    const teacher = await open(baseUrl, { temperature: 0.7, concurrency: 1 });
    assert.deepEqual(await choicesOf(teacher, at(1, 1)), [1, 0]);
    assert.deepEqual(seen.map(({ body }) => body.temperature), [0.7, 0.7]);
    assert.deepEqual(await choicesOf(teacher, at(1, 1), "evaluate"), [1, 1]);
    assert.equal(seen.length, 3);
    assert.equal(seen[2]!.body.temperature, 0);
  }));

Deno.test("chat: verdicts stand in the next question, until the episode ends", () =>
  withServer(() => says("left"), async (baseUrl, seen) => {
    const prompt = "{observation}? {feedback}";
    const teacher = await open(baseUrl, { prompt });
    const verdict: Verdicts = {
      signs: Int8Array.of(1, -1, 0, 1),
      strengths: new Float32Array(4),
      words: (i) => i === 1 ? "worse" : "better",
    };
    const guidance = await teacher.advise(at(0, 1, 2, 3), "train");
    const rollout = rolloutOf({
      envs: 4,
      rewards: new Float32Array(4),
      guidance: [guidance],
      truncated: Uint8Array.of(0, 0, 0, 1),
    });
    await teacher.receive({ rollout, verdicts: [verdict] });
    await teacher.advise(at(4, 5, 6, 7), "train");
    assert.deepEqual(seen.slice(4).map(({ question }) => question).sort(), [
      `It is 4 o'clock? "left": better`,
      `It is 5 o'clock? "left": worse`,
      "It is 6 o'clock? none",
      "It is 7 o'clock? none",
    ]);
    await teacher.advise(at(8), "evaluate");
    assert.equal(seen.at(-1)!.question, "It is 8 o'clock? none");
    const deaf = await open(baseUrl, { prompt, feedback: false });
    await deaf.receive({ rollout, verdicts: [verdict] });
    await deaf.advise(at(9), "train");
    assert.equal(seen.at(-1)!.question, "It is 9 o'clock? none");
    assert.deepEqual(deaf.learnsBy, []);
  }));

Deno.test("chat: a server that fails is asked again", () => {
  const failures: Handler[] = [
    () => new Response("busy", { status: 503 }),
    () => new Response("slow down", { status: 429, headers: { "retry-after": "0" } }),
    () => says("right"),
  ];
  return withServer((seen, n) => failures[n]!(seen, n), async (baseUrl, seen) => {
    const { emit, messages } = listener();
    const teacher = await open(baseUrl, {}, { emit });
    assert.deepEqual(await choicesOf(teacher, at(0)), [1]);
    assert.equal(seen.length, 3);
    assert.deepEqual(messages(), []);
  });
});

Deno.test("chat: waits as long as the server asks, and longer from time to time", () =>
  withServer(
    (_, n) =>
      n === 1
        ? new Response("", { status: 429, headers: { "retry-after": "7" } })
        : new Response("", { status: 500 }),
    async (baseUrl) => {
      const slept: number[] = [];
      let time = 0;
      const clock = {
        now: () => time,
        // Time-outs end with their request; only waits between requests pass.
        sleep: (milliseconds: number, signal?: AbortSignal) =>
          new Promise<void>((resolve) => {
            if (milliseconds === 60_000) {
              signal!.addEventListener("abort", () => resolve());
              return;
            }
            slept.push(milliseconds);
            time += milliseconds;
            resolve();
          }),
      };
      const options = { backoff: 0.5, retries: 3, timeout: 60 };
      const teacher = await open(baseUrl, options, { clock });
      await teacher.advise(at(0), "train");
      assert.equal(slept.length, 3);
      assert.ok(slept[0]! >= 250 && slept[0]! <= 500, `${slept}`);
      assert.equal(slept[1], 7000);
      assert.ok(slept[2]! >= 1000 && slept[2]! <= 2000, `${slept}`);
    },
  ));

Deno.test("chat: a server that keeps failing leaves silence and one warning, and is left alone", () =>
  withServer(() => new Response("", { status: 500 }), async (baseUrl, seen) => {
    const { emit, messages } = listener();
    const teacher = await open(baseUrl, { concurrency: 1 }, { emit });
    assert.deepEqual(await choicesOf(teacher, at(0, 1, 2)), [-1, -1, -1]);
    assert.deepEqual(await choicesOf(teacher, at(3)), [-1]);
    assert.equal(seen.length, 3, "one question and its two retries");
    assert.deepEqual(messages(), ["The chat teacher gives no guidance: the server answered 500."]);
    const { calls, requests, unusable } = teacher.usage();
    assert.deepEqual([calls, requests, unusable], [4, 4, 4]);
  }));

Deno.test("chat: asks again after the cool-down", () =>
  withServer(
    (_, n) => n < 1 ? new Response("", { status: 500 }) : says("left"),
    async (baseUrl) => {
      const teacher = await open(baseUrl, { retries: 0, coolDown: 0.02 });
      assert.deepEqual(await choicesOf(teacher, at(0)), [-1]);
      await new Promise((resolve) => setTimeout(resolve, 30));
      assert.deepEqual(await choicesOf(teacher, at(0)), [0]);
    },
  ));

Deno.test("chat: a server that never answers, or stalls within its answer, is timed out", () => {
  const open_: (() => void)[] = [];
  const stalls: Handler[] = [
    () => new Promise((resolve) => open_.push(() => resolve(says("late")))),
    () =>
      new Response(
        new ReadableStream({
          start(controller) {
            controller.enqueue(new TextEncoder().encode('{"choices":'));
            open_.push(() => controller.close());
          },
          cancel: () => {},
        }),
      ),
  ];
  return withServer((seen, n) => stalls[n % 2]!(seen, n), async (baseUrl, seen) => {
    const { emit, messages } = listener();
    const teacher = await open(baseUrl, { timeout: 0.05, retries: 1 }, { emit });
    const started = performance.now();
    assert.deepEqual(await choicesOf(teacher, at(0)), [-1]);
    assert.ok(performance.now() - started < 3000);
    assert.equal(seen.length, 2);
    assert.deepEqual(messages(), [
      'The chat teacher gives no guidance: no answer came within "0.05" seconds.',
    ]);
    for (const end of open_) {
      try {
        end();
      } catch {
        // The client has gone, and its stream with it.
      }
    }
  });
});

Deno.test("chat: a server that lies is asked again, then there is silence", async () => {
  const lies: [lie: () => Response, reason: string][] = [
    [() => new Response("<html>hello</html>"), "the answer is no JSON"],
    [() => Response.json({ choices: [] }), "the answer is no chat completion"],
    [
      () => Response.json({ choices: [{ message: { content: 7 } }] }),
      "the answer is no chat completion",
    ],
    [() => new Response("x".repeat(2 << 20)), "the answer is longer than a megabyte"],
  ];
  for (const [lie, reason] of lies) {
    await withServer(lie, async (baseUrl, seen) => {
      const { emit, messages } = listener();
      const teacher = await open(baseUrl, {}, { emit });
      assert.deepEqual(await choicesOf(teacher, at(0)), [-1], reason);
      assert.equal(seen.length, 3);
      assert.deepEqual(messages(), [`The chat teacher gives no guidance: ${reason}.`]);
    });
  }
});

Deno.test("chat: an answer that names no candidate is silence, and is not asked for again", () =>
  withServer(() => says("I had rather not."), async (baseUrl, seen) => {
    const { emit, messages } = listener();
    const teacher = await open(baseUrl, {}, { emit });
    assert.deepEqual(await choicesOf(teacher, at(0)), [-1]);
    assert.deepEqual(await choicesOf(teacher, at(0)), [-1]);
    assert.equal(seen.length, 1);
    assert.deepEqual(messages(), [
      'The chat teacher gives no guidance: its answer names no candidate, "I had rather not.": ' +
      "change teacher.system and teacher.prompt, or choose another model.",
    ]);
    assert.equal(teacher.usage().unusable, 2);
  }));

Deno.test("chat: a refusal is told at once, without the key", async () => {
  const cases: [status: number, advice: string][] = [
    [401, "the key is not accepted"],
    [403, "the key is not accepted"],
    [404, "the address or the model is wrong"],
    [400, "the request is not accepted; teacher.fields changes what it holds"],
  ];
  Deno.env.set("TANDEM_TEST_KEY", "secret");
  try {
    for (const [status, advice] of cases) {
      await withServer(() => new Response("no\nsuch thing", { status }), async (baseUrl, seen) => {
        const teacher = await open(baseUrl, { keyVariable: "TANDEM_TEST_KEY", concurrency: 2 });
        await assert.rejects(Promise.resolve(teacher.advise(at(0, 1, 2, 3, 4), "train")), {
          code: "E_TEACHER",
          message: 'The chat teacher "m" gives no usable answer any more: the server ' +
            `"${baseUrl}" refuses to serve "m" (${status}): ${advice}. It said "no such thing". ` +
            "The run can be resumed when it does; teacher.required=false goes on without.",
        });
        assert.ok(seen.length <= 4);
      });
    }
  } finally {
    Deno.env.delete("TANDEM_TEST_KEY");
  }
});

Deno.test("chat: a failure ends the run where the options say so", () =>
  withServer(() => new Response("", { status: 500 }), async (baseUrl) => {
    const teacher = await open(baseUrl, { onFailure: "fail", retries: 0 });
    await assert.rejects(Promise.resolve(teacher.advise(at(0), "train")), {
      code: "E_TEACHER",
      message: "The chat teacher gives no guidance: the server answered 500.",
    });
  }));

Deno.test("chat: keeps to its budget of calls and of tokens", () =>
  withServer(() => says("left", 10), async (baseUrl, seen) => {
    const { emit, messages } = listener();
    const byCalls = await open(baseUrl, { budgetCalls: 3, concurrency: 1 }, { emit });
    assert.deepEqual(await choicesOf(byCalls, at(0, 1, 2, 3)), [0, 0, -1, -1]);
    assert.equal(seen.length, 2);
    const byTokens = await open(baseUrl, { budgetTokens: 25, concurrency: 1 }, { emit });
    assert.deepEqual(await choicesOf(byTokens, at(0, 1, 2, 3)), [0, 0, 0, -1]);
    assert.deepEqual(await choicesOf(byTokens, at(0)), [0], "what is known costs nothing");
    assert.deepEqual(messages(), [
      'The chat teacher gives no guidance: the budget of "3" calls is spent.',
      'The chat teacher gives no guidance: the budget of "25" tokens is spent.',
    ]);
  }));

Deno.test("chat: counts four letters a token where the server keeps no account", () =>
  withServer(() => Response.json({ choices: [{ message: { content: "left" } }] }), async (
    baseUrl,
  ) => {
    const teacher = await open(baseUrl);
    await teacher.advise(at(0), "train");
    const { tokens } = teacher.usage();
    assert.ok(tokens > 40 && tokens < 200, `${tokens}`);
  }));

Deno.test("chat: sends so many requests at once and no more", () => {
  let [now, most] = [0, 0];
  return withServer(async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 5));
    now--;
    return says("left");
  }, async (baseUrl) => {
    const teacher = await open(baseUrl, { concurrency: 3 });
    await teacher.advise(at(0, 1, 2, 3, 4, 5, 6, 7), "train");
    assert.equal(most, 3);
  });
});

Deno.test("chat: a stopped run waits for nobody", () => {
  const { promise: stopped, resolve: release } = Promise.withResolvers<void>();
  return withServer(() => stopped.then(() => says("late")), async (baseUrl) => {
    const stop = new AbortController();
    const { emit } = listener();
    const options = { timeout: 60, onFailure: "fail" } as const;
    const teacher = await open(baseUrl, options, { emit, signal: stop.signal });
    const asking = choicesOf(teacher, at(0, 1));
    setTimeout(() => stop.abort(), 20);
    assert.deepEqual(await asking, [-1, -1]);
    assert.deepEqual(await choicesOf(teacher, at(2)), [-1]);
    release();
  });
});

Deno.test("chat: disposing of it breaks off what is on its way", () => {
  const { promise: stopped, resolve: release } = Promise.withResolvers<void>();
  return withServer(() => stopped.then(() => says("late")), async (baseUrl) => {
    const teacher = await open(baseUrl, { timeout: 60 });
    const asking = choicesOf(teacher, at(0));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await teacher.dispose!();
    assert.deepEqual(await asking, [-1]);
    release();
  });
});

Deno.test("chat: a server that is not there leaves silence", async () => {
  const { emit, messages } = listener();
  const probe = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = probe.addr as Deno.NetAddr;
  probe.close();
  const options = { retries: 1, required: false };
  const teacher = await open(`http://127.0.0.1:${port}`, options, { emit });
  assert.deepEqual(await choicesOf(teacher, at(0)), [-1]);
  assert.equal(messages().length, 1);
  assert.match(messages()[0]!, /a test question: the server cannot be reached: .*refused/);
});

Deno.test("chat: goes on exactly from a saved state, its budget too", () =>
  withServer(() => says("right", 10), async (baseUrl, seen) => {
    const one = await open(baseUrl, { budgetCalls: 4 }); // two of them for tests
    await one.advise(at(0), "train");
    const other = await open(baseUrl, { budgetCalls: 4 });
    await other.load!(JSON.parse(JSON.stringify(await one.save!())));
    assert.equal(other.usage().tokens, 10);
    assert.deepEqual(await choicesOf(other, at(0)), [1]);
    assert.equal(seen.length, 1);
    assert.deepEqual(await choicesOf(other, at(1)), [1]);
    assert.deepEqual(await choicesOf(other, at(2)), [-1]);
  }));

Deno.test("chat: says which permission is missing", async () => {
  const script = `
    import { createContext } from ${JSON.stringify(url("core/kit/context.ts"))};
    import { chat } from ${JSON.stringify(url("plugins/teacher/chat/mod.ts"))};
    import { Ticks } from ${JSON.stringify(url("tests/core/stubs.ts"))};
    import { spec } from ${JSON.stringify(url("tests/plugins/moments.ts"))};
    const open = async (keyVariable) => {
      const stage = chat({ model: "m", baseUrl: "http://127.0.0.1:49151", keyVariable });
      const teacher = await stage.create(createContext({ seed: 0 }), { env: spec });
      await teacher.advise(new Ticks(1), "train");
    };
    for (const keyVariable of ["SOME_KEY", ""]) {
      await open(keyVariable).catch((error) => console.log(String(error)));
    }
  `;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, script);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        "--no-check",
        "--config",
        new URL(url("deno.json")).pathname,
        file,
      ],
      stdout: "piped",
      stderr: "piped",
    }).output();
    const [env, net] = new TextDecoder().decode(stdout).trimEnd().split("\n");
    assert.equal(
      env,
      'E_OPTION: The key in "SOME_KEY" may not be read: grant it, by TANDEM_ALLOW=--allow-env=SOME_KEY before the command.',
      new TextDecoder().decode(stderr),
    );
    assert.equal(
      net,
      'E_OPTION: The chat server at "127.0.0.1:49151" may not be reached: grant it, by TANDEM_ALLOW=--allow-net=127.0.0.1:49151 before the command.',
    );
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("chat: keeps a teacher's contract", () =>
  withServer(({ question }) => says(question.includes("left") ? "go left" : "go right"), async (
    baseUrl,
  ) => {
    const stage = chat({ ...HASTE, baseUrl });
    assert.deepEqual(await checkTeacher(stage, { world: corridor() }), []);
  }));

Deno.test("chat: a run with a server that fails now and then ends well", () =>
  withServer(
    ({ question }, n) =>
      n % 5 === 0
        ? new Response("", { status: 502 })
        : n % 7 === 0
        ? says("hm")
        : says(question.includes("is 1") ? "left" : "right", 3),
    async (baseUrl) => {
      const pipeline = stubPipeline([], {
        teacher: chat({ ...HASTE, baseUrl, confidence: 1 }),
        schedule: { iterations: 2, envs: 2, steps: 4 },
      });
      const result = await runPipeline(pipeline, createContext({ seed: 0 }));
      assert.equal(result.iterations, 2);
      assert.ok(result.teacher.calls > 0 && result.teacher.tokens > 0);
      assert.ok(result.states.teacher);
    },
  ));

function url(path: string): string {
  return new URL(`../../../../${path}`, import.meta.url).href;
}
