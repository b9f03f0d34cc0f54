import assert from "node:assert/strict";
import { EnvSlot } from "../../core/run/parts/env_slot.ts";
import { createContext } from "../../core/kit/context.ts";
import type { Env } from "../../core/stages/mod.ts";
import { corridor } from "../../plugins/env/corridor.ts";
import { bytesIn } from "./tensors.ts";

const make = async (options: object) =>
  await corridor(options).create(createContext({ seed: 0 }), { envs: 2 }) as Env;

/** Some methods of an env taken away. */
const without = (env: Env, ...methods: (keyof Env)[]): Env => {
  const own = new Set<PropertyKey>(methods);
  return new Proxy(env, {
    get: (target, name) => {
      const member = own.has(name) ? undefined : Reflect.get(target, name, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
};

Deno.test("EnvSlot plays the env that it was last changed to, and makes each once", async () => {
  const made: unknown[] = [];
  const env = new EnvSlot(await make({ length: 4 }), { length: 4 }, (change) => {
    made.push(change);
    return fourCells();
  });
  assert.equal(await env.change({}), false);
  assert.equal(await env.change({ length: 4 }), false);
  assert.equal(await env.change({ length: 4, other: 1 }), true);
  assert.equal(await env.change({ length: 4, other: 1 }), false);
  assert.equal(await env.change({}), true);
  assert.equal(await env.change({ length: 4, other: 1 }), true);
  assert.deepEqual(made, [{ length: 4, other: 1 }]);
});

Deno.test("EnvSlot can be saved where its env has both ways, plainly where none was ever asked for", async () => {
  const first = await make({ length: 4 });
  const slotOf = (env: Env) => new EnvSlot(env, { length: 4 }, () => env);
  assert.deepEqual(await slotOf(first).save!(), await first.save!());
  for (const method of ["save", "load"] as const) {
    const { save, load } = slotOf(without(first, method));
    assert.deepEqual([save, load], [undefined, undefined], method);
  }
});

Deno.test("EnvSlot saves which env is played, and goes on there", async () => {
  const open = async () => new EnvSlot(await make({ length: 4 }), { length: 4 }, fourCells);
  const [env, other] = [await open(), await open()];
  await env.change({ level: "b" });
  env.now.reset([3, 4]);
  const saved = await env.save!();
  const { observations, rewards } = structuredClone(seen(env.now));
  await other.load!(saved);
  assert.deepEqual(structuredClone(seen(other.now)), { observations, rewards });
  assert.equal(await other.change({ level: "b" }), false);
});

Deno.test("EnvSlot refuses an env of which stages know something else", async () => {
  const first = await make({ length: 4 });
  const env = new EnvSlot(first, { length: 4 }, (change) => make(change));
  await assert.rejects(env.change({ length: 5 }), {
    code: "E_WIRING",
    stage: "env",
    message: '"Corridor-5" cannot follow "Corridor-4" in one run: its observation differs.',
  });
  assert.equal(await env.change({}), false, "the one before is played on");
});

/** What a step of staying shows. */
function seen(env: Env) {
  const { observations, rewards } = env.step(Int32Array.of(2, 2));
  return { observations: bytesIn(observations.tensors), rewards };
}

/** A corridor of four cells, whatever is asked. */
function fourCells(): Env {
  return corridor({ length: 4 }).create(createContext({ seed: 0 }), { envs: 2 }) as Env;
}
