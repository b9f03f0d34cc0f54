import assert from "node:assert/strict";
import { retryAfter } from "../../../../plugins/teacher/chat/retry_after.ts";

/** 2024-10-21T12:00:00Z */
const NOW = 1_729_512_000_000;
const after = (headers: Record<string, string>) => retryAfter(new Headers(headers), () => NOW);

Deno.test("retryAfter() reads seconds, dates and milliseconds", () => {
  assert.equal(after({ "retry-after": "7" }), 7000);
  assert.equal(after({ "retry-after": "0" }), 0);
  assert.equal(after({ "retry-after": "0.5" }), 500);
  assert.equal(after({ "retry-after": "Mon, 21 Oct 2024 12:00:03 GMT" }), 3000);
  assert.equal(after({ "retry-after": "Mon, 21 Oct 2024 11:00:00 GMT" }), 0);
  assert.equal(after({ "retry-after": "2024-10-21T12:00:02Z" }), 2000);
  assert.equal(after({ "retry-after-ms": "1500" }), 1500);
  assert.equal(after({ "retry-after-ms": "1500", "retry-after": "9" }), 1500);
});

Deno.test("retryAfter() holds a date against the server's clock where it tells it", () => {
  const date = "Mon, 21 Oct 2030 12:00:00 GMT";
  assert.equal(after({ date, "retry-after": "Mon, 21 Oct 2030 12:00:03 GMT" }), 3000);
});

Deno.test("retryAfter() reads when limits are lifted", () => {
  assert.equal(after({ "x-ratelimit-reset": "12" }), 12_000);
  assert.equal(after({ "x-ratelimit-reset": `${NOW / 1000 + 5}` }), 5000);
  assert.equal(after({ "x-ratelimit-reset": `${NOW + 5000}` }), 5000);
  assert.equal(after({ "ratelimit-reset": "3" }), 3000);
  assert.equal(after({ "x-ratelimit-reset-requests": "6m0s" }), 360_000);
  assert.equal(after({ "x-ratelimit-reset-tokens": "20ms" }), 20);
  assert.equal(after({ "anthropic-ratelimit-requests-reset": "2024-10-21T12:00:30Z" }), 30_000);
  const both = { "x-ratelimit-reset-requests": "1s", "x-ratelimit-reset-tokens": "9s" };
  assert.equal(after(both), 1000);
  assert.equal(after({ ...both, "x-ratelimit-remaining-tokens": "0" }), 9000);
  assert.equal(after({ ...both, "retry-after": "2" }), 2000);
});

Deno.test("retryAfter() takes nothing else for a wait", () => {
  for (
    const value of [
      "",
      " ",
      "-1",
      "NaN",
      "Infinity",
      "1e9",
      "0x10",
      "soon",
      "2001",
      "9".repeat(400),
    ]
  ) {
    const wait = after({ "retry-after": value });
    assert.ok(wait === undefined || value === "2001" && wait === 2_001_000, value);
  }
  assert.equal(after({}), undefined);
});
