import assert from "node:assert/strict";
import { createContext } from "../../core/kit/context.ts";
import type { Stateful } from "../../core/stages/mod.ts";
import { Workshop } from "../../core/run/stage_scope.ts";
import { stageOf } from "./stubs.ts";

const WIRING = { env: { envs: 1 }, candidates: [] } as never;

/** A workshop with three stages in it, and the names of those that were disposed of. */
async function opened() {
  const gone: string[] = [];
  const workshop = new Workshop(createContext({ seed: 0 }), {});
  const made: Stateful[] = [];
  for (const name of ["a", "b", "c"]) {
    const stage = stageOf("extra", () => ({ dispose: () => void gone.push(name) }));
    made.push(await workshop.make(stage, WIRING));
  }
  return { workshop, made, gone };
}

Deno.test("a workshop disposes of what it made once, the last first", async () => {
  const { workshop, gone } = await opened();
  await workshop.empty();
  await workshop.empty();
  assert.deepEqual(gone, ["c", "b", "a"]);
});

Deno.test("a workshop disposes of what is discarded at once, and not again", async () => {
  for (const [at, order] of ["acb", "bca", "cba"].entries()) {
    const { workshop, made, gone } = await opened();
    await workshop.discard(made[at]!);
    await workshop.empty();
    assert.deepEqual(gone.join(""), order);
  }
});

Deno.test("a workshop disposes of what it did not make, and keeps its own", async () => {
  const { workshop, gone } = await opened();
  await workshop.discard({ dispose: () => void gone.push("other") });
  assert.deepEqual(gone, ["other"]);
  await workshop.empty();
  assert.deepEqual(gone, ["other", "c", "b", "a"]);
});
