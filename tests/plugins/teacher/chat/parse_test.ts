import assert from "node:assert/strict";
import fc from "fast-check";
import { parseAnswer, parseCompletion } from "../../../../plugins/teacher/chat/parse.ts";

const candidates = ["turn left", "turn right", "go forward", "pick up", "drop", "toggle", "go"];

Deno.test("parseAnswer() finds the candidate in what models say", () => {
  const table: [answer: string, candidate: string][] = [
    ["go forward", "go forward"],
    ["  Go Forward.\n", "go forward"],
    ["**turn left**", "turn left"],
    ['{"action": "pick up"}', "pick up"],
    ["`toggle`", "toggle"],
    ["I would turn right here.", "turn right"],
    ["Answer: drop", "drop"],
    ["Go_forward", "go forward"],
    ["go", "go"],
    ["I would go, and go again.", "go"],
    ["<think>turn left? no, drop</think>\n\ngo forward", "go forward"],
    ["<THINK>turn left</THINK> drop", "drop"],
    ["Not turn left: there is a wall.\nSo: turn right", "turn right"],
  ];
  for (const [answer, candidate] of table) {
    assert.equal(parseAnswer(answer, candidates), candidates.indexOf(candidate), answer);
  }
});

Deno.test("parseAnswer() finds nothing where nothing or too much is named", () => {
  const table = [
    "",
    "I cannot say.",
    "turn left or turn right",
    "forwards",
    "dropped",
    "gopher",
    "<think>turn left",
    "turn left\nor rather turn right, or drop",
  ];
  for (const answer of table) assert.equal(parseAnswer(answer, candidates), -1, answer);
});

Deno.test("parseAnswer() takes the first of equal candidates, and other scripts", () => {
  assert.equal(parseAnswer("go", ["go", "Go!"]), 0);
  assert.equal(parseAnswer("Va à gauche !", ["va à droite", "va à gauche"]), 1);
  assert.equal(parseAnswer("anything", ["...", ""]), -1);
});

Deno.test("parseAnswer() survives any answer", () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string(), { maxLength: 4 }), (answer, names) => {
      const found = parseAnswer(answer, names);
      assert.ok(Number.isInteger(found) && found >= -1 && found < names.length);
    }),
  );
});

Deno.test("parseCompletion() reads the answer and what it cost", () => {
  const completion = (content: unknown, usage?: unknown) =>
    parseCompletion(
      JSON.stringify({ id: "x", choices: [{ index: 0, message: { content } }], usage }),
    );
  assert.deepEqual(completion("go", { total_tokens: 12 }), { text: "go", tokens: 12 });
  assert.deepEqual(completion("go"), { text: "go", tokens: undefined });
  assert.deepEqual(completion("go", null), { text: "go", tokens: undefined });
  assert.deepEqual(completion("go", { total_tokens: -5 }), { text: "go", tokens: undefined });
  assert.deepEqual(completion(null), { text: "", tokens: undefined });
  assert.equal(completion(3), "the answer is no chat completion");
});

Deno.test("parseCompletion() says what is wrong with anything else", () => {
  assert.equal(parseCompletion(""), "the answer is no JSON");
  assert.equal(parseCompletion("<html>"), "the answer is no JSON");
  for (const body of ["null", "[]", "{}", '{"choices":[]}', '{"choices":[{}]}']) {
    assert.equal(parseCompletion(body), "the answer is no chat completion", body);
  }
});
