import assert from "node:assert/strict";
import fc from "fast-check";
import { matchCandidate } from "../../core/kit/answer_match.ts";

const candidates = ["turn left", "turn right", "go forward", "pick up", "drop", "toggle", "go"];

Deno.test("matchCandidate() finds the candidate in what models say", () => {
  const table: [answer: string, candidate: string][] = [
    ["go forward", "go forward"],
    ["  Go Forward.\n", "go forward"],
    ["**turn left**", "turn left"],
    ['{"action": "pick up"}', "pick up"],
    ['{"action": "drop", "reason": "turn left is a wall"}', "drop"],
    ["`toggle`", "toggle"],
    ["I would turn right here.", "turn right"],
    ["Answer: drop", "drop"],
    ["Answer: drop\nReason: turn left is a wall", "drop"],
    ["Action: turn left? No.\nFinal answer: drop", "drop"],
    ["Go_forward", "go forward"],
    ["go-forward", "go forward"],
    ["ｇｏ　ｆｏｒｗａｒｄ", "go forward"],
    ["go", "go"],
    ["I would go, and go again.", "go"],
    ["go forward, then turn left", "go forward"],
    ["drop and then go", "drop"],
    ["I choose drop, as turn left is a wall.", "drop"],
    ["turn left is a wall, so I'll take go forward; turn right would do too", "go forward"],
    ["Do not turn left, turn right", "turn right"],
    ["You shouldn't go: toggle", "toggle"],
    ["drop</s>", "drop"],
    ["drop<|im_end|>", "drop"],
    ["turn left? A wall. <answer>drop</answer>", "drop"],
    ["<think>turn left? no, drop</think>\n\ngo forward", "go forward"],
    ["<THINK>turn left</THINK> drop", "drop"],
    ["Not turn left: there is a wall.\nSo: turn right", "turn right"],
  ];
  for (const [answer, candidate] of table) {
    assert.equal(matchCandidate(answer, candidates), candidates.indexOf(candidate), answer);
  }
});

Deno.test("matchCandidate() finds nothing where nothing or too much is named", () => {
  const table = [
    "",
    " \n",
    "I cannot say.",
    "turn left or turn right",
    "forwards",
    "dropped",
    "gopher",
    "turn l",
    "d",
    "Do not turn left.",
    "If I choose drop, toggle is lost",
    "I choose drop or toggle",
    "I won't go",
    "anything instead of drop",
    "go-kart",
    "turn. left",
    "<think>turn left",
    "turn left\nor rather turn right, or drop",
    "Answer: none of them. I would rather not drop.",
  ];
  for (const answer of table) assert.equal(matchCandidate(answer, candidates), -1, answer);
});

Deno.test("matchCandidate() takes signs and numbers as they are", () => {
  const table: [answer: string, candidates: string[], found: number][] = [
    ["↓", ["↑", "↓"], 1],
    ["I take ↓.", ["↑", "↓"], 1],
    ["⬇️", ["⬆", "⬇"], 1],
    ["→", ["↑", "↓"], -1],
    ["-1", ["+1", "-1"], 1],
    ["−1", ["+1", "-1"], 1],
    ["The answer is -1.", ["1", "-1"], 1],
    ["1", ["+1", "-1"], -1],
    ["-1", ["1", "2"], -1],
    ["- 1", ["1", "2"], -1],
    ["1.5", ["1", "5"], -1],
    [".5", ["5", "6"], -1],
    ["12", ["1", "2"], -1],
    ["1/2", ["1", "3"], -1],
    ["5 %", ["5", "5%"], 1],
    ["x = 2", ["x = -2", "x = 2"], 1],
    ["so x=-2", ["x = 2", "x = -2"], 1],
    ["x", ["x = 2", "x = -2"], -1],
    ["c++", ["c", "c++"], 1],
    ["I choose c++.", ["c", "c++"], 1],
    ["c++", ["c", "go"], -1],
    ["c#, not c", ["c", "go"], -1],
    ["move >", ["move <", "move >"], 1],
    ["move", ["move <", "move >"], -1],
    ["?", ["!", "?"], 1],
    ["anything", ["...", ""], -1],
    ["", ["...", ""], -1],
    ["", ["", "↑"], -1],
  ];
  for (const [answer, names, found] of table) {
    assert.equal(matchCandidate(answer, names), found, `${answer} among ${names}`);
  }
});

