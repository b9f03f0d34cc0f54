import assert from "node:assert/strict";
import { TandemError } from "../../core/base/errors.ts";
import { type ChatMessage, readChatTemplate } from "../../runtimes/chat_template/mod.ts";

const FIXTURES = new URL("../fixtures/chat-templates/", import.meta.url);
const SYSTEM: ChatMessage = { role: "system", content: "Be brief." };
const USER: ChatMessage = { role: "user", content: "left or right?" };

interface Golden {
  readonly conversations: Readonly<Record<string, readonly ChatMessage[]>>;
  /** What transformers renders; null where a template refuses. */
  readonly golden: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
}

async function withFolder<T>(
  files: Readonly<Record<string, string>>,
  work: (dir: string) => Promise<T>,
): Promise<T> {
  const dir = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${dir}/${name}`, text);
    }
    return await work(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** A template, in a folder with the tokens of the golden file. */
function templateOf(source: string, config: object = {}) {
  const tokens = { bos_token: { content: "<s>" }, eos_token: "</s>" };
  const files = {
    "tokenizer_config.json": JSON.stringify({ ...tokens, chat_template: source, ...config }),
  };
  return withFolder(files, readChatTemplate);
}

/** A conversation whose system text stands before that of the first user. */
function merged([system, user, ...rest]: readonly ChatMessage[]): ChatMessage[] {
  return [{ role: "user", content: `${system!.content}\n\n${user!.content}` }, ...rest];
}

const { conversations, golden }: Golden = JSON.parse(
  await Deno.readTextFile(new URL("golden.json", FIXTURES)),
);

for (const [name, rendered] of Object.entries(golden)) {
  Deno.test(`readChatTemplate() renders as transformers does: ${name}`, async () => {
    const source = await Deno.readTextFile(new URL(`${name}.jinja`, FIXTURES));
    const template = (await templateOf(source))!;
    for (const [what, messages] of Object.entries(conversations)) {
      const expected = rendered[what];
      if (typeof expected === "string") {
        // A model that would begin to think is told that it has thought.
        const closed = expected.replace(/<think>\n$/, "<think>\n</think>\n\n");
        assert.equal(template.render(messages), closed, what);
      } else if (messages[0]!.role === "system") {
        assert.equal(template.render(messages), template.render(merged(messages)), what);
      } else {
        assert.throws(() => template.render(messages), /must alternate.*; without it the model is/);
      }
    }
  });
}

Deno.test("readChatTemplate() says what a template leaves out to the first user", async () => {
  const source = "{% for m in messages if m.role != 'system' %}[{{ m.content }}]{% endfor %}";
  const template = await templateOf(source);
  assert.equal(template!.render([SYSTEM, USER]), "[Be brief.\n\nleft or right?]");
});

Deno.test("readChatTemplate() takes the file of its own, the default of a list, or nothing", async () => {
  const config = (chat_template: unknown) => ({
    "tokenizer_config.json": JSON.stringify({ chat_template }),
  });
  const rendered = (files: Readonly<Record<string, string>>) =>
    withFolder(files, async (dir) => (await readChatTemplate(dir))?.render([USER]));
  const list = [{ name: "tool_use", template: "tools" }, { name: "default", template: "talk" }];
  assert.equal(await rendered(config(list)), "talk");
  assert.equal(await rendered({ ...config("inner"), "chat_template.jinja": "outer" }), "outer");
  assert.equal(await rendered(config(list.slice(0, 1))), undefined);
  assert.equal(await rendered(config(null)), undefined);
  assert.equal(await rendered({}), undefined);
});

Deno.test("readChatTemplate() finds tokens in special_tokens_map.json, and one day for every day", async () => {
  const files = {
    "special_tokens_map.json": JSON.stringify({ bos_token: "<b>", pad_token: null }),
    "chat_template.jinja":
      "{{ bos_token }}{{ strftime_now('%d %b %Y') }}{{ 'padded' if pad_token is defined }}",
  };
  const text = await withFolder(
    files,
    async (dir) => (await readChatTemplate(dir))!.render([USER]),
  );
  assert.equal(text, "<b>26 Jul 2024");
});

const REFUSED: Readonly<Record<string, readonly [source: unknown, why: RegExp]>> = {
  "no text": [7, /cannot be read; a text/],
  "a list of something else": [[{ name: "default" }], /cannot be read; a text/],
  "more than is read": [" ".repeat(2 ** 18 + 1), /more than 262144 characters/],
  "no template": ["{% if %}", /cannot be used: /],
  "a loop without an end in sight": [
    "{% for a in range(9999) %}{% for b in range(9999) %}{{ b }}{% endfor %}{% endfor %}",
    /computes without an end/,
  ],
  "a range beyond all conversations": ["{{ range(1000000000) }}", /range that is too long/],
  "a range of steps of nothing": ["{{ range(1, 2, 0) }}", /range that is too long/],
  "texts that double": [
    "{% set n = namespace(x='ab') %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}",
    /text that is too long/,
  ],
  "lists that double": [
    "{% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}",
    /computes without an end/,
  ],
  "lists of themselves many times over": [
    "{% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}",
    /computes without an end/,
  ],
  "replacements that grow": [
    "{% set n = namespace(x='aaaaaaaa') %}{% for i in range(9) %}{% set n.x = n.x.replace('a', n.x) %}{% endfor %}",
    /text that is too long|than can be worked on/,
  ],
  "a macro of itself": [
    "{% macro m(f) %}{{ f(f) }}{% endmacro %}{{ m(m) }}",
    /than can be worked on/,
  ],
  "brackets without an end": [`{{ ${"(".repeat(50_000)} }}`, /cannot be used/],
  "an error of its own": ["{{ raise_exception('\x1b[2J no') }}", /: \\x1b\[2J no; without it/],
};

for (const [what, [source, why]] of Object.entries(REFUSED)) {
  Deno.test(`readChatTemplate() refuses ${what} in one sentence`, async () => {
    const config = { chat_template: source };
    await assert.rejects(templateOf("", config), (error) => {
      assert.ok(error instanceof TandemError && error.code === "E_TOKENIZER", String(error));
      assert.match(error.message, why);
      assert.ok(!/\p{Cc}/u.test(error.message), error.message);
      return true;
    });
  });
}
