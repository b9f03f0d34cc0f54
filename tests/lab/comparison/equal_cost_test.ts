import assert from "node:assert/strict";
import { claimsOf } from "../../../lab/comparison/claims.ts";
import { equalCostOf, equalCostText } from "../../../lab/comparison/equal_cost.ts";
import { secondsFigure } from "../../../lab/comparison/figures/efficiency.ts";
import { renderMarkdown } from "../../../lab/comparison/markdown.ts";
import { renderComparison } from "../../../lab/comparison/report.ts";
import { spendingCells, spendingOf } from "../../../lab/comparison/spending.ts";
import { claimsTable } from "../../../lab/comparison/terminal.ts";
import { sampleResults } from "./sample.ts";

/** Both take 20 iterations; alone at 1 second each, the whole loop at 4. */
const uneven = (question = {}) =>
  sampleResults((variant, _level, seed) => {
    const more = 0.01 * (seed % 4);
    return variant === "alone"
      ? { success: [0.2, 0.4, 0.6 + more], seconds: 1 }
      : { success: [0.2, 0.6, 0.9 + more], seconds: 4, guidance: 0.5 };
  }, { seeds: 8, question });

const ORIGIN = { version: "1", device: "wasm", command: "deno task compare" };

Deno.test("equalCostOf() compares at the seconds of the quicker one, between measurements by a straight line", () => {
  const [pair, ...rest] = equalCostOf(uneven());
  assert.equal(rest.length, 0);
  // Alone ends at 20 s with 0.615; the loop has 0.2 at 0 s and 0.6 at 40 s: 0.4 at 20 s.
  assert.deepEqual([pair!.at, pair!.seconds, pair!.otherSeconds], [20, 80, 20]);
  assert.deepEqual([pair!.value.toFixed(6), pair!.other.toFixed(6)], ["0.400000", "0.615000"]);
  assert.equal(pair!.difference.toFixed(6), "-0.215000");
  // All eight seeds agree: two of the 2^8 assignments are as extreme.
  assert.equal(pair!.corrected, 2 / 256);
  const [low, high] = pair!.ci95!;
  assert.ok(low >= -0.23 && low < -0.215 && high > -0.215 && high <= -0.2, `${low} ${high}`);
  assert.match(
    equalCostText(pair!),
    /^at the 20 s that alone took \(in all, bidirectional 1 min 20 s and alone 20 s\), bidirectional has 40\.0 % and alone 61\.5 %: −0\.215/,
  );
  assert.match(equalCostText(pair!), /, p\u00a0=\u00a00\.0078, floor\u00a00\.0078$/);
  const end = claimsOf(uneven()).find(({ measure }) => measure.id === "final");
  assert.equal(end?.verdict, "better", "at equal steps it is the other way about");
});

Deno.test("equalCostOf() leaves out pairs that lack a run", () => {
  const results = sampleResults((variant, _level, seed) =>
    variant === "alone" && seed === 3 ? undefined : { success: [0.1, 0.2] }
  );
  assert.deepEqual(equalCostOf(results), []);
});

Deno.test("spendingOf() is what training took, in money where prices are told", () => {
  const results = uneven();
  const cell = results.cell("bidirectional", "A");
  assert.deepEqual(spendingOf(cell, undefined), {
    seconds: 80,
    processorSeconds: null,
    questions: 2000,
    tokens: 0,
    money: null,
  });
  assert.equal(spendingOf(cell, { hour: 9, tokens: 5 })?.money, 80 / 3600 * 9);
  assert.equal(spendingOf({ ...cell, runs: [] }, undefined), undefined);
});

Deno.test("spendingOf() has the processor time of the runs of which it is known", () => {
  const results = sampleResults((_variant, _level, seed) => ({
    success: [0.1, 0.2],
    summary: seed < 2 ? { processorSeconds: 10 + 10 * seed } : {},
  }));
  const cell = results.cell("alone", "A");
  assert.equal(spendingOf(cell, undefined)?.processorSeconds, 15);
  assert.deepEqual(spendingCells(cell, undefined)[1], "15 s");
});

Deno.test("every table says what its numbers have cost, and what holds at equal cost", async () => {
  const results = uneven({ prices: { hour: 9 } });
  const text = renderMarkdown(results, ORIGIN);
  const heads = "training takes, by the clock | processor time of the run's thread | questions | ";
  assert.ok(text.includes(`| ${heads}tokens | money |`), text);
  assert.match(text, /\| 1 min 20 s \| – \| 2\.00 k \| 0 \| 0\.20 \|/);
  assert.match(text, /## At equal cost\n\n.*\n\n- A: at the 20 s that alone took/);
  const terminal = claimsTable(results);
  assert.match(terminal, /2\.00 k questions, money 0\.2/);
  assert.match(terminal, /^ {2}On A, at the 20 s that alone took/m);
  const page = await renderComparison({ results, ...ORIGIN });
  assert.match(page, /<h3>At equal cost<\/h3>/);
  assert.match(page, /<th class="number">money<\/th>/);
  assert.match(page, /id="seconds"/);
});

Deno.test("secondsFigure() has a point a measurement at the seconds that had gone by", async () => {
  const figure = await secondsFigure(uneven());
  const own = figure!.data.filter((point) =>
    (point as { variant: string }).variant === "bidirectional"
  );
  assert.deepEqual(own.map((point) => (point as { spent: number }).spent), [0, 40, 80]);
});
