import assert from "node:assert/strict";
import {
  type Claim,
  claimsOf,
  type Finding,
  primaryClaims,
  seedsNeeded,
} from "../../../lab/comparison/claims.ts";
import type { Results } from "../../../lab/comparison/results.ts";
import { numbers, sentence, statementsOf, tally } from "../../../lab/comparison/statements.ts";
import { climb, sampleResults } from "./sample.ts";

function claim(results: Results, measure: string, level: string | null = "A"): Claim {
  return claimsOf(results).find((one) => one.measure.id === measure && one.level === level)!;
}

Deno.test("a difference that all seeds show is claimed, with its size and its certainty", () => {
  const results = sampleResults((variant, _, seed) => climb(variant === "alone" ? 0.5 : 0.9, seed));
  const finding = claim(results, "final") as Finding;
  assert.equal(finding.verdict, "better");
  assert.equal(finding.seeds, 8);
  assert.ok(Math.abs(finding.difference - 0.4) < 1e-9);
  assert.ok(finding.ci95[0] > 0.39 && finding.ci95[1] < 0.41);
  assert.equal(finding.pValue, 2 / 2 ** 8);
  assert.equal(finding.corrected, finding.pValue, "one pair, nothing to correct");
  assert.equal(finding.effect.cliffsDelta, 1);
  assert.ok(finding.effect.hedgesG > 10);
  assert.ok(finding.unpaired.welch < 1e-6 && finding.unpaired.mannWhitney < 1e-3);
  assert.equal(claim(results, "steps").verdict, "better", "fewer steps are better");
});

Deno.test("a difference by chance is left open", () => {
  const results = sampleResults((variant, _, seed) =>
    climb(0.5 + (variant === "alone" ? 0.1 : -0.1) * (seed % 2 === 0 ? 1 : -1), seed)
  );
  const finding = claim(results, "final") as Finding;
  assert.equal(finding.verdict, "open");
  assert.ok(finding.ci95[0] < 0 && finding.ci95[1] > 0);
});

