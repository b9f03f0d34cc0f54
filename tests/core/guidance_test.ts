import assert from "node:assert/strict";
import {
  andThen,
  argmax,
  authorOf,
  drawFrom,
  silence,
  silenceWhere,
  suggest,
  suggestionOf,
  tokensOf,
} from "../../core/kit/guidance.ts";

Deno.test("silence() suggests nothing in any environment", () => {
  const silent = silence(2, ["left", "right"]);
  assert.deepEqual([...silent.choices], [-1, -1]);
  assert.deepEqual([...silent.distribution], [0, 0, 0, 0]);
  assert.deepEqual([...silent.logProbs], [0, 0]);
  assert.equal(suggestionOf(silent, 0), "");
  assert.equal(tokensOf(silent, 0).length, 0);
});

Deno.test("suggestionOf() gives the candidate's words, or the teacher's own", () => {
  const guidance = silence(3, ["left", "right"]);
  guidance.choices.set([1, 0, -1]);
  assert.deepEqual([0, 1, 2].map((i) => suggestionOf(guidance, i)), ["right", "left", ""]);
  const worded = { ...guidance, texts: ["To the right!", "Left.", "hm"] };
  assert.deepEqual([0, 1, 2].map((i) => suggestionOf(worded, i)), ["To the right!", "Left.", ""]);
});

Deno.test("tokensOf() and authorOf() give nothing without a suggestion or without their columns", () => {
  const guidance = silence(2, ["left", "right"]);
  suggest(guidance, 0, 1);
  assert.deepEqual([tokensOf(guidance, 0), authorOf(guidance, 0)], [[], ""]);
  const signed = { ...guidance, tokens: [[5, 1], [7]], authors: ["first", "second"] };
  assert.deepEqual([0, 1].map((i) => tokensOf(signed, i)), [[5, 1], []]);
  assert.deepEqual([0, 1].map((i) => authorOf(signed, i)), ["first", ""]);
});

Deno.test("silenceWhere() takes a suggestion out of every column, and leaves what was given", () => {
  const given = {
    ...silence(3, ["left", "right"]),
    texts: ["Right!", "Left!", ""],
    tokens: [[1], [2], []],
    authors: ["a", "b", ""],
    note: { heard: 3 },
  };
  suggest(given, 0, 1, 0.75);
  suggest(given, 1, 0, 0.75);
  const before = structuredClone(given);
  assert.deepEqual(silenceWhere(given, (i) => i !== 1), {
    ...given,
    choices: Int32Array.of(-1, 0, -1),
    distribution: Float32Array.of(0, 0, 0.75, 0.25, 0, 0),
    logProbs: Float32Array.of(0, Math.log(0.75), 0),
    texts: ["", "Left!", ""],
    tokens: [[], [2], []],
    authors: ["", "b", ""],
  });
  assert.deepEqual(given, before);
  assert.equal(silenceWhere(given, (i) => i === 2), given, "nothing to silence");
  const plain = silenceWhere(silence(1, ["go"]), () => true);
  assert.deepEqual(Object.keys(plain).length, 5, "no column comes of nothing");
});

Deno.test("suggest() takes a confidence and shares the rest among the others", () => {
  const guidance = silence(2, ["left", "right", "stay"]);
  suggest(guidance, 1, 2, 0.5);
  assert.deepEqual([...guidance.choices], [-1, 2]);
  assert.deepEqual([...guidance.distribution], [0, 0, 0, 0.25, 0.25, 0.5]);
  assert.equal(guidance.logProbs[1], Math.fround(Math.log(0.5)));
  suggest(guidance, 1, 0);
  assert.deepEqual([...guidance.distribution.subarray(3)], [1, 0, 0]);
  assert.equal(guidance.logProbs[1], 0);
  const only = silence(1, ["go"]);
  suggest(only, 0, 0);
  assert.deepEqual([...only.distribution], [1]);
});

Deno.test("argmax() finds the first of the largest, in a part of the values", () => {
  assert.equal(argmax([1, 3, 2]), 1);
  assert.equal(argmax([2, 2]), 0);
  assert.equal(argmax([9, 1, 2, 9], 1, 2), 1);
  assert.equal(argmax([-3, -1, -2]), 1);
});

Deno.test("drawFrom() draws by cumulated probability", () => {
  const probabilities = Float32Array.of(9, 0.25, 0.5, 0.25);
  const draws = [0, 0.2499, 0.25, 0.7499, 0.75, 0.9999];
  assert.deepEqual(draws.map((u) => drawFrom(probabilities, 1, 3, u)), [0, 0, 1, 1, 2, 2]);
});

Deno.test("drawFrom() never draws the impossible, whatever the rounding", () => {
  assert.equal(drawFrom([0, 1, 0], 0, 3, 0), 1);
  assert.equal(drawFrom([0.1, 0.2, 0], 0, 3, 0.99), 1);
  assert.equal(drawFrom(Float32Array.of(0.1, 0.2, 0.7), 0, 3, 1 - 1e-16), 2);
});

Deno.test("andThen() goes on at once with a value, later with a promise", async () => {
  assert.equal(andThen(2, (n) => n + 1), 3);
  const later = andThen(Promise.resolve(2), (n) => n + 1);
  assert.ok(later instanceof Promise);
  assert.equal(await later, 3);
});
