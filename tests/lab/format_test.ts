import assert from "node:assert/strict";
import { compact, count, duration, percent, plain, signed } from "../../lab/format.ts";

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

Deno.test("percent() has no minus zero, and a minus for what is below it", () => {
  assert.deepEqual([-0, -0.0001, -0.25, Infinity].map(percent), ["0 %", "0.0 %", "−25.0 %", "–"]);
});

Deno.test("count() separates thousands, has no minus zero and says – for nothing", () => {
  assert.deepEqual([163839.6, -0, -0.2, NaN, Infinity].map(count), ["163,840", "0", "0", "–", "–"]);
});

Deno.test("compact() has three digits and the unit that people say", () => {
  const numbers = [0, -0, 999, 999.6, 1000, 20_700, 163_840, 999_499, 999_500, 4_123_456];
  assert.deepEqual(numbers.map(compact), [
    "0",
    "0",
    "999",
    "1.00 k",
    "1.00 k",
    "20.7 k",
    "164 k",
    "999 k",
    "1.00 M",
    "4.12 M",
  ]);
  assert.deepEqual([1e9, 2.5e9, 999_999_999, 1e12, 1e15, 1e18, 1e21, -2e6, NaN].map(compact), [
    "1.00 G",
    "2.50 G",
    "1.00 G",
    "1.00 T",
    "1.00 P",
    "1.00 E",
    "1.00e21",
    "−2.00 M",
    "–",
  ]);
});

Deno.test("plain() separates thousands and keeps the digits of what is tiny", () => {
  assert.deepEqual([12345.678, 1000, 0.25, 1e-9, -0, -12345.678, 1e20, NaN, 3.14159].map(plain), [
    "12,346",
    "1,000",
    "0.25",
    "1e-9",
    "0",
    "−12,346",
    "1e20",
    "–",
    "3.142",
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
  assert.deepEqual([86_400 * 3, 1e7, -2, -0].map(duration), [
    "3 d",
    "115 d 17 h",
    "−2.0 s",
    "0 ms",
  ]);
});

Deno.test("signed() always shows the sign", () => {
  assert.deepEqual([0.12345, -1.3, 0, -0, -123.456, 12345.678, -0.0001, 1e6, NaN].map(signed), [
    "+0.123",
    "−1.300",
    "+0.000",
    "+0.000",
    "−123.5",
    "+12,346",
    "−1.0e-4",
    "+1,000,000",
    "–",
  ]);
});
