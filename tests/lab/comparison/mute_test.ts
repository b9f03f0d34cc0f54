import assert from "node:assert/strict";
import { renderMarkdown } from "../../../lab/comparison/markdown.ts";
import { renderComparison } from "../../../lab/comparison/report.ts";
import { claimsTable } from "../../../lab/comparison/terminal.ts";
import { climb, sampleResults } from "./sample.ts";

const ORIGIN = { version: "0.1.0", device: "wasm", command: "deno task compare x --out y" };
const usage = { calls: 100, cacheHits: 50, tokens: 9, requests: 51 };

Deno.test("a comparison tells which variant's teacher left prompts without a usable answer", async () => {
  const results = sampleResults((variant, _, seed) => {
    const unusable = variant === "alone" ? 0 : 25;
    return { ...climb(0.9, seed), summary: { teacher: { ...usage, unusable } } };
  });
  const page = await renderComparison({ ...ORIGIN, results });
  for (const text of [claimsTable(results), renderMarkdown(results, ORIGIN), page]) {
    const plain = text.replaceAll("\u00a0", " ");
    assert.match(plain, /no usable answer in 25\.0 %/);
    assert.doesNotMatch(plain, /The teacher of alone/);
    if (text !== page) assert.doesNotMatch(plain, /\n *(?:\| )?alone [^\n]*no usable answer/);
  }
  assert.match(page.replaceAll("\u00a0", " "), /1,600 prompts, 800 from the cache, 816 requests/);
});
