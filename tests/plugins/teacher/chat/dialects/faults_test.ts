import assert from "node:assert/strict";
import { at, choicesOf, type Handler, listener, open, says, withServer } from "../server.ts";

const sends = (event: object) => `data: ${JSON.stringify(event)}\n\n`;

/** An answer as a stream, piece by piece, as servers send it. */
const streams = (...contents: string[]) =>
  new Response(
    [
      ": OPENROUTER PROCESSING\n\n",
      ...contents.map((content) => sends({ choices: [{ index: 0, delta: { content } }] })),
      sends({
        choices: [{ index: 0, delta: {}, finish_reason: "stop" }],
        usage: { total_tokens: 5 },
      }),
      "data: [DONE]\n\n",
    ].join(""),
    { headers: { "content-type": "text/event-stream" } },
  );

const message = (message: object, more: object = {}) =>
  Response.json({ choices: [{ index: 0, message: { role: "assistant", ...message }, ...more }] });

const refuses = (error: object, status = 400) => Response.json({ error }, { status });

const mute = (why: string) => `The chat teacher gives no guidance: ${why}.`;

interface Case {
  /** Whose fault it is, and which. */
  readonly name: string;
  readonly server: Handler;
  readonly choice: number;
  readonly said: readonly string[];
  readonly options?: Parameters<typeof open>[1];
}

const CASES: readonly Case[] = [
  {
    name: "a server that streams although none asked for it",
    server: () => streams("ri", "ght"),
    choice: 1,
    said: [
      'The chat server "SERVER" streams its answers although none asked for that: their pieces are ' +
      "put together.",
    ],
  },
  {
    name: "Azure: a question that its filter withholds",
    server: () =>
      refuses({
        message:
          "The response was filtered due to the prompt triggering content management policy.",
        ...{ param: "prompt", code: "content_filter", status: 400 },
        innererror: { code: "ResponsibleAIPolicyViolation" },
      }),
    choice: -1,
    said: [
      mute(
        'the server withholds its answer (finish_reason "content_filter"): change teacher.system ' +
          "and teacher.prompt, or choose another server",
      ),
    ],
  },
  {
    name: "Azure: max_tokens is refused",
    server: ({ body }) =>
      "max_tokens" in body
        ? refuses({
          message: "Unsupported parameter: 'max_tokens' is not supported with this model. Use " +
            "'max_completion_tokens' instead.",
          ...{ param: "max_tokens", code: "unsupported_parameter" },
        })
        : says("right"),
    choice: 1,
    said: [
      'The chat server "SERVER" takes no "max_tokens": "max_completion_tokens" is sent in its place.',
    ],
  },
  {
    name: "a server that takes no seed",
    server: ({ body }) =>
      "seed" in body
        ? Response.json({ detail: [{ loc: ["body", "seed"], msg: "Extra inputs: seed" }] }, {
          status: 422,
        })
        : says("right"),
    choice: 1,
    said: [
      'The chat server "SERVER" takes no "seed": none is sent, and what it draws cannot be drawn again.',
    ],
  },
  {
    name: "a model that does not think",
    server: ({ body }) =>
      "reasoning_effort" in body
        ? refuses({ message: "Unrecognized request argument supplied: reasoning_effort" })
        : says("right"),
    choice: 1,
    options: { reasoningEffort: "low" },
    said: [
      'The chat server "SERVER" takes no "reasoning_effort": none is sent, and it thinks as it likes.',
    ],
  },
  {
    name: "OpenAI: a refusal",
    server: () => message({ content: null, refusal: "I can't assist." }),
    choice: -1,
    said: [
      mute(
        'it refuses to answer, "I can\'t assist.": change teacher.system and teacher.prompt, or ' +
          "choose another model",
      ),
    ],
  },
  {
    name: "Ollama: a tool call",
    server: () =>
      message({
        content: "",
        tool_calls: [{ id: "1", type: "function", function: { name: "move", arguments: "{}" } }],
      }, { finish_reason: "tool_calls" }),
    choice: -1,
    said: [
      mute(
        "it calls a tool in place of an answer: take the tools away where the model is served, or " +
          "choose a model that answers in words",
      ),
    ],
  },
  {
    name: "LM Studio: null content of a reasoning model",
    server: () =>
      message({ content: null, reasoning_content: "left or" }, { finish_reason: "length" }),
    choice: -1,
    said: [
      mute(
        'its answer was cut off after "16" tokens (finish_reason "length"): raise ' +
          "teacher.maxTokens, or switch the model's thinking off (teacher.fields)",
      ),
    ],
  },
  {
    name: "vLLM: thoughts without an opening tag, and parts",
    server: () => message({ content: [{ type: "text", text: "left?</think>\n\nright" }] }),
    choice: 1,
    said: [],
  },
];

Deno.test("chat: the faults of servers are survived, each with one sentence", async (test) => {
  for (const { name, server, choice, said, options } of CASES) {
    await test.step(name, () =>
      withServer(server, async (baseUrl) => {
        const { emit, messages } = listener();
        const teacher = await open(baseUrl, options, { emit });
        assert.deepEqual(await choicesOf(teacher, at(1, 2, 3)), [choice, choice, choice]);
        assert.deepEqual(messages().map((each) => each.replace(baseUrl, "SERVER")), said);
      }));
  }
});

Deno.test("chat: a stream that ends within an error is asked for again", () =>
  withServer(
    (_, n) =>
      n === 0 ? new Response(sends({ error: { message: "overloaded" } })) : streams("right"),
    async (baseUrl, seen) => {
      assert.deepEqual(await choicesOf(await open(baseUrl), at(0)), [1]);
      assert.equal(seen.length, 2);
    },
  ));
