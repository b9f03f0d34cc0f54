import assert from "node:assert/strict";
import { createContext } from "../../core/context.ts";

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
