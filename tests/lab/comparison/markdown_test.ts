import assert from "node:assert/strict";
import { renderMarkdown } from "../../../lab/comparison/markdown.ts";
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
