/** The buffer of labels, and what weighs the model against what was learned. */
import assert from "node:assert/strict";
import { LabelBuffer } from "../../../../../../plugins/teacher/language_model/channels/classifier/label_buffer.ts";
import { Blend } from "../../../../../../plugins/teacher/language_model/channels/classifier/blend.ts";

const label = (k: number) => ({
  rows: Int32Array.from({ length: 1 + k % 3 }, (_, i) => k + i),
  right: k % 2 ? [k % 5] : [0, 1 + k % 5],
  all: k % 4 < 2,
  weight: 1 / (k + 1),
});

const listed = (buffer: LabelBuffer) => Array.from({ length: buffer.size }, (_, i) => buffer.at(i));

Deno.test("LabelBuffer: holds the latest labels and no more", () => {
  const buffer = new LabelBuffer(3);
  for (let k = 0; k < 2; k++) buffer.add(label(k));
  assert.deepEqual(listed(buffer), [label(0), label(1)]);
  for (let k = 2; k < 8; k++) buffer.add(label(k));
  const weights = listed(buffer).map(({ weight }) => weight).sort();
  assert.deepEqual(weights, [5, 6, 7].map((k) => label(k).weight).sort());
});

Deno.test("LabelBuffer: save and load go on exactly", () => {
  const [one, other] = [new LabelBuffer(5), new LabelBuffer(5)];
  for (let k = 0; k < 7; k++) one.add(label(k));
  other.add(label(50)); // is forgotten
  const { next, arrays } = structuredClone(one.save());
  other.load(next, arrays);
  for (const buffer of [one, other]) buffer.add(label(9));
  assert.deepEqual(listed(other), listed(one));
});

const [SURE, UNSURE] = [0.1, 3];
const even = () => Float64Array.of(0, 0);
const right = (c: number) => ({ right: [c], all: true, weight: 1 });

// p = softmax(1 * (ln 3, 0)) = (3/4, 1/4): slopes (1/4, -1/4), du = ln 3 / 4; Adagrad from 1.
Deno.test("Blend: the model's weight after one label, by hand", () => {
  const blend = new Blend();
  blend.remember(7, Float32Array.of(Math.log(3), 0));
  blend.learn(7, { z: even(), error: UNSURE }, right(0));
  const slope = Math.fround(Math.log(3)) / 4;
  const expected = 1 + 0.1 * slope / Math.sqrt(1 + slope * slope);
  assert.ok(Math.abs(blend.weights(UNSURE).model - expected) < 1e-9);
  assert.equal(blend.weights(SURE).model, 0.0625); // a bin of its own
  blend.learn(8, { z: even(), error: UNSURE }, right(1)); // nothing is remembered of it
  assert.ok(Math.abs(blend.weights(UNSURE).model - expected) < 1e-9);
});

Deno.test("Blend: a model that is wrong loses its weight, and never counts against itself", () => {
  const [wrong, knowing] = [new Blend(), new Blend()];
  for (let k = 0; k < 400; k++) {
    for (const [blend, c] of [[wrong, 1 - k % 2], [knowing, k % 2]] as const) {
      blend.remember(k, Float32Array.from([0, 1], (i) => i === c ? 2 : -2));
      blend.learn(k, { z: even(), error: UNSURE }, right(k % 2));
    }
  }
  assert.equal(wrong.weights(UNSURE).model, 0);
  assert.ok(knowing.weights(UNSURE).model > 1);
});

Deno.test("Blend: scores count by their differences alone", () => {
  const blends = [0, 5].map((shift) => {
    const blend = new Blend();
    blend.remember(1, Float32Array.of(1 + shift, shift));
    blend.learn(1, { z: even(), error: UNSURE }, right(1));
    return blend.weights(UNSURE).model;
  });
  assert.ok(Math.abs(blends[0]! - blends[1]!) < 1e-9);
});

Deno.test("Blend: what was learned wrongly loses its weight, with or without a model", () => {
  const blend = new Blend();
  const z = Float64Array.of(4, 0);
  for (let k = 0; k < 200; k++) blend.learn(k, { z, error: SURE }, right(k % 2));
  assert.ok(blend.weights(SURE).learned < 0.1);
  assert.deepEqual(blend.weights(UNSURE), { model: 1, learned: 1 });
});
