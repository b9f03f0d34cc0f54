import assert from "node:assert/strict";
import {
  at,
  choicesOf,
  type Handler,
  listener,
  open,
  says,
  type Seen,
  withServer,
} from "./server.ts";

const refuses = (message: string, param: string, status = 400) =>
  Response.json({ error: { message, param, code: "unsupported_parameter" } }, { status });

const has = ({ body }: Seen, field: string) => Object.hasOwn(body, field);

Deno.test("chat: a server that does not take a field of the request is asked without it", async () => {
  const cases: [server: Handler, sent: (seen: Seen) => boolean, note: RegExp][] = [
    [
      (seen) =>
        has(seen, "max_tokens")
          ? refuses("Unsupported parameter: use 'max_completion_tokens' instead.", "max_tokens")
          : says("left"),
      ({ body }) => (body as unknown as Record<string, number>).max_completion_tokens === 16,
      /takes no "max_tokens": "max_completion_tokens" is sent/,
    ],
    [
      (seen) =>
        has(seen, "temperature")
          ? refuses("'temperature' does not support 0 with this model.", "temperature", 422)
          : says("left"),
      (seen) => !has(seen, "temperature"),
      /takes no "temperature"/,
    ],
    [
      ({ body }) =>
        body.messages[0]!.role === "system"
          ? new Response('{"detail":"System role not supported"}', { status: 400 })
          : says("left"),
      ({ body }) => body.messages.length === 1 && body.messages[0]!.content.startsWith("You guide"),
      /takes no message of the system/,
    ],
  ];
  for (const [server, sent, note] of cases) {
    await withServer(server, async (baseUrl, seen) => {
      const { emit, messages } = listener();
      const teacher = await open(baseUrl, { retries: 0 }, { emit });
      assert.deepEqual(await choicesOf(teacher, at(1, 2, 3)), [0, 0, 0]);
      assert.equal(seen.length, 5, "what was refused once is not sent again");
      assert.ok(seen.slice(1).every(sent));
      assert.equal(messages().length, 1);
      assert.match(messages()[0]!, note);
    }, true);
  }
});

Deno.test("chat: a request that is refused whatever is changed is told with the first reason", () =>
  withServer(
    (seen) => refuses("max_tokens and temperature: no", has(seen, "max_tokens") ? "first" : "x"),
    async (
      baseUrl,
      seen,
    ) => {
      await assert.rejects(open(baseUrl), {
        code: "E_TEACHER",
        message: /\(400\).*temperature: no/,
      });
      assert.equal(seen.length, 4);
    },
    true,
  ));

Deno.test("chat: fields of the request are added and left out as the options say", () =>
  withServer(() => says("left"), async (baseUrl, seen) => {
    const fields = { top_p: 0.9, max_tokens: null, temperature: null, seed: null };
    await open(baseUrl, { fields, reasoningEffort: "low" });
    assert.deepEqual(seen[0]!.body as unknown, {
      ...{ model: "m", top_p: 0.9, reasoning_effort: "low" },
      messages: seen[0]!.body.messages,
    });
  }, true));

Deno.test("chat: thoughts, parts and signs are read", async () => {
  const replies: (() => Response)[] = [
    () => says("left? no</think>right"),
    () => says("<|channel|>analysis<|message|>left<|end|><|channel|>final<|message|>right"),
    () =>
      Response.json({
        choices: [{ message: { content: [{ type: "text", text: "right" }] } }],
        usage: { prompt_tokens: 4, completion_tokens: 2 },
      }),
    () => new Response(`\ufeff${'{"choices":[{"message":{"content":"right"}}]}'}\n`),
  ];
  for (const reply of replies) {
    await withServer(reply, async (baseUrl) => {
      assert.deepEqual(await choicesOf(await open(baseUrl), at(0)), [1]);
    });
  }
});

Deno.test("chat: what the server says is wrong is told", async () => {
  const quota = { message: "You exceeded your quota, check your plan", code: "insufficient_quota" };
  const cases: [reply: () => Response, requests: number, said: RegExp][] = [
    [
      () => Response.json({ error: quota }, { status: 429 }),
      1,
      /\(429\).*account.*"You exceeded your quota/,
    ],
    [
      () => Response.json({ error: { message: "slow down" } }, { status: 429 }),
      3,
      /answered 429, "slow down"/,
    ],
    [
      () => Response.json({ error: { message: "context of 4096 exceeded" } }, { status: 500 }),
      3,
      /answered 500, "context of/,
    ],
    [
      () => Response.json({ error: { code: 429, message: "rate-limited upstream" } }),
      3,
      /answered 200, "rate-limited/,
    ],
    [
      () => Response.json({ error: { code: 401, message: "who?" } }),
      1,
      /\(401\): the key is not accepted. It said "who\?"/,
    ],
    [() => Response.json({ error: quota }), 1, /You exceeded/],
    [
      () => new Response("<h1>Bad\nGateway</h1>", { status: 502 }),
      3,
      /answered 502, "Bad Gateway"/,
    ],
    [
      () => new Response(`\x1b]0;x\x07${"y".repeat(1e5)}`, { status: 404 }),
      1,
      /It said "\\x1b\]0;x\\x07y+…"/,
    ],
    [() => new Response("x".repeat(3 << 20), { status: 500 }), 3, /answered 500, "x+…"/],
  ];
  for (const [reply, requests, said] of cases) {
    await withServer(reply, async (baseUrl, seen) => {
      await assert.rejects(open(baseUrl), (error: Error & { code: string }) => {
        assert.equal(error.code, "E_TEACHER");
        assert.match(error.message, said);
        assert.ok(error.message.length < 600);
        return true;
      });
      assert.equal(seen.length, requests);
    }, true);
  }
});

Deno.test("chat: an answer that unpacks to more than a megabyte is given up", () =>
  withServer(
    () => {
      const bomb = new Blob(["x".repeat(1 << 24)]).stream()
        .pipeThrough(new CompressionStream("gzip"));
      return new Response(bomb, { headers: { "content-encoding": "gzip" } });
    },
    async (baseUrl) => {
      await assert.rejects(open(baseUrl, { retries: 0 }), { message: /longer than a megabyte/ });
    },
    true,
  ));
