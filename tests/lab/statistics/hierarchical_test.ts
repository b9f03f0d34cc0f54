import assert from "node:assert/strict";
import { Pcg64 } from "../../../core/kit/random.ts";
import { pairedBootstrap } from "../../../lab/statistics/bootstrap.ts";
import { hierarchicalBootstrap } from "../../../lab/statistics/hierarchical.ts";
import golden from "../../fixtures/hierarchical_bootstrap.json" with { type: "json" };

Deno.test("hierarchicalBootstrap() comes to NumPy's intervals of plain resampling", () => {
  for (const { seeds, ci95 } of golden.cases) {
    const random = new Pcg64(1);
    const found = hierarchicalBootstrap(seeds, { random, draws: 100_000 });
    // Means of a few worlds lie on a grid, and an end may fall on the place beside.
    const step = seeds[0]![0]!.scale / (seeds.length * seeds[0]![0]!.x.length);
    for (const [i, end] of found.entries()) {
      assert.ok(Math.abs(end - ci95[i]!) <= step + 0.001, `${end} is not ${ci95[i]}`);
    }
  }
});

Deno.test("hierarchicalBootstrap() is wider than seeds alone where worlds are few, and about as wide where many", () => {
  const width = ([low, high]: readonly [number, number]) => high - low;
  const widths = (worlds: number) => {
    const data = new Pcg64(5);
    const draw = (p: number) =>
      Array.from({ length: worlds }, () => data.random() < p ? "1" : "0").join("");
    const seeds = Array.from({ length: 8 }, (_, s) => {
      return { x: draw(0.5 + 0.05 * (s % 4)), y: draw(0.4), scale: 1 };
    });
    const share = (text: string) => text.split("1").length - 1;
    const rows = seeds.map(({ x, y }) => (share(x) - share(y)) / worlds);
    const mean = (drawn: readonly number[]) => drawn.reduce((a, b) => a + b, 0) / drawn.length;
    const [alone] = pairedBootstrap(rows, (drawn) => [mean(drawn)], { random: new Pcg64(0) });
    const nested = seeds.map((worlds) => [worlds]);
    return [width(hierarchicalBootstrap(nested, { random: new Pcg64(0) })), width(alone!)] as const;
  };
  const [few, seedsOfFew] = widths(10);
  assert.ok(few > 1.2 * seedsOfFew, `${few} against ${seedsOfFew}`);
  // Beyond a thousand worlds the sum is drawn from the normal distribution.
  const [many, seedsOfMany] = widths(5000);
  assert.ok(many >= 0.95 * seedsOfMany && many < 1.1 * seedsOfMany, `${many}, ${seedsOfMany}`);
});

Deno.test("hierarchicalBootstrap() refuses worlds that are not paired", () => {
  for (const [x, y] of [["11", "1"], ["", ""]] as const) {
    assert.throws(
      () => hierarchicalBootstrap([[{ x, y, scale: 1 }]], { random: new Pcg64(0) }),
      RangeError,
    );
  }
});
