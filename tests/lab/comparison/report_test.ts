import assert from "node:assert/strict";
import { renderComparison } from "../../../lab/comparison/report.ts";
import type { Results } from "../../../lab/comparison/results.ts";
import { climb, sampleResults, worth } from "./sample.ts";

const render = (results: Results) =>
  renderComparison({
    results,
    version: "0.1.0",
    device: "wasm",
    command: "deno task compare pipelines/babyai.ts --out runs/x",
  });

const RESULTS = sampleResults((variant, level, seed) => ({
  ...climb(variant === "alone" ? 0.5 : level === "A" ? 0.95 : 0.7, seed),
  ...(variant === "alone" ? { guidance: undefined } : { worth: worth(0.5, 0.01) }),
}), { variants: ["alone", "one-way", "bidirectional"], levels: ["A", "B"] });

Deno.test("the comparison shows every figure with its data and its command", async () => {
  const page = await render(RESULTS);
  const figures = [...page.matchAll(/<figure id="([\w-]+)">/g)].map(([, id]) => id);
  assert.deepEqual(figures, [
    "learning-curves",
    "solved",
    "aggregates",
    "improvement",
    "profiles",
    "guidance",
    "calibration",
    "effects",
    "retention",
    "budget",
    "seconds",
    "cost",
  ]);
  for (const id of figures) assert.ok(page.includes(`data-name="${id}.json"`), id);
  const commands = page.split("<summary>Command</summary>").length - 1;
  assert.equal(commands, figures.length);
});

Deno.test("the comparison says what is supported, with values, interval and p", async () => {
  const page = (await render(RESULTS)).replaceAll("\u00a0", " ");
  assert.match(
    page,
    /<p class="lede">Bidirectional beats alone: it ends higher \(0\.833 against 0\.508/,
  );
  assert.match(page, /<b>one-way beats alone<\/b>/);
  assert.match(
    page,
    /0\.833 against 0\.508: \+0\.325 \(\+0\.\d+ to \+0\.\d+\), p = 0\.\d+, floor 0\.\d+; over the plan p = 0\.\d+, floor 0\.\d+; δ = 1\.00/,
  );
  assert.match(page, /What it (does not show|shows to be the same)/);
  assert.match(page, /<b>bidirectional and one-way<\/b>/);
});

Deno.test("the comparison of unfinished and failed runs says what is missing", async () => {
  const page = await render(sampleResults((variant, _, seed) => {
    if (variant === "alone") return climb(0.5, seed);
    return seed === 0 ? "The loss became <NaN>." : undefined;
  }));
  assert.match(page, /8 of 16 runs are missing/);
  assert.match(
    page,
    /Nothing can be claimed yet: bidirectional on A: seeds 1, 2, 3, 4, 5, 6, ... not/,
  );
  assert.match(page, /E_NUMERIC The loss became &lt;NaN&gt;\./);
});

Deno.test("a comparison without any run, and one of a single variant, are pages too", async () => {
  assert.match(await render(sampleResults(() => undefined)), /16 of 16 runs are missing/);
  const single = sampleResults((_, __, seed) => climb(0.5, seed), { variants: ["alone"] });
  assert.match(await render(single), /Nothing can be claimed yet: there is one variant alone/);
});

Deno.test("the comparison marks where teachers leave, and sets three moments side by side", async () => {
  const left = sampleResults((variant, _, seed) => ({
    ...climb(0.9, seed),
    ...(variant === "alone" ? { guidance: undefined } : {
      summary: { retention: { iteration: 10, withTeacher: 0.8, alone: 0.6 }, envSteps: 3000 },
    }),
  }), { levels: ["A", "B"] });
  const page = await render(left);
  assert.equal(page.match(/>the teacher leaves</g)?.length, 2, "once a level");
  const retention = page.slice(page.indexOf('<figure id="retention">'));
  assert.match(
    retention,
    /with the teacher<\/li>.*without it, at once<\/li>.*without it, at the end</s,
  );
  assert.doesNotMatch(await render(RESULTS), />the teacher leaves</);
});

Deno.test("the comparison tells each warning once, with the variants and runs that gave it", async () => {
  const results = sampleResults((variant, _, seed) => ({
    ...climb(0.5, seed),
    warnings: variant === "bidirectional" && seed < 3 ? ["The rule <abstains>."] : [],
  }));
  const page = await render(results);
  assert.match(
    page,
    /<h3>Warnings<\/h3><ul><li>The rule &lt;abstains&gt;\. <small>\(bidirectional: 3 runs\)</,
  );
  assert.doesNotMatch(await render(RESULTS), /Warnings/);
});

Deno.test("the comparison loads nothing and is the same for the same results", async () => {
  const page = await render(RESULTS);
  assert.doesNotMatch(page, /(src|href)="(?!#|data:)/);
  assert.doesNotMatch(page, /NaN|undefined|\[object/);
  assert.equal(await render(RESULTS), page);
});
