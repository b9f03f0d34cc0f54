import assert from "node:assert/strict";
import { compareLedgers, ledgerEntries } from "../../lab/ledger.ts";
import { row } from "./sample.ts";

const ROWS = [
  row({ step: 0, advantage: 0.5, before: 0.25 }),
  row({ step: 1, guidance: "turn left", verdict: "negative", advantage: 0.25, before: 0.5 }),
  row({ step: 2, guidance: null }),
];

Deno.test("the ledger tells of each suggestion what was said next", () => {
  const entries = ledgerEntries(ROWS).map((
    { suggestion, change, verdict, next },
  ) => [suggestion, change, verdict, next]);
  assert.deepEqual(entries, [
    ["go forward", 0.25, "positive", "turn left"],
    ["turn left", -0.25, "negative", null],
    [null, 0.1, "positive", null],
  ]);
});

Deno.test("a replayed ledger is the same, or parts at a row and a column", () => {
  const kept = JSON.parse(JSON.stringify(ROWS));
  const replayed = ROWS.map((each) => ({ ...each, snapshot: undefined }));
  assert.deepEqual(compareLedgers(kept, replayed), { same: 3, total: 3, difference: undefined });
  const other = ROWS.with(1, { ...ROWS[1]!, advantage: 0.2500001 });
  assert.deepEqual(compareLedgers(kept, other), {
    same: 1,
    total: 3,
    difference: { iteration: 1, step: 1, what: "advantage", recorded: 0.25, replayed: 0.2500001 },
  });
  const { same, total, difference } = compareLedgers(kept, ROWS.slice(0, 2));
  assert.deepEqual([same, total, difference?.what], [2, 3, "row"]);
});
