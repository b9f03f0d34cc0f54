/** What is said of searches that were made by hand. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { between } from "../../../core/kit/bounds.ts";
import { dimensionOf } from "../../../lab/tuning/dimension.ts";
import { tuningDocument, type TuningOrigin } from "../../../lab/tuning/document.ts";
import { importanceOf } from "../../../lab/tuning/importance.ts";
import { renderTuningMarkdown } from "../../../lab/tuning/markdown.ts";
import { renderTuning } from "../../../lab/tuning/page.ts";
import {
  defineTuning,
  freshSeedsOf,
  planHash,
  plannedRuns,
  searchSeeds,
  type TuningPlan,
} from "../../../lab/tuning/plan.ts";
import { type Attempt, type TunedRun, TuningResults } from "../../../lab/tuning/results.ts";
import { METHODS } from "../../../lab/tuning/search.ts";
import { Pcg64 } from "../../../core/kit/random.ts";
import { CONFIG } from "../sample.ts";
import { sampleRecord } from "../comparison/sample.ts";
import * as v from "valibot";

const SPACE = [
  dimensionOf("student.learningRate", between(0, 1)),
  dimensionOf("feedback", v.picklist(["paper", "margin"])),
];
const VARIANT = { name: "both", settings: ["student.hidden=8"], about: "" };
const { schedule } = CONFIG.pipeline;

function planWith(change: Partial<TuningPlan> = {}): TuningPlan {
  return defineTuning({
    pipeline: CONFIG.pipeline,
    variants: [VARIANT],
    levels: [],
    space: SPACE,
    method: "random",
    trials: 4,
    seeds: 2,
    freshSeeds: 6,
    primary: "final",
    threshold: 0.9,
    ...change,
  });
}

function runWith(success: number | "failed", seed = 0): TunedRun {
  const outcome = success === "failed"
    ? { error: { code: "E_NUMERIC", message: "a loss became NaN" } }
    : { record: sampleRecord({ success: [0, success / 2, success] }) };
  return { level: null, seed, outcome };
}

function attemptWith(
  number: number,
  learningRate: number,
  ...ends: (number | "failed")[]
): Attempt {
  const configuration = { "student.learningRate": learningRate, feedback: "paper" };
  return {
    number,
    batch: 0,
    configuration,
    settings: [`student.learningRate=${learningRate}`, "feedback=paper"],
    iterations: schedule.iterations,
    runs: ends.map((end, seed) => runWith(end, seed)),
  };
}

function resultsWith(attempts: readonly Attempt[], plan = planWith()): TuningResults {
  const ends = [0.8, 0.9, 1, 0.9, 0.8, 1];
  const fresh = {
    tuned: ends.map((end, seed) => runWith(end, seed)),
    untuned: ends.map((end, seed) => runWith(end - 0.3, seed)),
  };
  return new TuningResults(plan, [{
    variant: VARIANT,
    space: SPACE,
    missing: [],
    attempts,
    fresh,
  }]);
}

const ORIGIN: TuningOrigin = {
  version: "1",
  device: "cpu",
  command: "deno task tune plan.ts --out runs/`<tuned>`",
  runs: (settings) => `deno task run plan.ts --set ${settings.join(" --set ")}`,
  compares: "deno task compare plan.ts --variants @runs/tuned",
};

Deno.test("the best has the highest mean over all of its runs, those of another try among them; failures are never the best", () => {
  const results = resultsWith([
    attemptWith(1, 0.1, 0.5, 0.6),
    attemptWith(2, 0.2, 1, 0.9),
    attemptWith(3, 0.2, 0.3, 0.2),
    attemptWith(4, 0.3, 1, "failed"),
    attemptWith(5, 0.4, 0.6, 0.5),
  ]);
  const best = results.bestOf(results.searches[0]!)!;
  assert.deepEqual(best.settings, ["student.learningRate=0.2", "feedback=paper"]);
  assert.equal(best.runs, 4);
  assert.ok(Math.abs(best.value - 0.6) < 1e-12);
  assert.equal(best.tied, 0);
  const failed = resultsWith([attemptWith(1, 0.1, "failed", 0.9)]);
  assert.equal(failed.bestOf(failed.searches[0]!), undefined);
});

Deno.test("fewer steps are better where steps are what is made better", () => {
  const plan = planWith({ primary: "steps" });
  const slow = attemptWith(1, 0.1, 0.5);
  const record = sampleRecord({ success: [0, 1, 1] });
  const quick = { ...attemptWith(2, 0.2), runs: [{ level: null, seed: 0, outcome: { record } }] };
  const results = resultsWith([slow, quick], plan);
  assert.equal(results.bestOf(results.searches[0]!)!.configuration["student.learningRate"], 0.2);
});

Deno.test("what the best is worth is a mean over fresh seeds with its interval, and the difference is paired", () => {
  const results = resultsWith([attemptWith(1, 0.1, 0.5)]);
  const worth = results.worthOf(results.searches[0]!)!;
  assert.ok(Math.abs(worth.tuned.mean - 0.9) < 1e-12);
  assert.ok(worth.tuned.ci95[0] < 0.9 && worth.tuned.ci95[1] > 0.9);
  // Every pair differs by as much: paired, nothing is uncertain.
  for (const value of [worth.difference.mean, ...worth.difference.ci95]) {
    assert.ok(Math.abs(value - 0.3) < 1e-12);
  }
  assert.equal(worth.p, 2 / 2 ** 6);
  const more = resultsWith([attemptWith(1, 0.1, 0.5)], planWith({ freshSeeds: 7 }));
  assert.equal(more.worthOf(more.searches[0]!), undefined, "a run is missing");
});

Deno.test("reports show what there is, and break nothing by what stands in names and commands", async () => {
  const results = resultsWith([attemptWith(1, 0.1, 0.5, 0.5), attemptWith(2, 0.2, 1, "failed")]);
  const markdown = renderTuningMarkdown(results, ORIGIN);
  assert.match(
    markdown,
    /\| both \| student.learningRate=0.1, feedback=paper \| 50.0 % \| 90.0 % \(/,
  );
  assert.match(markdown, /\+30.0 points \(\+30.0 to \+30.0\) \| tuning helps, p/);
  assert.match(
    markdown,
    /\| 2 \| student.learningRate=0.2, feedback=paper \| .* \| 2 \| failed \|/,
  );
  const page = await renderTuning(results, ORIGIN);
  assert.match(page, /tuning helps/);
  assert.match(page, /runs\/`&lt;tuned&gt;`/);
  assert.match(page, /failed: E_NUMERIC/);
  assert.match(page, /--set student.hidden=8 --set student.learningRate=0.1/);
  const nothing = new TuningResults(planWith(), [
    { ...results.searches[0]!, attempts: [], fresh: { tuned: [], untuned: [] } },
  ]);
  assert.match(await renderTuning(nothing, ORIGIN), /nothing has ended yet/);
  assert.match(JSON.stringify(tuningDocument(nothing, ORIGIN)), /"best":null,"worth":null/);
});

Deno.test("importance finds the option that decides, also by a best in the middle, and no other", () => {
  const space = ["a.x", "a.y", "a.z"].map((name) => dimensionOf(name, between(0, 1)));
  const random = new Pcg64(3);
  const tried = Array.from({ length: 40 }, () => {
    const [x, y, z] = [random.random(), random.random(), random.random()];
    const score = -((x! - 0.5) ** 2) + 0.01 * random.uniform(-1, 1);
    return { configuration: { "a.x": x!, "a.y": y!, "a.z": z! }, score };
  });
  const [x, y, z] = importanceOf(space, tried)!;
  assert.ok(x!.share > 0.8 && x!.p < 0.01, `${x!.share}`);
  for (const other of [y!, z!]) assert.ok(other.share < 0.2 && other.p > 0.05, other.name);
  assert.equal(importanceOf(space, tried.slice(0, 4)), undefined);
  assert.equal(importanceOf(space, tried.map((each) => ({ ...each, score: 1 }))), undefined);
});

Deno.test("importance claims of noise as often as it says", () => {
  const space = [
    dimensionOf("a.x", between(0, 1)),
    dimensionOf("a.k", v.picklist(["p", "q", "r"])),
  ];
  const random = new Pcg64(5);
  let claims = 0;
  for (let i = 0; i < 60; i++) {
    const tried = Array.from({ length: 12 }, () => ({
      configuration: { "a.x": random.random(), "a.k": ["p", "q", "r"][random.integers(0, 3)]! },
      score: random.random(),
    }));
    if (importanceOf(space, tried)!.some(({ p }) => p <= 0.05)) claims++;
  }
  assert.ok(claims <= 8, `${claims} of 60`);
});

Deno.test("every variant is given the same runs, whatever the method", () => {
  for (const method of METHODS) {
    const plan = planWith({ method, trials: 12, levels: ["a=1", "a=2"] });
    const steps = plannedRuns(plan).reduce((sum, iterations) => sum + iterations, 0);
    const whole = 12 * 2 * 2 * schedule.iterations;
    assert.ok(steps <= whole && steps > 0.85 * whole, `${method}: ${steps} of ${whole}`);
  }
});

Deno.test("seeds of searches and fresh seeds never meet each other's, a comparison's, or their training worlds", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 100 }),
      (seeds, trials) => {
        const plan = planWith({ seeds, trials, freshSeeds: 20 });
        const searched = [0, 1, 3 * trials - 1].flatMap((repeat) => searchSeeds(plan, repeat));
        const fresh = freshSeedsOf(plan);
        for (const seed of [...searched, ...fresh]) {
          assert.ok(Number.isSafeInteger(seed) && seed > 1e15 + 100_000);
        }
        assert.ok(searched.every((seed) => seed % 100_000 >= 50_000 && seed % 100_000 < 80_000));
        assert.ok(fresh.every((seed) => seed % 100_000 >= 80_000));
        assert.equal(new Set(fresh).size, 20);
      },
    ),
    { seed: 1, numRuns: 100 },
  );
  const [plan, more] = [planWith(), planWith({ trials: 5 })];
  assert.deepEqual(searchSeeds(more, 0), searchSeeds(plan, 0), "more trials keep what was tried");
  assert.notDeepEqual(freshSeedsOf(more), freshSeedsOf(plan), "and are judged by other seeds");
  assert.notEqual(planHash(more), planHash(plan));
  const other = planWith({ space: SPACE.slice(1) });
  assert.notDeepEqual(searchSeeds(other, 0), searchSeeds(plan, 0));
});
