import assert from "node:assert/strict";
import { type BenchRun, ratiosOf, ratioTable } from "../../bench/ratios.ts";

/** Runs of one bench, each so many milliseconds on average. */
function runs(name: string, ...milliseconds: number[]): BenchRun[] {
  return milliseconds.map((time) => ({
    benches: [{
      name,
      results: [{ ok: { avg: 1e6 * time, min: 0.9e6 * time, p75: 1.1e6 * time } }],
    }],
  }));
}

Deno.test("a ratio is paired run by run: what slows both changes nothing", () => {
  const [ratio] = ratiosOf(runs("x", 10, 20, 40), runs("x", 5, 10, 20));
  assert.ok(Math.abs(ratio!.ratio - 0.5) < 1e-12);
  assert.deepEqual([ratio!.a, ratio!.b], [20, 10]);
  assert.ok(ratio!.spread.every((end) => Math.abs(end - 0.5) < 1e-9));
});

Deno.test("a ratio's spread is a t interval of its logarithm", () => {
  const e = Math.E;
  const [ratio] = ratiosOf(runs("x", 1, 1, 1), runs("x", 1, e, e ** 2));
  // Logarithms 0 1 2: mean 1, standard error 0.577, t(2) = 4.303.
  assert.deepEqual(ratio!.spread.map((end) => Math.log(end).toFixed(3)), ["-1.484", "3.484"]);
});

Deno.test("single runs give the extremes that their quartiles allow", () => {
  const [ratio] = ratiosOf(runs("x", 10), runs("x", 20));
  assert.deepEqual(ratio!.spread.map((end) => end.toFixed(3)), ["1.636", "2.444"]);
});

Deno.test("benches that only one side has, or that failed, are left out", () => {
  const failed: BenchRun = { benches: [{ name: "z", results: [{}] }] };
  assert.deepEqual(ratiosOf(runs("x", 1), runs("y", 1)), []);
  assert.deepEqual(ratiosOf([failed], [failed]), []);
});

Deno.test("the table says faster or slower only where the interval does", () => {
  const table = ratioTable(ratiosOf(
    [...runs("a", 10, 10.1), ...runs("b", 10, 11)],
    [...runs("a", 20, 20.1), ...runs("b", 11, 10)],
  ));
  const [, , a, b] = table.split("\n");
  assert.match(a!, /^\| a \| 10.05 \| 20.05 \| 1.99\d \| .* \| slower \|$/);
  assert.ok(b!.endsWith("|  |"));
});
