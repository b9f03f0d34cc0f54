import assert from "node:assert/strict";
import { paceText, powerText } from "../../../lab/comparison/forecast.ts";
import { pairsNeeded } from "../../../lab/statistics/power.ts";
import { climb, sampleResults } from "./sample.ts";

Deno.test("pairsNeeded() agrees with Cohen's tables, for a paired t-test at 0.05 and a power of 0.8", () => {
  assert.deepEqual([0.5, 0.8, 1, 2].map((effect) => pairsNeeded(effect, 1)), [34, 15, 10, 5]);
  assert.ok(pairsNeeded(1, 1, 0.01) > 10 && pairsNeeded(1, 1, 0.05, 0.9) > 10);
  assert.throws(() => pairsNeeded(0.1, 0), RangeError);
});

Deno.test("before it starts a comparison says what its seeds can show", () => {
  const none = (seeds: number, more = {}) =>
    powerText(sampleResults(() => undefined, { seeds, ...more })).join("\n");
  assert.match(none(5), /No primary measure is named: 3 measures stand beside each other/);
  assert.match(
    none(5),
    /5 seeds: p cannot be below 0\.0625: nothing can be claimed; 6 seeds can\./,
  );
  assert.match(none(8), /8 seeds: p cannot be below 0\.00781\.\n/);
  assert.match(none(8), /a pilot of three seeds, or by --spread/);
  const looks = { looks: [5, 9, 12], question: { primary: "final" } };
  assert.match(none(12, looks), /The primary measure is the score at the end; 1 comparison by it/);
  assert.match(none(12, looks), /; nothing can be claimed before 9\./);
  assert.match(none(8, { variants: ["alone"] }), /^There is one variant alone/);
});

Deno.test("seeds for ten points are told by the spread in the store, or by one that is stated", () => {
  const pilot = sampleResults((variant, _, seed) =>
    seed > 3 ? undefined : climb(0.5 + (variant === "alone" ? 0 : 0.2 * (seed % 2)), seed)
  );
  assert.match(
    powerText(pilot).join(),
    /takes about \d+ seeds .* at a spread of 0\.12, as the store has it/,
  );
  assert.match(
    powerText(pilot, 0.1).join(),
    /takes about 10 seeds .* at a spread of 0\.1, as stated/,
  );
});

Deno.test("how long a plan takes is told to the first look and at most", () => {
  const text = paceText({ first: [60, 60], most: [60, 60, 60, 7020] }, 2, "as measured");
  assert.equal(
    text.replaceAll("\u00a0", " "),
    "To run: 2 trials, 2 min on one core, 1 min on 2 to the first look; " +
      "at most 4 trials, 2 hours on one core, 1 h on 2 (as measured).",
  );
});
