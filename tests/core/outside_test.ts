import assert from "node:assert/strict";
import fc from "fast-check";
import { masked, outsideReason, outsideText } from "../../core/stages/outside.ts";

Deno.test("outsideText() leaves nothing that a terminal takes for a command", () => {
  // deno-lint-ignore no-control-regex
  const commands = /[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Cs}/u;
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 50 }), (text) => {
    assert.doesNotMatch(outsideText(`\x1b]0;${text}\x07\r\n\u202e`), commands);
  }));
});

Deno.test("outsideText() keeps letters of all languages and cuts long texts", () => {
  assert.equal(outsideText("größer → 大きい 👩‍🚀"), "größer → 大きい 👩‍🚀");
  assert.equal(outsideText("x".repeat(1e6)).length, 400);
  assert.equal(outsideText("ab🎈cd", { max: 4 }), "ab…", "no half of a character");
});

Deno.test("outsideText() masks a key in each form in which a server may echo it", () => {
  const secrets = ['sk-test 1+2/3="4"'];
  for (const echo of [secrets[0]!, encodeURIComponent(secrets[0]!), JSON.stringify(secrets[0])]) {
    assert.doesNotMatch(outsideText(`Incorrect key: ${echo}.`, { secrets }), /1.*2.*3/);
  }
});

Deno.test("a secret is masked before a text is cut, so that no half of it stays", () => {
  const key = "sk-0123456789";
  const shown = outsideText(`${"x".repeat(10)}${key}`, { secrets: [key], max: 15 });
  assert.equal(shown, "xxxxxxxxxx[key]");
});

Deno.test("masked() leaves texts alone where there is no secret", () => {
  assert.equal(masked("a b c", ["", "  ", "abc"]), "a b c");
});

Deno.test("outsideReason() takes whatever was thrown", () => {
  const hostile = {
    toString: () => {
      throw new Error("no");
    },
  };
  assert.equal(outsideReason(new Error("a\nb")), "a b");
  assert.equal(outsideReason(hostile), "something that cannot be written as text");
  assert.equal(outsideReason(undefined), "undefined");
});