Deno.test("matchCandidate() knows letters in both encodings, in any script", () => {
  assert.equal(matchCandidate("AVANC\u0327A", ["go", "avan\u00e7a"]), 1);
  assert.equal(matchCandidate("já avança.", ["go", "avanc\u0327a"]), 1);
  assert.equal(matchCandidate("Va à gauche !", ["va à droite", "va à gauche"]), 1);
  assert.equal(matchCandidate("前进", ["左转", "右转", "前进"]), 2);
  assert.equal(matchCandidate("答案：前进。", ["左转", "右转", "前进"]), 2);
});

Deno.test("matchCandidate() tells candidates apart that differ in capitals or punctuation alone", () => {
  assert.equal(matchCandidate("go", ["go", "Go"]), 0);
  assert.equal(matchCandidate("Go", ["go", "Go"]), 1);
  assert.equal(matchCandidate("GO", ["go", "Go"]), -1);
  assert.equal(matchCandidate("I say Go now", ["go", "Go"]), 1);
  assert.equal(matchCandidate("I say GO now", ["go", "Go"]), -1);
  assert.equal(matchCandidate("go", ["go", "Go!"]), 0);
  assert.equal(matchCandidate("I say go now", ["go.", "go!"]), -1);
});

Deno.test("matchCandidate() completes what was cut short, if it can be one alone", () => {
  const cut = (answer: string, names = candidates) => matchCandidate(answer, names, { cut: true });
  assert.equal(cut("turn l"), 0);
  assert.equal(cut("Go f"), 2);
  assert.equal(cut("turn"), -1);
  assert.equal(cut("go"), 6);
  assert.equal(cut("no", ["north", "south"]), -1);
  assert.equal(cut("I would turn right, bec"), 1);
});

/** Candidates in letters and signs, none twice however it is written. */
const names = fc.uniqueArray(
  fc.oneof(
    fc.string({ unit: fc.constantFrom(..."abAB é-+=<>12 .↑↓"), minLength: 1, maxLength: 6 }),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }),
  ).map((name) => name.trim()).filter((name) => name !== ""),
  { minLength: 1, maxLength: 5, selector: (name) => name.normalize("NFC") },
);

Deno.test("matchCandidate() knows each candidate by itself", () => {
  fc.assert(fc.property(names, (names) => {
    for (const [index, name] of names.entries()) {
      assert.equal(matchCandidate(name, names), index);
      assert.equal(matchCandidate(` ${name.normalize("NFD")}\n`, names), index);
    }
  }));
});

Deno.test("matchCandidate() prefers no candidate for its place", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."abA -+12.<>\n↑") }), names, (text, names) => {
      const [found, mirrored] = [names, names.toReversed()].map((list) =>
        matchCandidate(text, list)
      );
      assert.equal(mirrored, found! < 0 ? -1 : names.length - 1 - found!);
    }),
  );
});

Deno.test("matchCandidate() finds only what is written there", () => {
  const letters = (text: string) =>
    text.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), names, (text, names) => {
    const found = matchCandidate(text, names);
    assert.ok(Number.isInteger(found) && found >= -1 && found < names.length);
    if (found < 0) return;
    assert.ok(letters(text).includes(letters(names[found]!)));
    const plain = text.normalize("NFKC");
    for (const sign of names[found]!.match(/[-+=<>↑↓]/gu) ?? []) assert.ok(plain.includes(sign));
  }));
});

Deno.test("matchCandidate() takes long answers in its stride", () => {
  const long = "turn left or ".repeat(50_000);
  assert.equal(matchCandidate(`${long}\nAnswer: drop`, candidates), candidates.indexOf("drop"));
  for (const piece of ["<", " ", ".", "left ", "<answer>", "<|channel|>", "analysis", "- ", "1"]) {
    const text = `x${piece.repeat(1_000_000 / piece.length)}x`;
    assert.equal(matchCandidate(text, candidates), -1, piece);
  }
  assert.equal(matchCandidate("<think ".repeat(100_000), candidates), -1);
  assert.equal(matchCandidate("answer: ".repeat(100_000), candidates), -1);
});
