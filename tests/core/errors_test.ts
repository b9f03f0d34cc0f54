import assert from "node:assert/strict";
import { didYouMean, ERROR_CODES, nearest, TandemError } from "../../core/base/errors.ts";

Deno.test("TandemError tells its code, who has to act and what lies underneath", () => {
  const cause = new Error("underneath");
  const error = new TandemError("E_STAGE", "The teacher fell silent.", { cause, stage: "teacher" });
  assert.ok(error instanceof Error);
  assert.equal(error.name, "TandemError");
  assert.equal(error.code, "E_STAGE");
  assert.equal(error.kind, "run");
  assert.equal(error.cause, cause);
  assert.equal(error.stage, "teacher");
  assert.equal(String(error), "E_STAGE: The teacher fell silent.");
  assert.equal(new TandemError("E_OPTION", "").kind, "input");
  assert.equal(new TandemError("E_OPTION", "").stage, undefined);
});

Deno.test("a TandemError can be shown as it is, whatever its message repeats", () => {
  const { message, stack } = new TandemError("E_FILE", '"\x1b[2J\u202ea\nb" is no file.');
  assert.equal(message, '"\\x1b[2J\\u202ea\nb" is no file.');
  assert.ok(!stack!.includes("\x1b"));
  assert.equal(new TandemError("E_FILE", "a".repeat(1e6)).message.length, 4000);
});

Deno.test("ERROR_CODES explains each code in a sentence and says who has to act", () => {
  for (const [code, [kind, meaning]] of Object.entries(ERROR_CODES)) {
    assert.match(code, /^E_[A-Z_]+$/);
    assert.ok(["input", "run"].includes(kind), code);
    assert.match(meaning, /^[A-Z].*\.$/, code);
  }
});

Deno.test("nearest() forgives a letter too many, too few, wrong or swapped", () => {
  const candidates = ["learningRate", "lambda", "clip"];
  assert.equal(nearest("lamda", candidates), "lambda");
  assert.equal(nearest("lambdda", candidates), "lambda");
  assert.equal(nearest("lanbda", candidates), "lambda");
  assert.equal(nearest("lmabda", candidates), "lambda");
  assert.equal(nearest("learningrate", candidates), "learningRate");
  assert.equal(nearest("CLIP", candidates), "clip");
});

Deno.test("nearest() forgives two letters of a short word and a third of a long one", () => {
  assert.equal(nearest("abc", ["abcxy"]), "abcxy");
  assert.equal(nearest("abc", ["abcxyz"]), undefined);
  assert.equal(nearest("abcdefghijkl", ["abcdefghWXYZ"]), "abcdefghWXYZ");
  assert.equal(nearest("abcdefghijkl", ["abcdefgVWXYZ"]), undefined);
});

Deno.test("nearest() counts swapped neighbours as one letter, wherever they stand", () => {
  // Three letters at most: two swaps and a letter too many, at the start, within and at the end.
  assert.equal(nearest("abcdefghi", ["bacdfeghix"]), "bacdfeghix");
  assert.equal(nearest("abcdefghi", ["bacdfegihx"]), undefined);
  // Two swaps are nearer than three letters.
  assert.equal(nearest("abcd", ["badc", "abcdxyz"]), "badc");
  assert.equal(nearest("ab", ["xyab", "abcde"]), "xyab");
});

Deno.test("nearest() takes the nearest, the first of equals, and none of none", () => {
  assert.equal(nearest("gae", ["gaes", "gae"]), "gae");
  assert.equal(nearest("ab", ["aX", "bY", "ac"]), "aX");
  assert.equal(nearest("ab", []), undefined);
  assert.equal(nearest("", ["ab", "abc"]), "ab");
});

Deno.test("didYouMean() is a sentence or nothing", () => {
  assert.equal(didYouMean("papper", ["paper", "none"]), ' Did you mean "paper"?');
  assert.equal(didYouMean("zzzzzz", ["paper", "none"]), "");
});
