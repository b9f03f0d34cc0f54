import assert from "node:assert/strict";
import {
  deviation,
  interquartileMean,
  mean,
  median,
  quantile,
  ranks,
  variance,
} from "../../../lab/statistics/sample.ts";
import { golden, near } from "./golden.ts";

Deno.test("mean, variance and median of a table computed by hand", () => {
  const values = [2, 4, 4, 4, 5, 5, 7, 9];
  assert.equal(mean(values), 5);
  near(variance(values), 32 / 7);
  near(deviation(values), Math.sqrt(32 / 7));
  assert.equal(median(values), 4.5);
  assert.equal(median([3, 1, 2]), 2);
});

Deno.test("an empty sample has no mean, and one value has no variance", () => {
  assert.ok(Number.isNaN(mean([])));
  assert.ok(Number.isNaN(quantile([], 0.5)));
  assert.ok(Number.isNaN(variance([1])));
});

Deno.test("quantiles and ranks agree with NumPy and SciPy", () => {
  for (const [p, value] of golden.quantile) near(quantile(golden.X, p!), value!, `${p}`);
  const [values, expected] = golden.ranks;
  assert.deepEqual(ranks(values!), expected);
});

Deno.test("the interquartile mean is SciPy's trimmed mean", () => {
  for (const [values, expected] of golden.iqm) {
    near(interquartileMean(values as number[]), expected as number);
  }
});
