import assert from "node:assert/strict";
import { claimsOf } from "../../../lab/comparison/claims.ts";
import { renderMarkdown } from "../../../lab/comparison/markdown.ts";
import { renderComparison } from "../../../lab/comparison/report.ts";
import { Results } from "../../../lab/comparison/results.ts";
import { claimsTable } from "../../../lab/comparison/terminal.ts";
import { worldsText } from "../../../lab/comparison/worlds.ts";
import { testPlanOf } from "../../../lab/test_plan.ts";
import type { TestSummary } from "../../../lab/test_summary.ts";
import { readRecord } from "../../../lab/trial_schema.ts";
import { climb, sampleRecord, sampleResults } from "./sample.ts";

/** Solves so many of ten test worlds. */
function tested(hits: number, plan = "a".repeat(64)): TestSummary {
  const solved = "1".repeat(hits).padEnd(10, "0");
  return {
    plan,
    success: hits / 10,
    ci95: [0, 1],
    episodes: 10,
    meanReward: 0,
    solved,
    withoutTeacher: { success: hits / 10, solved },
    guidanceAccuracy: { rate: 0.25, states: 50 },
    teacher: { calls: 0, cacheHits: 0, tokens: 0 },
  };
}

/** Development worlds say the one, test worlds the other. */
const turned = () =>
  sampleResults((variant, _level, seed) => ({
    ...climb(variant === "alone" ? 0.9 : 0.5, seed),
    summary: { test: tested(variant === "alone" ? 2 : 8 + seed % 2) },
  }));

const ORIGIN = { version: "1", device: "wasm", command: "deno task compare" };

Deno.test("what is claimed of the end is measured on test worlds, and curves on development worlds", () => {
  const claims = claimsOf(turned()).filter((claim) => claim.verdict !== "refused");
  const verdict = (id: string) => claims.find(({ measure }) => measure.id === id)?.verdict;
  assert.equal(verdict("final"), "better");
  assert.equal(verdict("area"), "worse");
  const covers = (id: string) => claims.find(({ measure }) => measure.id === id)?.covers;
  assert.deepEqual([covers("final"), covers("area")], ["seeds and worlds", "seeds"]);
});

Deno.test("terminal, text and page name the worlds that their numbers are of", async () => {
  const results = turned();
  assert.match(claimsTable(results), /^Success at the end is of test worlds\.$/m);
  const text = renderMarkdown(results, ORIGIN);
  assert.match(text, /success at the end \(test worlds\)/);
  assert.match(text, /\| alone \| 20.0 % \|/);
  assert.match(text, /60.0 % → 25.0 %/);
  assert.match(text, /100 test worlds a seed, drawn for this plan \([0-9a-f]{12}\)/);
  const page = await renderComparison({ results, ...ORIGIN });
  assert.match(page, /success at the end \(test worlds\)/);
  assert.match(page, /drawn for this plan/);

  const before = sampleResults((_variant, _level, seed) => climb(0.5, seed));
  assert.match(renderMarkdown(before, ORIGIN), /success at the end \(development worlds\)/);
  assert.match(renderMarkdown(before, ORIGIN), /Some of the runs have no test worlds/);
});

Deno.test("a plan that was changed says so, and one without test worlds claims nothing", () => {
  const results = turned();
  const plan = testPlanOf(results.plan)!;
  const since = new Date("2026-11-20T19:00:05Z");
  assert.equal(worldsText(results, [{ plan, trials: 16, since }]).length, 1);
  const seen = [{ plan: "b".repeat(64), trials: 4, since }, { plan, trials: 16, since }];
  assert.match(
    worldsText(results, seen)[1]!,
    /seen the test worlds of 1 other plan \(b{12}, 4 trials from 2026-11-20 on\): the plan was changed/,
  );
  const exploring = new Results(
    { ...results.plan, worlds: "development" },
    results.question,
    results.trials,
  );
  assert.match(
    worldsText(exploring, seen).join(),
    /tuning may have seen: run the plan on test worlds/,
  );
});

Deno.test("testPlanOf() is the same for the same question, whatever it is called, and for more seeds", () => {
  const { plan } = sampleResults(() => undefined, { levels: ["A", "B"] });
  const hash = testPlanOf(plan);
  assert.match(hash!, /^[0-9a-f]{64}$/);
  const [alone, both] = plan.variants as [typeof plan.variants[0], typeof plan.variants[0]];
  assert.equal(testPlanOf({ ...plan, seeds: [99] }), hash);
  assert.equal(testPlanOf({ ...plan, variants: [both, { ...alone, name: "x" }] }), hash);
  assert.equal(testPlanOf({ ...plan, pipeline: { ...plan.pipeline, name: "x" } }), hash);
  const changed = [
    { ...plan, levels: ["A"] },
    { ...plan, variants: [alone] },
    { ...plan, variants: [alone, { ...both, settings: ["feedback=margin"] }] },
    { ...plan, pipeline: { ...plan.pipeline, schedule: { ...plan.pipeline.schedule, envs: 9 } } },
  ].map(testPlanOf);
  assert.equal(new Set([hash, ...changed]).size, 5);
  assert.equal(testPlanOf({ ...plan, worlds: "development" }), undefined);
});

Deno.test("a record is believed only where its single worlds are those that it counts", () => {
  const record = (test: TestSummary) => sampleRecord({ success: [0.2, 0.5], summary: { test } });
  assert.ok("value" in readRecord(record(tested(3))));
  const { withoutTeacher, ...test } = tested(3);
  const wrong: TestSummary[] = [
    { ...test, withoutTeacher, episodes: 9 },
    { ...test, withoutTeacher, success: 0.4 },
    { ...test, withoutTeacher, solved: "11100000xx" },
    { ...test, withoutTeacher, plan: "mine" },
    { ...test, withoutTeacher: { success: 1, solved: "1" } },
  ];
  for (const each of wrong) {
    assert.match(JSON.stringify(readRecord(record(each))), /"wrong":"summary.test/);
  }
});

Deno.test("teachers stand beside the best constant and perfect credit, and what they never say is said", async () => {
  const [none, forward] = [{ constant: 0, perfectCredit: 10 }, { constant: 40, perfectCredit: 35 }];
  const accuracy = [{
    states: "erring expert" as const,
    judged: 100,
    rate: 0.5,
    constant: { action: "go forward", rate: 0.4 },
    perfectCredit: 0.7,
    byAction: [
      { action: "turn left", kind: "moves", wanted: 20, right: 5, said: 0, ...none },
      { action: "go forward", kind: "moves", wanted: 40, right: 40, said: 98, ...forward },
      { action: "drop", kind: "drop", wanted: 40, right: 0, said: 2, ...none },
    ],
  }];
  const results = sampleResults((_variant, _level, seed) => ({
    ...climb(0.5, seed),
    summary: { test: { ...tested(4), accuracy } },
  }));
  const text = renderMarkdown(results, ORIGIN);
  assert.match(
    text,
    new RegExp(
      "\\| alone \\| erring expert \\(800\\) \\| 50.0 % \\| 40.0 %, go forward \\| 70.0 % \\| " +
        "moves 75.0 % of 480 \\(66.7 %, 75.0 %\\); drop 0 % of 320 \\(0 %, 25.0 %\\) \\| " +
        "turn left never, go forward 784, drop 16 \\|",
    ),
  );
  assert.match(
    await renderComparison({ results, ...ORIGIN }),
    /turn left never, go forward 784, drop 16/,
  );
});
