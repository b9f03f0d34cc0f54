import assert from "node:assert/strict";
import { createContext } from "../../core/kit/context.ts";
import type { Stateful } from "../../core/stages/mod.ts";
import { StageScope } from "../../core/run/stage_scope.ts";
import { stageOf } from "./stubs.ts";

const WIRING = { env: { envs: 1 }, candidates: [] } as never;

/** A scope with three stages in it, and the names of those that were disposed of. */
async function opened() {
  const gone: string[] = [];
  const scope = new StageScope(createContext({ seed: 0 }), {});
  const made: Stateful[] = [];
  for (const name of ["a", "b", "c"]) {
    const stage = stageOf("extra", () => ({ dispose: () => void gone.push(name) }));
    made.push(await scope.make(stage, WIRING));
  }
  return { scope, made, gone };
}

Deno.test("a scope disposes of what it made once, the last first", async () => {
  const { scope, gone } = await opened();
  await scope.empty();
  await scope.empty();
  assert.deepEqual(gone, ["c", "b", "a"]);
});

Deno.test("a scope disposes of what is discarded at once, and not again", async () => {
  for (const [at, order] of ["acb", "bca", "cba"].entries()) {
    const { scope, made, gone } = await opened();
    await scope.discard(made[at]!);
    await scope.empty();
    assert.deepEqual(gone.join(""), order);
  }
});

Deno.test("a scope disposes of what it did not make, and keeps its own", async () => {
  const { scope, gone } = await opened();
  await scope.discard({ dispose: () => void gone.push("other") });
  assert.deepEqual(gone, ["other"]);
  await scope.empty();
  assert.deepEqual(gone, ["other", "c", "b", "a"]);
});
