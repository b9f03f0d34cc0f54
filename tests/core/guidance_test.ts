import assert from "node:assert/strict";
import { andThen, argmax, ArrayGuidance, drawFrom } from "../../core/kit/guidance.ts";

Deno.test("ArrayGuidance starts as silence", () => {
  const silence = new ArrayGuidance(2, ["left", "right"]);
  assert.deepEqual([...silence.choices], [-1, -1]);
  assert.deepEqual([...silence.distribution], [0, 0, 0, 0]);
  assert.deepEqual([...silence.logProbs], [0, 0]);
  assert.equal(silence.text(0), "");
  assert.equal(silence.tokens(0).length, 0);
});

Deno.test("ArrayGuidance tells the suggestion in words", () => {
  const guidance = new ArrayGuidance(2, ["left", "right"]);
  guidance.choices.set([1, 0]);
  assert.deepEqual([guidance.text(0), guidance.text(1)], ["right", "left"]);
});

Deno.test("ArrayGuidance suggests with a confidence and shares the rest among the others", () => {
  const guidance = new ArrayGuidance(2, ["left", "right", "stay"]);
  guidance.suggest(1, 2, 0.5);
  assert.deepEqual([...guidance.choices], [-1, 2]);
  assert.deepEqual([...guidance.distribution], [0, 0, 0, 0.25, 0.25, 0.5]);
  assert.equal(guidance.logProbs[1], Math.fround(Math.log(0.5)));
  guidance.suggest(1, 0);
  assert.deepEqual([...guidance.distribution.subarray(3)], [1, 0, 0]);
  assert.equal(guidance.logProbs[1], 0);
  const only = new ArrayGuidance(1, ["go"]);
  only.suggest(0, 0);
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
