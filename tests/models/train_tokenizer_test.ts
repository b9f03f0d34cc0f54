import assert from "node:assert/strict";
import { makeTokenizer } from "../../models/train_tokenizer.ts";
import { readTokenizer, type Tokenizer } from "../../runtimes/tokenizer/tokenizer.ts";

const CORPUS = ["goal: go to the red ball see: a red ball last: none act:", "go forward"];

async function tokenizer(mostWords?: number): Promise<Tokenizer> {
  const dir = await Deno.makeTempDir();
  for (const [name, content] of Object.entries(makeTokenizer(CORPUS, mostWords))) {
    await Deno.writeTextFile(`${dir}/${name}`, JSON.stringify(content));
  }
  const made = await readTokenizer(dir);
  await Deno.remove(dir, { recursive: true });
  return made;
}

Deno.test("makeTokenizer() has T5's special tokens and ends texts with </s>", async () => {
  const made = await tokenizer();
  assert.deepEqual([0, 1, 2].map((id) => made.token(id)), ["<pad>", "</s>", "<unk>"]);
  assert.equal(made.encode("go forward").at(-1), 1);
  assert.equal(made.encode("go forward", { special: false }).includes(1), false);
});

Deno.test("makeTokenizer() gives a word of its corpus one piece, marks their own", async () => {
  const made = await tokenizer();
  const pieces = (text: string) =>
    made.encode(text, { special: false }).map((id) => made.token(id));
  assert.deepEqual(pieces("goal: go to the red ball"), [
    ...["▁goal", ":", "▁go", "▁to", "▁the", "▁red", "▁ball"],
  ]);
});

Deno.test("makeTokenizer() spells what it does not know and gives it back", async () => {
  const made = await tokenizer();
  for (
    const text of [
      "Put the pumpkin (no. 7) next to the red ball, please!",
      "{'x': [1, 2]} ~ C:\\dir | 100 % `a` = \"b\"; #1 <c> @ d^e & f?",
      "go",
    ]
  ) {
    const ids = made.encode(text);
    assert.equal(ids.includes(2), false, "no unknown token");
    assert.equal(made.decode(ids), text);
  }
  assert.equal(made.encode("go 火").includes(2), true);
});

Deno.test("makeTokenizer() evens out spaces and widths as T5 does", async () => {
  const made = await tokenizer();
  assert.deepEqual(made.encode("  go \n\t forward "), made.encode("go forward"));
  assert.deepEqual(made.encode("ｇｏ"), made.encode("go"));
});

Deno.test("makeTokenizer() keeps the most frequent words", async () => {
  const made = await tokenizer(3);
  // "ball", "red" and "go" occur twice, as ":" does four times; "ball" < "go" < "red".
  assert.equal(made.id(":") !== undefined && made.id("▁ball") !== undefined, true);
  assert.equal(made.id("▁goal"), undefined);
});
