import assert from "node:assert/strict";
import fc from "fast-check";
import { masked, outsideReason, outsideText } from "../../core/base/outside.ts";

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

Deno.test("a key is masked however it is written out: as numbers, in other letters, packed, or escaped", () => {
  const key = "sk-Zq7vT-91xLmPw_83hRbKd";
  const codes = Array.from(key, (letter) => letter.charCodeAt(0));
  const each = (write: (code: number) => string, between = "") => codes.map(write).join(between);
  const hex = (code: number) => code.toString(16);
  const base64 = btoa(key);
  const forms = [
    ...[each(hex, ":"), each(hex, " "), each((code) => `0x${hex(code)}`, ", ")],
    ...[`[${codes}]`, codes.join(" "), each((code) => `\\${code.toString(8).padStart(3, "0")}`)],
    each((code) => code.toString(2).padStart(8, "0"), " "),
    each((code) => `\\u{${hex(code)}}`),
    each((code) => `%u${hex(code).padStart(4, "0")}`),
    each((code) => `=${hex(code).toUpperCase()}`),
    ...[btoa(base64), base64.replace(/(.{8})/g, "$1\n"), [...base64].join(" ")],
    "ONVS2WTRG53FILJZGF4EY3KQO5PTQM3IKJREWZA",
    each((code) => String.fromCharCode(code + 0xfee0)),
    each((code) => `${String.fromCharCode(code)}\u0301`),
    key.replace(/[a-z]/g, (letter) => String.fromCodePoint(0x1d5ba + letter.charCodeAt(0) - 97)),
  ];
  for (const form of forms) {
    const shown = outsideText(`the key ${form} is wrong`, { secrets: [key] });
    assert.ok(["[key]", "the key [key] is wrong"].includes(shown), `${form}: ${shown}`);
  }
  const numbers =
    "tried 10.0.0.1, 10.0.0.2 and 127.0.0.1: 503 502 504 500, id 7f3a91c2d4e5f60718293a4b";
  assert.equal(outsideText(numbers, { secrets: [key] }), numbers);
});
