import assert from "node:assert/strict";
import fc from "fast-check";
import { markdownText, renderMarkdown } from "../../../lab/comparison/markdown.ts";
import { climb, sampleResults, worth } from "./sample.ts";

const ORIGIN = { version: "0.1.0", device: "wasm", command: "deno task compare x --out y" };

Deno.test("results.md has the command, a table a level and every statement", () => {
  const results = sampleResults((variant, _, seed) => ({
    ...climb(variant === "alone" ? 0.5 : 0.95, seed),
    ...(variant === "alone" ? { guidance: undefined } : { worth: worth(0.4, 0.01) }),
  }));
  const text = renderMarkdown(results, ORIGIN).replaceAll("\u00a0", " ");
  assert.match(text, /```sh\ndeno task compare x --out y\n```/);
  assert.match(
    text,
    /\| alone \| 50.8 % \| 0.508 \| 0.405 \| – \(0\/8\) \| – \| – \| – \| 1000 ms/,
  );
  assert.match(
    text,
    /\| bidirectional \| 95.8 % .* \| 100 \(8\/8\) \| 60.0 % → 60.0 % \| 40.0 % \| 0.0100/,
  );
  assert.match(text, /- bidirectional against alone\n {2}- ends higher: 0.958 against 0.508/);
});

Deno.test("results.md of unfinished runs says what is missing", () => {
  const text = renderMarkdown(sampleResults(() => undefined), ORIGIN);
  assert.match(text, /0 of 16 runs/);
  assert.match(text, /- bidirectional against alone: bidirectional on A: seeds .* not run/);
});

Deno.test("markdownText() is one line in which nothing is markup", () => {
  assert.equal(markdownText("lr_0.1, one-way (a = 1)"), "lr_0.1, one-way (a = 1)");
  assert.equal(markdownText("a|b`c`\n# d"), "a\\|b\\`c\\` # d");
  assert.equal(markdownText("<img src=x>[x](y)"), "\\<img src=x\\>\\[x\\](y)");
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const shown = markdownText(text);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(shown, /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
    assert.doesNotMatch(shown.replace(/\\[^]/g, ""), /[|`<>*[\]]/);
  }));
});
