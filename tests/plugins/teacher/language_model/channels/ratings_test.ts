import assert from "node:assert/strict";
import { featuresOf } from "../../../../../plugins/teacher/language_model/features.ts";
import { Ratings } from "../../../../../plugins/teacher/language_model/channels/logits/ratings.ts";
import { Pupil } from "./examples.ts";

const KEY = featuresOf("go", ["a key"]);

const ratings = (gain: number) => new Pupil(new Ratings(2, gain));

/** What ratings add to scores of 0. */
function corrections(pupil: Pupil<Ratings>, state = KEY): number[] {
  return pupil.corrections(state, "evaluate", 2);
}

/** Ratings of two candidates after one praise of the first and one blame of the second. */
function judged(gain: number): Pupil<Ratings> {
  const correction = ratings(gain);
  correction.learn(KEY, 0, 1, { strength: 0.5 });
  correction.learn(KEY, 1, -1, { strength: 0.5 });
  return correction;
}

function near(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs(actual[i]! - value) < 1e-6, `${actual} is not ${expected}`);
  }
}

Deno.test("Ratings: without verdicts nothing is corrected", () => {
  assert.deepEqual(corrections(ratings(3)), [0, 0]);
});

// d = 1 / (1 + 16) (1 - 0) in the whole state and in its only part: gain (d + 16 d) / 17 = gain / 17.
Deno.test("Ratings: a state judged once each way moves by gain / 17", () => {
  near(corrections(judged(17)), [1, -1]);
  near(corrections(judged(3.5)), [3.5 / 17, -3.5 / 17]);
});

Deno.test("Ratings: a look-alike state moves by the mean over its parts", () => {
  // Its whole was never judged; of its two parts one has d = 1 / 17, the other 0.
  near(corrections(judged(34), featuresOf("go", ["a key", "a box"])), [1, -1]);
  near(corrections(judged(34), featuresOf("go", ["a box"])), [0, 0]);
  near(corrections(judged(34), featuresOf("stay", ["a key"])), [0, 0]);
  near(corrections(judged(34), featuresOf("go", [])), [0, 0]);
});

Deno.test("Ratings: scores are corrected where they stand, and added to", () => {
  const scores = Float32Array.of(5, 5, 5, 5);
  judged(17).channel.correct(scores.subarray(2), KEY);
  near([...scores], [5, 5, 6, 4]);
});

Deno.test("Ratings: what all candidates share is no reason to prefer one", () => {
  const correction = ratings(17);
  for (const candidate of [0, 1]) correction.learn(KEY, candidate, -1);
  near(corrections(correction), [0, 0]);
});

Deno.test("Ratings: a verdict counts in units of the usual strength", () => {
  const correction = ratings(17);
  correction.learn(KEY, 0, 1, { strength: 4 }); // usual 4, R = 1
  correction.learn(KEY, 1, 1, { strength: 2 }); // usual 3, R = 2 / 3; the mean of both is 5 / 6
  near(corrections(correction), [1 / 6, -1 / 6]);
});

Deno.test("Ratings: a verdict that compares adds the rating of what it compares with", () => {
  const correction = ratings(17);
  const last = { features: featuresOf("go", ["a box"]), candidate: 1 };
  correction.learn(last.features, 1, 1); // G(box, 1) = 1
  correction.learn(KEY, 0, -1, { comparesWith: last }); // w = -1 + 1 = 0
  correction.learn(KEY, 1, 1, { comparesWith: last }); // w = 1 + 1 = 2; the mean of both is 1
  near(corrections(correction), [-1, 1]);
  const stranger = { features: featuresOf("go", ["a door"]), candidate: 0 };
  const [known, unknown] = [ratings(17), ratings(17)];
  for (const candidate of [0, 1]) {
    const sign = candidate === 0 ? 1 : -1;
    known.learn(KEY, candidate, sign, { comparesWith: stranger }); // never judged: as if it stood by itself
    unknown.learn(KEY, candidate, sign);
  }
  assert.deepEqual(corrections(known), corrections(unknown));
});

Deno.test("Ratings: one verdict counts ten times the usual at most", () => {
  const correction = ratings(1);
  correction.learn(KEY, 1, 1);
  for (let k = 0; k < 19; k++) correction.learn(KEY, 0, 1);
  correction.learn(KEY, 0, -1, { strength: 1e9 });
  // Candidate 0: 19 - 10 over 20 verdicts; all: 10 over 21. Whole and part agree, so d is the answer.
  const [first, second] = [20 / 36 * (9 / 20 - 10 / 21), 1 / 17 * (1 - 10 / 21)];
  near(corrections(correction), [first, second]);
});

Deno.test("Ratings: a strength that is no positive number teaches nothing", () => {
  const correction = judged(17);
  for (const strength of [NaN, 0, -1, Infinity]) correction.learn(KEY, 0, -1, { strength });
  near(corrections(correction), [1, -1]);
});

Deno.test("Ratings: save and load go on exactly", async () => {
  const [one, other] = [judged(3.5), ratings(3.5)];
  one.learn(featuresOf("go", ["a key", "a box"]), 1, 1, { strength: 0.1 });
  other.learn(featuresOf("stay", ["a door"]), 0, -1, { strength: 7 }); // is forgotten
  await other.follow(one);
  assert.deepEqual(other.channel.save(), one.channel.save());
  for (let k = 1; k < 40; k++) {
    for (const each of [one, other]) {
      each.learn(KEY, k % 2, k % 3 === 0 ? -1 : 1, { strength: k / 7 });
    }
    assert.deepEqual(corrections(other), corrections(one));
  }
  assert.deepEqual(other.channel.save(), one.channel.save());
  assert.deepEqual(corrections(other, featuresOf("stay", ["a door"])), [0, 0]);
});
