import assert from "node:assert/strict";
import { Pcg64 } from "../../../../../core/kit/random.ts";
import {
  JudgedAnswers,
  type TrainingExample,
} from "../../../../../plugins/teacher/language_model/training/judged_answers.ts";
import {
  exampleBatches,
  totalsOf,
} from "../../../../../plugins/teacher/language_model/training/example_batches.ts";
import { pairsOf } from "../../../../../plugins/teacher/language_model/training/verdict_losses.ts";

const PLAIN = { halfTrust: 2, centred: false };

type Judged = readonly [state: string, answer: number, worth: number, right?: readonly number[]];

function judgedOf(verdicts: readonly Judged[], capacity = 10): JudgedAnswers {
  const judged = new JudgedAnswers(3, capacity);
  for (const [state, answer, worth, right] of verdicts) {
    judged.add(state, { answer, worth, right }, () => state);
  }
  return judged;
}

function example(over: Partial<Record<keyof TrainingExample, number[] | number>>): TrainingExample {
  const array = (key: keyof TrainingExample) =>
    Float64Array.from(over[key] as number[] ?? [0, 0, 0]);
  return {
    ...{ state: "s", prompt: "s", judged: over.judged as number ?? 1 },
    ...{ advantages: array("advantages"), good: array("good"), bad: array("bad") },
    ...{ trust: array("trust"), right: array("right") },
  };
}

Deno.test("JudgedAnswers: an example holds means of worth, praise and blame, and trust", () => {
  const judged = judgedOf([["s", 0, 2], ["s", 0, -1], ["s", 2, -3]]);
  const [first] = judged.examples(PLAIN);
  assert.deepEqual(first, {
    ...{ state: "s", prompt: "s", judged: 3 },
    advantages: Float64Array.of(0.5, 0, -3),
    good: Float64Array.of(1, 0, 0),
    bad: Float64Array.of(0.5, 0, 3),
    trust: Float64Array.of(2 / 4, 0, 1 / 3),
    right: Float64Array.of(2 / 3, 0, 0), // of what was praised, where nothing is named
  });
});

Deno.test("JudgedAnswers: what is right is that which verdicts name, by their weight, shared evenly", () => {
  const judged = judgedOf([["s", 0, -2, [1, 2]], ["s", 1, 0.5, [1]], ["s", 0, -8]]);
  const [first] = judged.examples(PLAIN);
  assert.deepEqual(first!.right, Float64Array.of(0, (1 + 0.5) / 3, 1 / 3));
});

Deno.test("JudgedAnswers: a state of a version that knew of nothing right goes on", () => {
  const judged = judgedOf([["s", 0, 0.5, [1]], ["t", 1, 0.25]]);
  const { json, arrays } = judged.save();
  const [states, columns, answers] = arrays!.sums!.shape as [number, number, number];
  const row = 8 * answers;
  const known = Array.from(
    { length: states },
    (_, s) => [...arrays!.sums!.data].slice(s * columns * row, (s * columns + 4) * row),
  );
  const sums = { shape: [states, 4, answers, 8], data: Uint8Array.from(known.flat()) };
  const other = judgedOf([]);
  other.load({ json, arrays: { ...arrays, sums } });
  const without = judged.examples(PLAIN).map((one) => ({ ...one, right: new Float64Array(3) }));
  assert.deepEqual(other.examples(PLAIN), without);
});

Deno.test("JudgedAnswers: centred, an answer is held against what else was worth in its place", () => {
  const judged = judgedOf([["s", 0, 2], ["s", 1, 4], ["t", 0, -6]]);
  const [s, t] = judged.examples({ halfTrust: 2, centred: true });
  // Overall the mean is 0: the baselines are (6 + 0) / (2 + 2) and (-6 + 0) / (1 + 2).
  assert.deepEqual([...s!.advantages], [0.5, 2.5, 0]);
  assert.deepEqual([...s!.good, ...s!.bad], [0.5, 2.5, 0, 0, 0, 0]);
  assert.deepEqual([...t!.advantages], [-4, 0, 0]);
  assert.deepEqual([...t!.good, ...t!.bad], [0, 0, 0, 4, 0, 0]);
});

Deno.test("JudgedAnswers: what was not judged for longest is forgotten first", () => {
  const judged = judgedOf([["s", 0, 1], ["t", 0, 1], ["s", 0, 1], ["u", 0, 1]], 2);
  assert.deepEqual(judged.examples(PLAIN).map(({ state }) => state), ["s", "u"]);
});

Deno.test("JudgedAnswers: old verdicts fade, or go", () => {
  const judged = judgedOf([["s", 0, 1], ["s", 0, 1]]);
  judged.fade(0.5);
  judged.add("s", { answer: 0, worth: -1 }, () => "another prompt");
  const [first] = judged.examples(PLAIN);
  assert.deepEqual([first!.advantages[0], first!.judged, first!.prompt], [0, 2, "s"]);
  judged.fade(0);
  assert.equal(judged.size, 0);
});

Deno.test("JudgedAnswers: goes on exactly from a saved state", () => {
  const judged = judgedOf([["s", 0, 0.1], ["t", 1, 0.2], ["s", 2, -0.3, [0, 1]]]);
  judged.setReference("t", Float32Array.of(-1, -2, -3));
  const other = judgedOf([["u", 0, 1]]);
  other.load(structuredClone(judged.save()));
  assert.deepEqual(other.save(), judged.save());
  assert.deepEqual(other.examples(PLAIN), judged.examples(PLAIN));
  assert.deepEqual(other.reference("t"), Float32Array.of(-1, -2, -3));
  assert.equal(other.reference("s"), undefined);
});

Deno.test("exampleBatches() draws states as often as they were judged", () => {
  const examples = [1, 0, 6, 3].map((judged) => example({ judged }));
  const batches = exampleBatches(examples, 10, new Pcg64(0));
  for (let k = 0; k < 20; k++) {
    const drawn = batches.next().value;
    assert.equal(drawn.length, 10);
    const counts = examples.map((one) => drawn.filter((other) => other === one).length);
    // Ten parts of one verdict each: no state is drawn more or less than its share.
    assert.deepEqual(counts, [1, 0, 6, 3]);
  }
});

Deno.test("totalsOf() evens praise and blame out", () => {
  const examples = [
    example({ good: [1, 0, 0], trust: [0.5, 0, 0], advantages: [2, 0, 0], judged: 4 }),
    example({ bad: [0, 3, 0], trust: [0, 1, 0], advantages: [0, -1, 0], judged: 2 }),
  ];
  // Praise 4 x 0.5 x 1 = 2, blame 2 x 1 x 3 = 6; squares (2 x 4 + 2 x 1) / (2 + 2).
  const { goodWeight, badWeight, spread } = totalsOf(examples);
  assert.deepEqual([goodWeight, badWeight], [8 / 4, 8 / 12]);
  assert.equal(spread, Math.sqrt(10 / 4));
});

Deno.test("pairsOf() pairs what was praised with what was blamed, within a state", () => {
  const pairs = pairsOf([
    example({ good: [1, 2, 0], bad: [0, 0.5, 3], trust: [1, 0.5, 0.1] }),
    example({ good: [1, 1, 0], trust: [1, 1, 0] }),
  ]);
  assert.deepEqual(pairs.map(({ won, lost }) => [won, lost]), [[0, 2], [1, 2]]);
  for (const { weight } of pairs) assert.ok(Math.abs(weight - 0.3) < 1e-12);
});
