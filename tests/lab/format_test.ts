import assert from "node:assert/strict";
import { compact, count, duration, percent, signed } from "../../lab/format.ts";

Deno.test("percent() keeps three digits and says – for nothing", () => {
  assert.deepEqual([0, 0.0042, 0.587, 0.9994, 0.9996, 1].map(percent), [
    "0 %",
    "0.4 %",
    "58.7 %",
    "99.9 %",
    "100 %",
    "100 %",
  ]);
  assert.deepEqual([null, undefined, NaN].map(percent), ["–", "–", "–"]);
});

Deno.test("count() separates thousands", () => assert.equal(count(163839.6), "163,840"));

Deno.test("compact() needs at most five characters", () => {
  assert.deepEqual([0, 999, 1000, 20_700, 163_840, 999_499, 999_500, 4_123_456].map(compact), [
    "0",
    "999",
    "1.00k",
    "20.7k",
    "164k",
    "999k",
    "1.00M",
    "4.12M",
  ]);
});

Deno.test("duration() names the two units that matter", () => {
  assert.deepEqual([0.0284, 0.5, 9.94, 9.96, 59.6, 84, 3599.7, 7265, Infinity].map(duration), [
    "28 ms",
    "0.5 s",
    "9.9 s",
    "10 s",
    "1 min",
    "1 min 24 s",
    "1 h",
    "2 h 1 min",
    "–",
  ]);
});

Deno.test("signed() always shows the sign", () => {
  assert.deepEqual([0.12345, -1.3, 0, -123.456, NaN].map(signed), [
    "+0.123",
    "−1.300",
    "+0.000",
    "−123.5",
    "–",
  ]);
});
