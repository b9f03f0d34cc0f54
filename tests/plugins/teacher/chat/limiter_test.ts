import assert from "node:assert/strict";
import type { Clock } from "../../../../core/kit/context.ts";
import { backoff, RateLimiter } from "../../../../plugins/teacher/chat/limiter.ts";

Deno.test("backoff() doubles up to a minute and draws half of the wait", () => {
  assert.deepEqual([0, 1, 2, 3].map((attempt) => backoff(attempt, 500, 1)), [
    500,
    1000,
    2000,
    4000,
  ]);
  assert.equal(backoff(2, 500, 0), 1000);
  assert.equal(backoff(30, 500, 1), 60_000);
});

Deno.test("RateLimiter spaces requests evenly and forgets what was not used", async () => {
  let time = 0;
  const slept: number[] = [];
  const clock: Clock = {
    now: () => time,
    sleep: (milliseconds) => (slept.push(milliseconds), Promise.resolve()),
  };
  const limiter = new RateLimiter(clock, 120);
  const { signal } = new AbortController();
  await Promise.all([limiter.turn(signal), limiter.turn(signal), limiter.turn(signal)]);
  assert.deepEqual(slept, [500, 1000]);
  time = 10_000;
  await limiter.turn(signal);
  await limiter.turn(signal);
  assert.deepEqual(slept, [500, 1000, 500]);
});

Deno.test("RateLimiter without a limit never waits", async () => {
  const clock: Clock = { now: () => 0, sleep: () => Promise.reject(new Error("waited")) };
  const limiter = new RateLimiter(clock, 0);
  for (let t = 0; t < 10; t++) await limiter.turn(new AbortController().signal);
});
