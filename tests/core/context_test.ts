import assert from "node:assert/strict";
import { createContext, scopedContext, systemClock } from "../../core/kit/context.ts";

Deno.test("createContext() needs a seed and has defaults for the rest", () => {
  const context = createContext({ seed: 3 });
  assert.equal(context.seed, 3);
  assert.equal(context.device, "auto");
  assert.equal(context.signal.aborted, false);
  assert.ok(context.clock.now() <= context.clock.now());
  context.emit({ type: "run.stopped", iteration: 0 });
});

Deno.test("createContext() gives the same stream for the same seed and name, and another for another", () => {
  const draw = (seed: number, name: string) => createContext({ seed }).random(name).random();
  const draws = [draw(0, "env"), draw(0, "teacher"), draw(1, "env"), draw(1, "teacher")];
  assert.equal(new Set(draws).size, 4);
  assert.equal(draw(0, "env"), draws[0]);
});

Deno.test("createContext() starts a stream anew each time it is asked for", () => {
  const context = createContext({ seed: 0 });
  assert.equal(context.random("env").random(), context.random("env").random());
});

Deno.test("scopedContext() has streams of its own and shares the rest", () => {
  const context = createContext({ seed: 0 });
  const [one, other] = [scopedContext(context, "a"), scopedContext(context, "b")];
  const draws = [context, one, other].map((each) => each.random("teacher").random());
  assert.equal(new Set(draws).size, 3);
  assert.equal(scopedContext(context, "a").random("teacher").random(), draws[1]);
  assert.equal(one.clock, context.clock);
  assert.equal(one.seed, 0);
});

Deno.test("systemClock sleeps as long as it is told", async () => {
  const started = systemClock.now();
  await systemClock.sleep(20);
  assert.ok(systemClock.now() - started >= 18);
});

Deno.test("systemClock lets timers and messages have their turn in sleeps of 0", async () => {
  const { port1, port2 } = new MessageChannel();
  let [timed, heard] = [0, 0];
  const timer = setInterval(() => timed++, 5);
  port2.onmessage = () => heard++;
  port1.postMessage("first");
  const end = systemClock.now() + 60_000; // a bound, where one of them starves
  while ((timed < 2 || heard < 2) && systemClock.now() < end) {
    if (heard === 1) port1.postMessage("second");
    await systemClock.sleep(0);
  }
  clearInterval(timer);
  port1.close();
  port2.close();
  assert.ok(timed >= 2 && heard >= 2);
});

Deno.test("systemClock wakes at an abort, before or during sleep, and leaves no timer", async () => {
  const stop = new AbortController();
  const started = systemClock.now();
  const sleeping = systemClock.sleep(60_000, stop.signal);
  stop.abort();
  await sleeping;
  await systemClock.sleep(60_000, stop.signal);
  assert.ok(systemClock.now() - started < 5_000);
});
