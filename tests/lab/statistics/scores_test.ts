import assert from "node:assert/strict";
import { Pcg64 } from "../../../core/kit/random.ts";
import { pairedBootstrap, stratifiedBootstrap } from "../../../lab/statistics/bootstrap.ts";
import { interquartileMean, mean } from "../../../lab/statistics/sample.ts";
import {
  AGGREGATES,
  optimalityGap,
  performanceProfile,
  probabilityOfImprovement,
  scoreTable,
} from "../../../lab/statistics/scores.ts";
import { golden, near } from "./golden.ts";

const { A, B, aggregates } = golden;

Deno.test("aggregates agree with rliable's definitions", () => {
  for (const name of ["iqm", "mean", "median", "optimalityGap"] as const) {
    near(AGGREGATES[name](A), aggregates[name], name);
  }
  near(optimalityGap(A, 0.9), aggregates.gap09);
  near(probabilityOfImprovement(A, B), golden.improvement);
  const [taus, shares] = golden.profile;
  near(performanceProfile(A, taus!), shares!);
});

Deno.test("stratified bootstrap intervals equal NumPy's, draw for draw", () => {
  const found = stratifiedBootstrap(
    [A, B],
    ([a, b]) => [
      interquartileMean(a!.flat()),
      mean(a!.map((row) => mean(row))) - mean(b!.map((row) => mean(row))),
    ],
    { random: new Pcg64(7), draws: 400 },
  );
  near(found.flat(), golden.bootstrap.flat());
});

Deno.test("paired bootstrap keeps what belongs together, draw for draw as NumPy", () => {
  const rows = golden.X.map((x, i) => [x, golden.Y[i]!] as const);
  const difference = (drawn: typeof rows) => [mean(drawn.map(([x, y]) => x - y))];
  const options = { random: new Pcg64(3), draws: 300, confidence: 0.9 };
  near(
    pairedBootstrap(rows, (drawn) => difference([...drawn]), options)[0]!,
    golden.pairedBootstrap,
  );
  const same = golden.X.map((x) => [x, x - 0.25] as const);
  const [interval] = pairedBootstrap(same, (drawn) => difference([...drawn]), options);
  near(interval!, [0.25, 0.25]);
});

Deno.test("scoreTable() names swapped axes and missing scores", () => {
  const seeds = [0, 1, 2];
  assert.throws(() => scoreTable(["A", "B"], seeds, [[1, 2], [1, 2], [1, 2]]), /axes are swapped/);
  assert.throws(() => scoreTable(["A", "B"], seeds, [[1, 2, 3], [1, 2]]), /Scores are missing/);
  assert.throws(() => scoreTable(["A"], seeds, [[1, NaN, 3]]), /score of A, seed 1, is "NaN"/);
  assert.deepEqual(scoreTable(["A"], seeds, [[1, 2, 3]]).scores, [[1, 2, 3]]);
});
