import assert from "node:assert/strict";
import fc from "fast-check";
import { isLasting, readReply } from "../../../../plugins/teacher/chat/reply.ts";

const completion = (message: unknown, more: object = {}, usage?: unknown) => {
  const reply = readReply(JSON.stringify({ id: "x", choices: [{ message, ...more }], usage }));
  assert.ok("completion" in reply, JSON.stringify(reply));
  return reply.completion;
};

const errorIn = (body: unknown) => {
  const reply = readReply(JSON.stringify(body));
  assert.ok("error" in reply, JSON.stringify(reply));
  return reply.error;
};

Deno.test("readReply() reads what the model said, as a text or in parts", () => {
  const table: [content: unknown, text: string][] = [
    ["go", "go"],
    ["", ""],
    [null, ""],
    [undefined, ""],
    [[], ""],
    [["go"], "go"],
    [[{ type: "text", text: "go" }], "go"],
    [[{ type: "output_text", text: "go " }, { text: "left" }], "go left"],
    [[{ type: "thinking", thinking: [{ type: "text", text: "left?" }] }, {
      type: "text",
      text: "go",
    }], "go"],
    [[{ type: "reasoning", text: "left?" }, { type: "text", text: "go" }], "go"],
    [[null, 3, { type: "text", text: 3 }, { type: "text", text: "go" }], "go"],
  ];
  for (const [content, text] of table) assert.equal(completion({ content }).text, text);
});

Deno.test("readReply() tells why there is no answer", () => {
  assert.equal(completion({ content: null }, { finish_reason: "length" }).finish, "length");
  assert.equal(completion({ content: null, tool_calls: [{ id: "1" }] }).callsTool, true);
  assert.equal(completion({ content: null, function_call: { name: "act" } }).callsTool, true);
  assert.equal(completion({ content: "go", tool_calls: null }).callsTool, false);
  assert.equal(completion({ content: null, refusal: "I will not" }).refusal, "I will not");
  assert.equal(completion({ content: [{ type: "refusal", refusal: "No" }] }).refusal, "No");
});

Deno.test("readReply() reads what it cost", () => {
  const table: [usage: unknown, tokens: number | undefined][] = [
    [{ total_tokens: 12 }, 12],
    [{ prompt_tokens: 9, completion_tokens: 1 }, 10],
    [{ total_tokens: -5 }, undefined],
    [{ total_tokens: "many" }, undefined],
    [{}, undefined],
    [null, undefined],
    ["none", undefined],
    [undefined, undefined],
  ];
  for (const [usage, tokens] of table) {
    assert.equal(completion({ content: "go" }, {}, usage).tokens, tokens);
  }
});

Deno.test("readReply() passes over a byte order mark and what it does not know", () => {
  const body = JSON.stringify({ choices: [{ message: { content: "go" }, logprobs: null }], x: [] });
  assert.ok("completion" in readReply(`\ufeff${body}\n\n`));
});

Deno.test("readReply() puts the pieces of a stream together", () => {
  const piece = (delta: object, more: object = {}) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta, ...more }] })}`;
  const body = [
    ": comment",
    piece({ role: "assistant", content: "" }),
    piece({ content: "go" }),
    "data: broken {",
    piece({ content: " left" }, { finish_reason: "stop" }),
    'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2}}',
    "data: [DONE]",
  ];
  for (const end of ["\n\n", "\r\n\r\n"]) {
    const reply = readReply(`\ufeff${body.join(end)}${end}`);
    assert.ok("completion" in reply, JSON.stringify(reply));
    const { text, finish, tokens, written, isStreamed } = reply.completion;
    assert.deepEqual([text, finish, tokens, written, isStreamed], ["go left", "stop", 9, 2, true]);
  }
  const refused = readReply([piece({ refusal: "I " }), piece({ refusal: "won't" })].join("\n\n"));
  assert.ok("completion" in refused && refused.completion.refusal === "I won't");
  assert.ok("error" in readReply('data: {"error":{"message":"overloaded"}}\n\n'));
});

Deno.test("readReply() finds the error in all the forms in which servers send it", () => {
  const bodies: unknown[] = [
    { error: { message: "no such model", code: "model_not_found" } },
    { error: "no such model" },
    { message: "no such model", statusCode: 404 },
    { detail: "no such model" },
    { detail: [{ loc: ["body"], msg: "no such model" }] },
    { errors: [{ message: "no such model" }] },
    [{ error: { code: 404, message: "no such model", status: "NOT_FOUND" } }],
    { object: "error", message: "no such model", type: "NotFoundError", code: 404 },
    { choices: [{ error: { code: 502, message: "no such model" }, message: { content: "" } }] },
    { error: { message: "no such model" }, choices: [{ message: { content: "go" } }] },
  ];
  for (const body of bodies) assert.equal(errorIn(body).message, "no such model");
  assert.equal(errorIn({ error: { code: 429, message: "slow down" } }).code, "429");
  assert.ok("completion" in readReply('{"choices":[{"message":{"content":"go"}}],"error":null}'));
});

Deno.test("readReply() says what is wrong with anything else", () => {
  for (const body of ["", "<html>"]) {
    assert.deepEqual(readReply(body), { nonsense: "the answer is no JSON" });
  }
  for (
    const body of [
      ...["null", "[]", "{}", "7", '{"choices":[]}', '{"choices":[{}]}', '{"error":{}}'],
      '{"choices":[{"message":{"content":7}}]}',
      ...["data: {}", "data: [DONE]", ": waiting\n\n", "event: error\n"],
    ]
  ) {
    assert.deepEqual(readReply(body), { nonsense: "the answer is no chat completion" }, body);
  }
});

Deno.test("readReply() survives any body", () => {
  fc.assert(fc.property(fc.json(), (body) => void readReply(body)));
  const message = fc.record({
    content: fc.jsonValue(),
    refusal: fc.jsonValue(),
    tool_calls: fc.jsonValue(),
  });
  fc.assert(fc.property(message, fc.jsonValue(), (message, usage) => {
    const reply = readReply(JSON.stringify({ choices: [{ message }], usage }));
    if (!("completion" in reply)) return;
    assert.equal(typeof reply.completion.text, "string");
    assert.equal(typeof reply.completion.refusal, "string");
  }));
  readReply("[".repeat(1 << 20));
  readReply(`{"error":${'{"error":'.repeat(10_000)}1${"}".repeat(10_001)}`);
});

Deno.test("isLasting() knows what no waiting helps", () => {
  const lasting = (message: string, code = "") => isLasting({ message, code, param: "" });
  assert.ok(lasting("You exceeded your quota", "insufficient_quota"));
  assert.ok(lasting("Insufficient Balance"));
  assert.ok(lasting("no", "402"));
  assert.ok(!lasting("Rate limit reached", "rate_limit_exceeded"));
  assert.ok(!lasting("busy"));
});
