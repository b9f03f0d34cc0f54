import assert from "node:assert/strict";
import { claimsOf } from "../../../lab/comparison/claims.ts";
import { detectCostlyFeedback } from "../../../lab/comparison/costs.ts";
import {
  detectEchoChamber,
  detectLeaning,
  detectMisleading,
} from "../../../lab/comparison/detectors.ts";
import { type AdviceCounts, type AdviceTally, tallyAdvice } from "../../../lab/trial.ts";
import { row } from "../sample.ts";
import { climb, sampleResults, worth } from "./sample.ts";

const counts = (given: number, followed: number, praised: number): AdviceCounts => ({
  given,
  followed,
  praised,
  blamed: given - praised,
});

function tally(right: AdviceCounts, wrong: AdviceCounts): AdviceTally {
  const advised = right.given + wrong.given;
  return { advised, confidence: advised / 2, right, wrong };
}

/** A cell whose runs have this advice in the first, the second and the last third. */
function advised(...advice: AdviceTally[]) {
  const results = sampleResults(() => ({ success: [0.2, 0.5], guidance: 0.5, advice }), {
    seeds: 2,
  });
  return results.cell("bidirectional", "A");
}

const HALF_RIGHT = tally(counts(50, 30, 25), counts(50, 20, 25));

Deno.test("an echo chamber: wrong advice is followed and praised, and the teacher gets no better", () => {
  const last = tally(counts(40, 35, 35), counts(60, 55, 52));
  const { state, because } = detectEchoChamber(advised(HALF_RIGHT, HALF_RIGHT, last));
  assert.equal(state, "found");
  assert.match(
    because,
    /^50.0 % of the suggestions were right at first and 40.0 % at last; of the/,
  );
  assert.match(because, /91.7 % were followed, and 86.7 % of their verdicts praised/);
});

Deno.test("no echo chamber where the teacher learns, the student resists, or verdicts tell apart", () => {
  const learns = tally(counts(80, 70, 70), counts(20, 18, 17));
  const resists = tally(counts(40, 35, 35), counts(60, 10, 52));
  const judges = tally(counts(40, 35, 35), counts(60, 55, 12));
  for (const last of [learns, resists, judges]) {
    assert.equal(detectEchoChamber(advised(HALF_RIGHT, HALF_RIGHT, last)).state, "not found");
  }
});

Deno.test("an echo chamber cannot be told without an expert's judgement", () => {
  const none = tally(counts(0, 0, 0), counts(0, 0, 0));
  assert.equal(detectEchoChamber(advised(none, none, none)).state, "cannot tell");
});

/** The finding on runs that end at a height with the teacher and at another without it. */
function misleading(withTeacher: number, without: number, effect: number) {
  const results = sampleResults((variant, _, seed) => ({
    ...climb(variant === "alone" ? 0.8 : withTeacher, seed),
    ...(variant === "alone" ? {} : { worth: worth(without, effect + 0.001 * (seed % 2)) }),
  }));
  const area = claimsOf(results).find(({ measure }) => measure.id === "area");
  return detectMisleading(results.cell("bidirectional", "A"), area);
}

Deno.test("misleading guidance: less is solved with the teacher than without", () => {
  const { state, because } = misleading(0.8, 0.95, 0.01);
  assert.equal(state, "found");
  assert.match(because, /^With the teacher 80.8 % is solved, without it 95.0 %/);
});

Deno.test("misleading guidance: single suggestions lower the return", () => {
  const { state, because } = misleading(0.8, 0.8, -0.05);
  assert.equal(state, "found");
  assert.match(because, /A single suggestion changes the return by −0.04/);
});

Deno.test("misleading guidance: less was learned than without a teacher", () => {
  const { state, because } = misleading(0.6, 0.55, 0.01);
  assert.equal(state, "found");
  assert.match(because, /^The score over training is −0.1\d\d against alone/);
});

Deno.test("guidance that helps is not misleading, and unweighed guidance cannot be told", () => {
  assert.equal(misleading(0.9, 0.6, 0.02).state, "not found");
  const cell = sampleResults((_, __, seed) => climb(0.5, seed)).cell("bidirectional", "A");
  assert.equal(detectMisleading(cell).state, "cannot tell");
});

/** What is said of students that end at a height with their teacher and at another without it. */
function leaning(withTeacher: number, without: number) {
  const results = sampleResults((_, __, seed) => ({
    ...climb(withTeacher, seed),
    worth: worth(without, 0.01),
  }));
  return detectLeaning(results.cell("bidirectional", "A"));
}

Deno.test("a student leans where less than half of what it solves is left without its teacher", () => {
  const { state, because } = leaning(0.95, 0.1);
  assert.equal(state, "found");
  assert.match(
    because,
    /^With the teacher 95.8 % is solved, and 10.0 % without it: the teacher is/,
  );
  assert.equal(leaning(0.95, 0.45).state, "not found", "not beyond the error of both");
  assert.equal(leaning(0.95, 0.9).state, "not found");
  assert.equal(leaning(0.2, 0.15).state, "not found", "who solves little leans on nobody");
  const cell = sampleResults((_, __, seed) => climb(0.5, seed)).cell("bidirectional", "A");
  assert.equal(detectLeaning(cell).state, "cannot tell");
});

Deno.test("verdicts that come afterwards count where they are about the mission that was asked", () => {
  const wrong = { guidance: "turn left", right: false, verdict: "abstain" as const };
  const later = (verdict: "positive" | "negative", mission?: string) => ({
    ...{ step: 9, verdict, words: "" },
    ...mission !== undefined && { mission },
  });
  const tally = tallyAdvice([
    row({ ...wrong, later: [later("positive")] }),
    row({ ...wrong, later: [later("positive"), later("negative")] }),
    row({ ...wrong, later: [later("positive", "go to the key")] }),
    row({ ...wrong, verdict: "negative" }),
  ]);
  assert.deepEqual(tally.wrong, { given: 4, followed: 0, praised: 1, blamed: 2 });
});

/** Feedback that takes so many seconds an iteration, against guidance alone. */
function costly(seconds: number, end = 0.95) {
  const results = sampleResults((variant, _, seed) => ({
    success: [0.2, 0.5, end],
    seconds: (variant === "one-way" ? 1 : seconds) + 0.001 * seed,
    feedbackSeconds: 0.25 * seconds,
  }), { variants: ["one-way", "bidirectional"], question: { baseline: "one-way" } });
  const cell = (name: string) => results.cell(name, "A");
  return detectCostlyFeedback(cell("bidirectional"), cell("one-way"), 0.9);
}

Deno.test("feedback is costly where the threshold comes later, in seconds, than without", () => {
  const { state, because } = costly(1.5);
  assert.equal(state, "found");
  assert.match(
    because.replaceAll("\u00a0", " "),
    /^Feedback takes 24.9 % .* 30 s to 90 %, .* 20 s \(log-rank p < 0\.001, floor < 0\.001\)\.$/,
  );
  assert.equal(costly(0.8).state, "not found");
  assert.equal(costly(1.5, 0.6).state, "cannot tell");
});