Deno.test("a difference that is too small to matter is shown to be so, by a margin that is stated", () => {
  const results = (margin?: number) =>
    sampleResults(
      (variant, _, seed) =>
        climb(0.5 + (variant === "alone" ? 0.01 : -0.01) * (seed % 2 === 0 ? 1 : -1), seed),
      { question: { margin } },
    );
  const finding = claim(results(), "final") as Finding;
  assert.equal(finding.verdict, "same");
  assert.equal(finding.margin, 0.05);
  assert.equal(finding.equivalence, 0.0040, "1 of 256");
  const [statement] = statementsOf(claimsOf(results()));
  assert.equal(statement?.kind, "same");
  assert.match(
    sentence(statement!),
    /^bidirectional equals alone: the same score at the end within 0.050 \(0.508 against 0.508/,
  );
  assert.equal((claim(results(0.002), "final") as Finding).verdict, "open");
  const steps = claim(results(), "steps") as Finding;
  assert.equal(steps.margin, 0.05 * 3000, "of steps a share of a run");
});

Deno.test("every p stands beside its floor, and beside what is left of it over the whole plan", () => {
  const results = sampleResults(
    (variant, _, seed) => climb({ alone: 0.5, weak: 0.5, strong: 0.9 }[variant]!, seed),
    { variants: ["alone", "weak", "strong"], question: { primary: "area" } },
  );
  const claims = claimsOf(results) as Finding[];
  const strong = claims.find(({ variant, measure }) =>
    variant === "strong" && measure.id === "final"
  )!;
  const least = 2 / 2 ** 8;
  assert.deepEqual([strong.floor, strong.correctedFloor, strong.planWideFloor], [
    least,
    2 * least,
    6 * least,
  ]);
  assert.equal(strong.planWide, 6 * least);
  assert.deepEqual(
    claims.filter(({ isPrimary }) => isPrimary).map((
      { measure, variant },
    ) => [measure.id, variant]),
    [["area", "weak"], ["area", "strong"]],
  );
  const said = numbers(strong).replaceAll("\u00a0", " ");
  assert.match(said, /p = 0.016, floor 0.016; over the plan p = 0.047, floor 0.047; δ = 1.00$/);
});

Deno.test("where a plan states looks, p holds at each of them", () => {
  const gap = (seeds: number, looks?: readonly number[]) => {
    const results = sampleResults(
      (variant, _, seed) => climb(variant === "alone" ? 0.5 : 0.9, seed),
      { seeds, looks, question: { primary: "final" } },
    );
    return primaryClaims(results)[0]!;
  };
  const looks = [6, 8, 10];
  const [once, often] = [gap(8), gap(8, looks)] as [Finding, Finding];
  assert.equal(once.pValue, 2 / 2 ** 8);
  assert.ok(often.pValue > once.pValue && often.verdict === "better", `${often.pValue}`);
  assert.equal(often.pValue, often.floor);
  const early = gap(6, looks);
  assert.equal(
    early.verdict === "refused" && early.missing,
    "6 seeds cannot give a corrected p of 0.05 among 1 comparison; 8 seeds can",
  );
  const never = gap(4, [4, 5]);
  assert.match(never.verdict === "refused" ? never.missing : "", /; nor can all 5 of the plan$/);
});

Deno.test("a worse variant is called worse", () => {
  const results = sampleResults((variant, _, seed) =>
    climb(variant === "alone" ? 0.95 : 0.6, seed)
  );
  assert.equal(claim(results, "area").verdict, "worse");
  assert.equal(claim(results, "steps").verdict, "worse");
});

Deno.test("Holm's correction is over the pairs of a measure and a level", () => {
  const results = sampleResults(
    (variant, _, seed) => climb({ alone: 0.5, weak: 0.5, strong: 0.9 }[variant]!, seed),
    { variants: ["alone", "weak", "strong"] },
  );
  const [weak, strong] = claimsOf(results).filter(({ measure }) => measure.id === "final") as [
    Finding,
    Finding,
  ];
  assert.deepEqual([weak.verdict, strong.verdict], ["same", "better"]);
  assert.equal(strong.corrected, 2 * strong.pValue);
  assert.equal(weak.corrected, 1);
});

Deno.test("the whole loop is compared with what is less than it", () => {
  const results = sampleResults((_, __, seed) => climb(0.5, seed), {
    variants: ["alone", "one-way", "bidirectional"],
  });
  assert.deepEqual(results.pairs, [
    ["one-way", "alone"],
    ["bidirectional", "alone"],
    ["bidirectional", "one-way"],
  ]);
});

Deno.test("a taught teacher is compared with one that was not, before students that it has not met", () => {
  const results = sampleResults((_, __, seed) => climb(0.5, seed), {
    variants: ["alone", "one-way", "fresh-student"],
  });
  assert.deepEqual(results.pairs, [
    ["one-way", "alone"],
    ["fresh-student", "alone"],
    ["fresh-student", "one-way"],
  ]);
});

Deno.test("seeds stay what is drawn where levels are taken together", () => {
  const results = sampleResults(
    (variant, level, seed) =>
      climb((variant === "alone" ? 0.5 : 0.7) + (level === "A" ? 0.2 : 0), seed),
    { levels: ["A", "B"] },
  );
  const together = claim(results, "final", null) as Finding;
  assert.equal(together.seeds, 8, "not 16");
  assert.ok(Math.abs(together.value - 0.808) < 0.01, `${together.value}`);
});

Deno.test("too few seeds: the claim is refused, and how many are needed is said", () => {
  const results = sampleResults(
    (variant, _, seed) => climb(variant === "alone" ? 0.1 : 0.9, seed),
    {
      seeds: 5,
    },
  );
  const refusal = claim(results, "final");
  assert.equal(refusal.verdict, "refused");
  assert.match(
    refusal.verdict === "refused" ? refusal.missing : "",
    /^5 seeds cannot give a corrected p of 0.05 among 1 comparison; 6 seeds can$/,
  );
  assert.deepEqual([1, 2, 4, 10].map((comparisons) => seedsNeeded(comparisons)), [6, 7, 8, 9]);
});

Deno.test("missing and failed runs: the claim is refused, and the seeds are named", () => {
  const results = sampleResults((variant, _, seed) => {
    if (variant === "alone") return climb(0.5, seed);
    return seed === 3 ? "The loss became NaN." : seed > 5 ? undefined : climb(0.9, seed);
  });
  const refusal = claim(results, "final");
  assert.equal(
    refusal.verdict === "refused" && refusal.missing,
    "bidirectional on A: seeds 6, 7 not run, seed 3 failed",
  );
});

Deno.test("unequal logs: the claim is refused", () => {
  const results = sampleResults((variant, _, seed) =>
    variant === "alone" && seed === 2 ? { success: [0.2, 0.3, 0.4] } : climb(0.5, seed)
  );
  const refusal = claim(results, "final");
  assert.match(
    refusal.verdict === "refused" ? refusal.missing : "",
    /bidirectional and alone on A were not measured at the same iterations/,
  );
});

Deno.test("swapped axes: a curve of steps for scores is no curve", () => {
  const results = sampleResults((_, __, seed) => ({
    ...climb(0.5, seed),
    success: [0, 1000, 2000, 3000],
  }));
  assert.throws(() => claimsOf(results), /are the axes swapped/);
});

Deno.test("statements say what is shown, what is open and what is missing", () => {
  const results = sampleResults(
    (variant, _, seed) => climb({ alone: 0.5, same: 0.5, bidirectional: 0.95 }[variant]!, seed),
    { variants: ["alone", "same", "bidirectional"] },
  );
  const claims = claimsOf(results);
  assert.equal(
    tally(claims),
    "6 comparisons: 3 show a difference, 3 that there is none to speak of, 0 neither, 0 cannot be made",
  );
  const [same, whole] = statementsOf(claims);
  assert.equal(same?.kind, "same");
  assert.match(
    sentence(same!),
    /^same equals alone: the same score at the end within 0.050 \(0.508/,
  );
  assert.equal(whole?.kind, "better");
  const said = sentence(whole!).replaceAll("\u00a0", " ");
  assert.match(
    said,
    /^bidirectional beats alone: it ends higher \(0.958 against 0.508, p = 0.016, floor 0.016\)/,
  );
  assert.match(said, /is higher over the whole of training .* and reaches 90 % sooner/);
});
