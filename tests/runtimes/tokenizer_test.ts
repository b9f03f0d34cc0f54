import assert from "node:assert/strict";
import { join } from "node:path";
import { TandemError } from "../../core/base/errors.ts";
import { Pcg64 } from "../../core/kit/random.ts";
import { isTame, readTokenizer } from "../../runtimes/tokenizer/tokenizer.ts";
import { fixtureDir } from "./language_model/fixtures.ts";

type Json = Record<string, unknown>;

async function definitionOf(name: "t5-v1_1" | "gpt2" | "llama"): Promise<Json> {
  return JSON.parse(await Deno.readTextFile(join(fixtureDir(name), "tokenizer.json")));
}

async function withDefinition<T>(
  definition: unknown,
  work: (dir: string) => Promise<T>,
): Promise<T> {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(dir, "tokenizer.json"), JSON.stringify(definition));
    return await work(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("readTokenizer() encodes with and without the template's tokens, and decodes", async () => {
  const t5 = await readTokenizer(fixtureDir("t5-v1_1"));
  // The ids are those of tokenizers 0.22 in Python.
  assert.deepEqual(t5.encode("turn left"), [33, 134, 79, 107, 15, 1]);
  assert.deepEqual(t5.encode("turn left", { special: false }), [33, 134, 79, 107, 15]);
  assert.equal(t5.decode([33, 134, 79, 107, 15, 1]), "turn left");
  assert.equal(t5.decode([33, 1], { special: true }).endsWith("</s>"), true);
  assert.equal(t5.decode([]), "");
  assert.equal(t5.token(1), "</s>");
  assert.equal(t5.id("</s>"), 1);
  assert.equal(t5.size, 138);
  assert.equal(t5.unknown, 2);
});

Deno.test("readTokenizer() keeps a first space exactly where the original does", async () => {
  const definition = await definitionOf("t5-v1_1");
  const decoded = (scheme: string) =>
    withDefinition(
      { ...definition, decoder: { type: "Metaspace", replacement: "▁", prepend_scheme: scheme } },
      async (dir) => {
        const tokenizer = await readTokenizer(dir);
        return tokenizer.decode([tokenizer.id("▁You")!, tokenizer.id("▁a")!]);
      },
    );
  assert.equal(await decoded("never"), " You a");
  assert.equal(await decoded("always"), "You a");
});

Deno.test("isTame() passes the expressions of published tokenizers", () => {
  for (
    const source of [
      String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`,
      String
        .raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
      String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}]*[\p{Ll}\p{M}]+(?i:'s|'t)?|\p{N}| ?[^\s]+[\r\n/]*`,
      " {2,}",
      String.raw`\(\+|[(+*]+`,
      "(?:ab)+",
      "(?:a|b){1,3}",
      String.raw`\d{1,3}(?=(?:\d{3})*\b)`,
      String
        .raw`[!-/][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+`,
    ]
  ) assert.ok(isTame(source), source);
});

Deno.test("isTame() refuses expressions that take exponential time, or high powers of the length", () => {
  for (
    const source of [
      ...["(a+)+$", "(x+x+)+y", "(a|aa)+$", "((ab)*c*)*", "(?:a|b){3,}", "(a*)*"],
      ...["(a|aa){30}b", "(a?a+){1,40}b", "((a|b))+c*d", "(((a|aa){4}){4}){4}"],
      ...[
        ".*.*.*=",
        "a*(b*|c*)d*",
        "a?".repeat(30) + "a".repeat(30),
        "(a|aa)".repeat(29),
        "(a*)(a*)(a*)$",
      ],
    ]
  ) assert.ok(!isTame(source), source);
});

Deno.test("An expression that isTame() passes ends soon on the worst of texts", () => {
  const random = new Pcg64(11);
  const parts = ["a", "(", ")", "|", "*", "+", "?", "{3}", "{2,}", "b", ".", "(?:", "[ab]"];
  const text = "a".repeat(200) + "!";
  let tried = 0;
  for (let trial = 0; trial < 20_000 && tried < 400; trial++) {
    const count = random.integers(3, 12);
    const source = Array.from({ length: count }, () => parts[random.integers(0, parts.length)])
      .join("") + "$";
    if (!isTame(source)) continue;
    let expression: RegExp;
    try {
      expression = new RegExp(source, "gu");
    } catch {
      continue;
    }
    if (!/[*+{]/.test(source)) continue;
    // What takes exponential time never comes back from here.
    text.match(expression);
    tried++;
  }
  assert.equal(tried, 400);
});

interface Golden {
  readonly name: string;
  readonly definition: { readonly base?: "t5-v1_1" | "gpt2" | "llama"; readonly change: Json };
  readonly rows: readonly {
    readonly text: string;
    readonly plain: number[];
    readonly special: number[];
    readonly decoded: string;
    readonly shown: string;
  }[];
}

async function golden(): Promise<Golden[]> {
  const file = await Deno.open(new URL("../fixtures/tokenizers/golden.json.gz", import.meta.url));
  return await new Response(file.readable.pipeThrough(new DecompressionStream("gzip"))).json();
}

Deno.test("readTokenizer() gives the ids and texts of the Rust library, part by part", async (t) => {
  const all = await golden();
  assert.ok(all.length > 100);
  for (const { name, definition: { base, change }, rows } of all) {
    // An alternation that is repeated may run for ever elsewhere, and is refused.
    if (name === "regex (?:a|b)+") continue;
    await t.step(name, async () => {
      const definition = base ? { ...await definitionOf(base), ...change } : change;
      await withDefinition(definition, async (dir) => {
        const tokenizer = await readTokenizer(dir);
        for (const { text, ...expected } of rows) {
          const special = tokenizer.encode(text);
          const actual = {
            plain: tokenizer.encode(text, { special: false }),
            special,
            decoded: tokenizer.decode(expected.special),
            shown: tokenizer.decode(expected.special, { special: true }),
          };
          assert.deepEqual(actual, expected, JSON.stringify(text));
        }
      });
    });
  }
});

Deno.test("The shipped teacher's tokenizer keeps what its file keeps", async () => {
  const tokenizer = await readTokenizer("models/tandem-t5-babyai");
  const encode = (text: string) => tokenizer.encode(text, { special: false });
  // A joiner is no space to NFKC: it is a character that no token covers.
  assert.ok(encode("a\u200db").includes(tokenizer.unknown!));
  assert.deepEqual(encode("a\u0085b"), encode("a b"));
  assert.deepEqual(encode(" a  b "), encode("a b"));
});

const hostile: [string, (definition: Json) => Json, RegExp][] = [
  ["an expression without end", (definition) => ({
    ...definition,
    normalizer: { type: "Replace", pattern: { Regex: "(a+)+$" }, content: "" },
  }), /"\(a\+\)\+\$" could run for ever/],
  ["an id beyond all vocabularies", (definition) => ({
    ...definition,
    added_tokens: [{ id: 1e9, content: "<big>" }],
  }), /it has the id "1000000000"/],
  ["an id that is none", (definition) => ({
    ...definition,
    added_tokens: [{ id: "one", content: "<odd>" }],
  }), /it has the id "one"/],
  ["an unknown model", (definition) => ({ ...definition, model: { type: "Oracle" } }), /no usable/],
  ["a pre-tokenizer that is not known", (definition) => ({
    ...definition,
    pre_tokenizer: { type: "UnicodeScripts" },
  }), /its pre-tokenizer "UnicodeScripts" is none that Tandem knows/],
  ["a normalizer that is not known", (definition) => ({
    ...definition,
    normalizer: { type: "Sequence", normalizers: [{ type: "NFC" }, { type: "\x1b[2J" }] },
  }), /its normalizer "\\x1b\[2J" is none that Tandem knows/],
  ["a behaviour that is not known", (definition) => ({
    ...definition,
    pre_tokenizer: { type: "Split", pattern: { String: " " }, behavior: "Doubled" },
  }), /its pre-tokenizer "Split" has "Doubled" for "behavior"/],
  ["a model that draws", ({ model, ...definition }) => ({
    ...definition,
    model: { ...model as Json, dropout: 0.1 },
  }), /its model "BPE" has 0\.1 for "dropout"; 0 is needed/],
  ["an expression that JavaScript cannot do", (definition) => ({
    ...definition,
    normalizer: { type: "Replace", pattern: { Regex: "(a)\\1" }, content: "" },
  }), /"\\1" is not known/],
  ["words without one for the unknown", (definition) => ({
    ...definition,
    model: { type: "WordLevel", unk_token: "<unk>", vocab: { a: 0 } },
    pre_tokenizer: { type: "Whitespace" },
    post_processor: null,
    added_tokens: [],
  }), /no token of it covers "b", and it has none for the unknown/],
  ["a merge of a token that is missing", (definition) => ({
    ...definition,
    model: { type: "BPE", vocab: { a: 0, b: 1 }, merges: ["a b"] },
  }), /its merge of "a" and "b" needs the token "ab"/],
  ["an unknown id beyond the tokens", (definition) => ({
    ...definition,
    model: { type: "Unigram", unk_id: 7, vocab: [["a", 0]] },
  }), /its "unk_id" is "7"/],
  ["texts that grow without end", (definition) => ({
    ...definition,
    normalizer: {
      type: "Sequence",
      normalizers: Array(3).fill({
        type: "Replace",
        pattern: { String: "a" },
        content: "a".repeat(1000),
      }),
    },
  }), /makes a text of more than 16777216 characters/],
  ["a charsmap that is damaged", (definition) => ({
    ...definition,
    normalizer: { type: "Precompiled", precompiled_charsmap: "AAAA" },
  }), /its charsmap is damaged/],
  ["parts too deep within each other", (definition) => {
    let normalizer: unknown = { type: "NFC" };
    for (let i = 0; i < 50; i++) normalizer = { type: "Sequence", normalizers: [normalizer] };
    return { ...definition, normalizer };
  }, /lie too deep within each other/],
  ["a template of two texts", (definition) => ({
    ...definition,
    post_processor: {
      type: "TemplateProcessing",
      single: [{ Sequence: { id: "B", type_id: 0 } }],
      special_tokens: {},
    },
  }), /asks for a second one/],
  ["no model", ({ model: _, ...definition }) => definition, /no usable tokenizer/],
  [
    "a decoder that is none",
    (definition) => ({ ...definition, decoder: { type: 7 } }),
    /no usable/,
  ],
];

for (const [name, change, message] of hostile) {
  Deno.test(`readTokenizer() refuses ${name}`, async () => {
    const definition = change(await definitionOf("gpt2"));
    await withDefinition(definition, (dir) =>
      assert.rejects(readTokenizer(dir), (error) => {
        assert.ok(error instanceof TandemError && error.code === "E_TOKENIZER", String(error));
        assert.match(error.message, message);
        return true;
      }));
  });
}

/** A copy of a value with one place in it changed at random. */
function mutated(value: unknown, random: Pcg64, depth = 0): unknown {
  const odd = [null, -1, 1e9, "", "x", [], {}, true, { Regex: "(a+)+" }, "\ud800"];
  const entries = typeof value === "object" && value !== null ? Object.keys(value) : [];
  if (entries.length === 0 || (depth > 0 && random.integers(0, 4) === 0)) {
    return odd[random.integers(0, odd.length)];
  }
  const key = entries[random.integers(0, entries.length)]!;
  const copy = Array.isArray(value) ? [...value] : { ...value as Json };
  (copy as Json)[key] = mutated((value as Json)[key], random, depth + 1);
  return copy;
}

Deno.test("readTokenizer() survives changed definitions", async () => {
  const random = new Pcg64(3);
  const definitions = [await definitionOf("gpt2"), await definitionOf("t5-v1_1")];
  let usable = 0;
  for (let trial = 0; trial < 60; trial++) {
    const definition = mutated(definitions[trial % 2]!, random);
    await withDefinition(definition, async (dir) => {
      try {
        const tokenizer = await readTokenizer(dir);
        tokenizer.decode(
          tokenizer.encode("You see a red ball, é漢 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"),
        );
        usable++;
      } catch (error) {
        assert.ok(error instanceof TandemError && error.code === "E_TOKENIZER", String(error));
      }
    });
  }
  assert.ok(usable > 5 && usable < 55, `${usable} of 60 were usable`);
});
