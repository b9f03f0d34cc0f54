import assert from "node:assert/strict";
import {
  descend,
  SoftmaxRegression,
} from "../../../../../../plugins/teacher/language_model/channels/classifier/softmax_regression.ts";

const near = (actual: ArrayLike<number>, expected: readonly number[]) => {
  assert.equal(actual.length, expected.length);
  for (const [k, value] of expected.entries()) {
    assert.ok(
      Math.abs(actual[k]! - value) < 1e-12,
      `${[...Array.from(actual)]} is not ${expected}`,
    );
  }
};

const fresh = (candidates: number, rows: number) => {
  const model = new SoftmaxRegression({ candidates, rate: 0.3 });
  model.grow(rows);
  return model;
};

// p = (1/3, 1/3, 1/3); two of three are right: q - p = (1/6, 1/6, -1/3), times 2.
Deno.test("SoftmaxRegression: one step toward a set of right candidates, by hand", () => {
  const model = fresh(3, 4);
  model.step({ rows: [0, 2], right: [0, 1], all: true, weight: 2 });
  const step = (g: number) => 0.3 * g / Math.sqrt(0.01 + g * g);
  const [up, down] = [step(1 / 3), step(-2 / 3)];
  near(model.logits([0]), [up, up, down]);
  near(model.logits([0, 2]), [2 * up, 2 * up, 2 * down]);
  near(model.logits([1, 3]), [0, 0, 0]);
});

// z = (ln 2, 0, 0): p = (1/2, 1/4, 1/4).
Deno.test("descend(): the losses of the table, by hand", () => {
  const slopes = (right: number[], all: boolean, weight = 1) =>
    descend(Float64Array.from([Math.log(2), 0, 0]), { right, all, weight });
  near(slopes([0], true), [1 / 2, -1 / 4, -1 / 4]);
  near(slopes([0, 1], true), [0, 1 / 4, -1 / 4]);
  near(slopes([1, 2], false), [-1 / 2, 1 / 4, 1 / 4]); // the first is blamed
  near(slopes([0, 1], false), [1 / 6, 1 / 12, -1 / 4]);
  near(slopes([1, 2], false, 3), [-3 / 2, 3 / 4, 3 / 4]);
});

Deno.test("descend(): is the gradient of the losses, by differences", () => {
  const z = [0.3, -1.2, 0.7, 2];
  const loss = (z: readonly number[], right: readonly number[], all: boolean) => {
    const sum = z.reduce((sum, value) => sum + Math.exp(value), 0);
    const p = z.map((value) => Math.exp(value) / sum);
    return all
      ? -right.reduce((sum, c) => sum + Math.log(p[c]!), 0) / right.length
      : -Math.log(right.reduce((sum, c) => sum + p[c]!, 0));
  };
  for (const right of [[1], [0, 3], [0, 1, 2]]) {
    for (const all of [true, false]) {
      const slopes = descend(Float64Array.from(z), { right, all, weight: 1 });
      for (const c of z.keys()) {
        const moved = (by: number) => z.map((value, k) => k === c ? value + by : value);
        const slope = (loss(moved(1e-6), right, all) - loss(moved(-1e-6), right, all)) / 2e-6;
        assert.ok(Math.abs(slopes[c]! + slope) < 1e-8, `${right} ${all} ${c}`);
      }
      assert.ok(Math.abs(slopes.reduce((sum, slope) => sum + slope)) < 1e-12);
    }
  }
});

// Two candidates, p = 1/2: a label of weight 2 adds 2 / 4 to the precision of 1.
Deno.test("SoftmaxRegression: standard errors fall with labels, by hand", () => {
  const model = fresh(2, 2);
  near(model.errors([0]), [1, 1]);
  near(model.errors([0, 1], 2), [2, 2]);
  model.count([0], 2);
  near(model.errors([0]), [Math.sqrt(1 / 1.5), Math.sqrt(1 / 1.5)]);
  near(model.errors([0, 1]), [Math.sqrt(1 / 1.5 + 1), Math.sqrt(1 / 1.5 + 1)]);
});

Deno.test("SoftmaxRegression: learns which of two features asks for which candidate", () => {
  const model = fresh(3, 3);
  for (let k = 0; k < 200; k++) {
    model.step({ rows: [k % 2, 2], right: [k % 2], all: true, weight: 1 });
  }
  const [first, second] = [model.logits([0, 2]), model.logits([1, 2])];
  assert.ok(first[0]! > first[1]! + 2 && second[1]! > second[0]! + 2);
  assert.ok(first[2]! < first[0]! - 2);
});

Deno.test("SoftmaxRegression: who is blamed falls to no end of others, and then is let alone", () => {
  const model = fresh(3, 1);
  for (let k = 0; k < 2000; k++) model.step({ rows: [0], right: [1, 2], all: false, weight: 1 });
  const [blamed, ...others] = model.logits([0]);
  assert.ok(blamed! < others[0]! - 3);
  assert.ok(others.every((other) => Math.abs(other) < 20));
  near(others, [others[0]!, others[0]!]);
});
